import type { By } from "../core/actor.ts";
import { type Clock, SKEW_MS } from "../core/clock.ts";
import { JobNotFoundError } from "../core/errors.ts";
import { isId } from "../core/id.ts";
import type { Attempt, Job } from "../core/job.ts";
import type { Holds, Sought } from "../core/job-content.ts";
import { textOf } from "../core/options.ts";
import type {
  AttemptPage,
  Changed,
  Group,
  JobFilter,
  JobPage,
  Page,
  SiftedPage,
} from "../store/job-records.ts";
import { listJobs } from "../store/list-jobs.ts";
import type { Call } from "../store/shelves/tables/session.ts";
import type { Store } from "../store/store.ts";
import { Audit, type AuditedAct } from "./audit/audit.ts";
import {
  checkAttemptPage,
  checkJobFilter,
  checkJobId,
  checkPage,
  FIRST_PAGE,
  runningAt,
} from "./job-queries.ts";
import { JobSearch } from "./job-search.ts";
import { cancelRefusal, rerunRefusal } from "./refusals.ts";
import { rerunOrRunNow } from "./rerun.ts";

type Change = (now: number, audit: Call<unknown>) => Promise<Changed | undefined>;
type StoreOfJobs = Pick<Store, "records" | "events" | "bulkJobs" | "groups" | "byHand" | "audit">;

/**
 * Looks jobs up and changes them by hand in the database alone: processes that work on it notice within a second.
 * @throws JobNotFoundError from every method that takes a job's id and returns a promise, when no job has the id.
 * @throws InvalidInputError from every method, naming what is unknown or has the wrong type.
 * @throws StoreUnavailableError from every method, when the database does not answer.
 */
export class StoredJobs {
  readonly #store: StoreOfJobs;
  readonly #search: JobSearch;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(store: StoreOfJobs, clock: Clock, audit = new Audit({ shelf: store.audit, clock })) {
    this.#store = store;
    this.#search = new JobSearch(store);
    this.#clock = clock;
    this.#audit = audit;
  }

  /** The job as it is now. */
  async get(id: string): Promise<Job> {
    const job = isId("job", checkJobId(id)) ? await this.#store.records.get(id) : undefined;
    if (!job) throw new JobNotFoundError(id);
    return job;
  }

  /** The job's input as it was written; empty where it delivers an event. @throws JobNotFoundError */
  async input(id: string): Promise<string> {
    const text = isId("job", checkJobId(id)) ? await this.#store.records.input(id) : undefined;
    if (text === undefined) throw new JobNotFoundError(id);
    return text;
  }

  /**
   * Lists jobs, newest first, searching as far back as it takes to fill the page.
   * @param page default: the newest 50. For the next page, give the last job's id as `before`.
   * @example
   * const older = await jobs.list({ tasks: ["send-receipt"] }, { limit: 50, before: lastId });
   */
  async list(filter: JobFilter = {}, page: Page = FIRST_PAGE): Promise<Job[]> {
    checkJobFilter(filter);
    checkPage(page);
    return isInNoDatabase(filter)
      ? []
      : listJobs(this.#store.records, runningAt(this.#clock.now(), filter), page);
  }

  /**
   * Like `list`, but searches a few thousand jobs at most, so a page may hold few jobs, or none, although more match.
   * @param page default: the newest 50. To go on where `searchedTo` is not null, give its id as `before`.
   * @example
   * const { jobs: found, searchedTo } = await jobs.page({ status: "failed" }, { limit: 50 });
   */
  async page(filter: JobFilter = {}, page: Page = FIRST_PAGE): Promise<JobPage> {
    checkJobFilter(filter);
    checkPage(page);
    if (isInNoDatabase(filter)) return { jobs: [], searchedTo: null };
    return this.#store.records.list(runningAt(this.#clock.now(), filter), page);
  }

  /**
   * Like `page`, of the jobs whose content holds what is looked for; a page takes about half a second at most, and two are made at once.
   * @param sought a function that tells of contents keeps the process busy with each, a few at a time.
   * @throws OverloadedError when too many wait for their turn.
   */
  async search(filter: JobFilter, page: Page, sought: Sought | Holds): Promise<SiftedPage> {
    checkJobFilter(filter);
    checkPage(page);
    if (isInNoDatabase(filter)) return { jobs: [], places: [], lookedAt: 0, searchedTo: null };
    return this.#search.page(runningAt(this.#clock.now(), filter), page, sought);
  }

  /** Like `list`, of the jobs whose content holds what is looked for. @throws OverloadedError when too many wait for their turn. */
  async listHolding(filter: JobFilter, page: Page, sought: Sought): Promise<Job[]> {
    const jobs: Job[] = [];
    for (let before = page.before; ; ) {
      const rest = { limit: page.limit - jobs.length, ...(before !== undefined && { before }) };
      const { jobs: found, searchedTo } = await this.search(filter, rest, sought);
      jobs.push(...found);
      if (searchedTo === null) return jobs;
      before = searchedTo.id;
    }
  }

  /**
   * The newest job in a lane of each of these events, by the event's id: two looks for up to 500 of them.
   * @param since when the first of the events was made.
   */
  async delivering(
    lane: string,
    events: readonly string[],
    since: number,
  ): Promise<ReadonlyMap<string, Job>> {
    if (events.length === 0) return new Map();
    const { bulkJobs, records } = this.#store;
    // another machine, whose clock is behind, may have created it
    const found = await bulkJobs.delivering(lane, events, since - SKEW_MS);
    const newest = new Map(found.map(({ event, id }) => [event, id])); // oldest first
    if (newest.size === 0) return new Map();
    const jobs = await listJobs(records, { ids: [...newest.values()] }, { limit: newest.size });
    return new Map(jobs.map((job) => [job.origin?.event ?? "", job]));
  }

  /**
   * Newest first.
   * @param page default: the last 50.
   */
  async attempts(id: string, page: AttemptPage = FIRST_PAGE): Promise<Attempt[]> {
    checkAttemptPage(page);
    await this.get(id);
    return this.#store.records.attempts(id, page);
  }

  /**
   * Queues a failed or cancelled job again, with its full number of attempts. A job that is queued for later, for example because a
   * receiver asked for a long pause, becomes due now, and its attempts so far still count.
   * @throws JobStateError when it is running or has succeeded, or when a live job has its key.
   */
  async rerun(id: string, by?: By): Promise<void> {
    await this.#queue(id, by, (now, audit) => rerunOrRunNow(this.#store.byHand, id, now, audit));
  }

  /** @deprecated The old name of `rerun`, for failed and cancelled jobs only. */
  async retry(id: string, by?: By): Promise<void> {
    await this.#queue(id, by, (now, audit) => this.#store.byHand.rerun(id, now, audit));
  }

  async #queue(id: string, by: By | undefined, change: Change): Promise<void> {
    const act = this.#act(await this.get(id), by, "job.rerun");
    const refusal = rerunRefusal(await this.#changed(id, (now) => change(now, act.row)));
    if (refusal) throw refusal;
    act.done();
  }

  /**
   * Cancels a queued or running job. A running handler's signal is aborted, and what it still does is not recorded.
   * @throws JobStateError when it has ended already.
   */
  async cancel(id: string, by?: By): Promise<void> {
    const job = await this.get(id);
    const act = this.#act(job, by, "job.cancel");
    const done = await this.#changed(id, (now) => this.#store.byHand.cancel(id, now, act.row));
    const refusal = cancelRefusal(done);
    if (refusal) throw refusal;
    act.done();
    this.cancelled(job);
  }

  /** Called with what `cancel` has ended, as it was before. */
  protected cancelled(_: Job): void {}

  /** The state of a group's jobs; undefined if there is no such group, or it was pruned. */
  async group(groupId: string): Promise<Group | undefined> {
    return isId("grp", textOf(groupId, ["groupId"])) ? this.#store.groups.get(groupId) : undefined;
  }

  #act({ id, origin }: Job, by: By | undefined, action: "job.rerun" | "job.cancel"): AuditedAct {
    const change = origin?.event === undefined ? {} : { event: [null, origin.event] as const };
    return this.#audit.act(by, { action, target: id, tenant: origin?.tenant ?? null, change });
  }

  async #changed(id: string, change: (now: number) => Promise<Changed | undefined>): Promise<Changed> {
    const done = isId("job", checkJobId(id)) ? await change(this.#clock.now()) : undefined;
    if (!done) throw new JobNotFoundError(id);
    return done;
  }
}

/** No job has such a name, and PostgreSQL refuses a query for it. */
function isInNoDatabase({ tasks = [], lane = "" }: JobFilter): boolean {
  return [...tasks, lane].some((name) => name.includes("\0"));
}
