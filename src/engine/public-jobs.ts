import type { By } from "../core/actor.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import { type FieldProblem, InvalidInputError } from "../core/errors.ts";
import type { Job, JobStatus } from "../core/job.ts";
import type { Sought } from "../core/job-content.ts";
import { collectProblems, instantOf, refuseOther } from "../core/options.ts";
import type { AttemptClass } from "../core/outcome.ts";
import type { PublicJob, PublicRequest, PublicStanding } from "../core/public-job.ts";
import type { AttemptPage, JobFilter, Page, Waiting } from "../store/job-records.ts";
import { FIRST_PAGE, soughtOf } from "./job-queries.ts";
import type { Jobs } from "./jobs.ts";
import {
  type JobDestination,
  type PublicAttempt,
  type PublicGroup,
  publicAttempt,
  publicGroup,
  publicJob,
  publicStanding,
} from "./public-job.ts";

/** Which jobs to list: those that meet every given condition. */
export interface PublicJobFilter {
  /** Jobs of any of these tasks, by name. */
  readonly tasks?: readonly string[];
  readonly lane?: string;
  /** One, or any of several. */
  readonly status?: JobStatus | readonly JobStatus[];
  /** Created at or after this time: a Date, or RFC 3339. */
  readonly createdFrom?: Date | string;
  /** Created before. */
  readonly createdBefore?: Date | string;
  /** Jobs of the tenant with this id. */
  readonly tenant?: string;
  /** Deliveries of the event with this id. */
  readonly event?: string;
  /** Of tenants of this mode. */
  readonly mode?: "live" | "test";
  /** Created, re-queued, made due or cancelled by the bulk run with this id. */
  readonly bulk?: string;
  /** Their trigger: `manual` for events that somebody redelivered by hand. */
  readonly trigger?: string;
  /** Jobs with this tag, or whose event has it. */
  readonly tag?: string;
  /** Jobs of the group with this id. */
  readonly group?: string;
  readonly key?: string;
  /** Jobs whose last failed attempt belongs to this group of failures. */
  readonly fingerprint?: string;
  /** The class of their last attempt: `5xx`, `timeout`, … */
  readonly class?: AttemptClass;
  /** Jobs with at least this many attempts. */
  readonly attemptsFrom?: number;
  /** Ended at or after this time: a Date, or RFC 3339. */
  readonly finishedFrom?: Date | string;
  /** Ended before. */
  readonly finishedBefore?: Date | string;
  /** Queued, and due at or after this time: a Date, or RFC 3339. */
  readonly dueFrom?: Date | string;
  /** Queued, and due before. */
  readonly dueBefore?: Date | string;
  /** Queued, and waiting for a worker (`ready`), due later (`scheduled`), or held up (`held`). */
  readonly waiting?: Waiting;
  /** Whose last completed attempt took at least this long, or which have been running for as long. */
  readonly durationFrom?: Duration;
  /** Only these jobs, by id: at most 1000. */
  readonly ids?: readonly string[];
  /**
   * Jobs whose payload or input, result or error contains exactly this string, of 2 to 200 characters; or, as `$.data.id = 42`, whose
   * payload, input or result has this value at this path. Payloads of more than 64 KiB are not searched.
   */
  readonly text?: string;
}

/** A page of a list. Each page searches a bounded number of jobs, so that no filter makes it slow. */
export interface PublicJobPage {
  /** Newest first. */
  readonly jobs: readonly PublicJob[];
  /**
   * If the search stopped before the page was full, the id of the oldest job it reached: give it as `before` to continue with older ones.
   * Otherwise null.
   */
  readonly searchedTo: string | null;
}

/** What is known of deliveries, which are jobs of a task like any other. */
interface Deliveries {
  destinationOf(job: Job): JobDestination;
  requestOf(job: Job): Promise<PublicRequest>;
}

/**
 * Looks up jobs of every task, and reruns or cancels them.
 * @throws JobNotFoundError from every method that takes a job's id and returns a promise, when no job has the id.
 * @throws InvalidInputError from every method, naming what is unknown or has the wrong type.
 * @throws StoreUnavailableError from every method, when the database does not answer.
 * @example
 * for (const { id } of await posthorn.jobs.list({ status: "failed" }, { limit: 100 })) await posthorn.jobs.rerun(id);
 */
export class PublicJobs {
  readonly #jobs: Jobs;
  readonly #deliveries: Deliveries;

  constructor(jobs: Jobs, deliveries: Deliveries) {
    this.#jobs = jobs;
    this.#deliveries = deliveries;
  }

  /** The job as it is now. `posthorn.result` returns it with its task's type of result. */
  async get(id: string): Promise<PublicJob> {
    return this.#shown(await this.#jobs.get(id));
  }

  /**
   * Lists jobs, newest first, searching as far back as it takes to fill the page. With `text`, that takes a second for every few tens of
   * thousands of jobs: two searches are made at once, at a quarter of the time, so that deliveries go on.
   * @param page default: the newest 50. For the next page, give the last job's id as `before`.
   * @example
   * const older = await posthorn.jobs.list({ tasks: ["send-receipt"] }, { limit: 50, before: lastId });
   */
  async list(filter: PublicJobFilter = {}, page: Page = FIRST_PAGE): Promise<PublicJob[]> {
    const { filter: wanted, sought } = filterOf(filter);
    const found = await (sought
      ? this.#jobs.listHolding(wanted, page, sought)
      : this.#jobs.list(wanted, page));
    return found.map((job) => this.#shown(job));
  }

  /**
   * Like `list`, but searches a few thousand jobs at most, so a page may hold few jobs, or none, although more match.
   * @param page default: the newest 50. While `searchedTo` is not null, give it as `before` to continue.
   * @example
   * const { jobs, searchedTo } = await posthorn.jobs.page({ status: "failed" }, { limit: 50 });
   */
  async page(filter: PublicJobFilter = {}, page: Page = FIRST_PAGE): Promise<PublicJobPage> {
    const { filter: wanted, sought } = filterOf(filter);
    const { jobs, searchedTo } = await (sought
      ? this.#jobs.search(wanted, page, sought)
      : this.#jobs.page(wanted, page));
    return { jobs: jobs.map((job) => this.#shown(job)), searchedTo: searchedTo?.id ?? null };
  }

  /**
   * Newest first.
   * @param page default: the last 50.
   */
  async attempts(id: string, page: AttemptPage = FIRST_PAGE): Promise<PublicAttempt[]> {
    return (await this.#jobs.attempts(id, page)).map(publicAttempt);
  }

  /**
   * Queues a failed or cancelled job again, with its full number of attempts. A job that is queued for later, for example because a
   * receiver asked for a long pause, becomes due now, and its attempts so far still count.
   * @throws JobStateError when it is running or has succeeded, or when a live job has its key.
   */
  async rerun(id: string, by?: By): Promise<void> {
    await this.#jobs.rerun(id, by);
  }

  /** @deprecated The old name of `rerun`, for failed and cancelled jobs only. */
  async retry(id: string, by?: By): Promise<void> {
    await this.#jobs.retry(id, by);
  }

  /**
   * Cancels a queued or running job. A running handler's signal is aborted, and what it still does is not recorded.
   * @throws JobStateError when it has ended already.
   */
  async cancel(id: string, by?: By): Promise<void> {
    await this.#jobs.cancel(id, by);
  }

  /**
   * Why a live job waits, or where and until when it runs, apart from what the job itself says: its lane's limits, how many jobs are before
   * it, and its worker.
   * @example
   * const { before, laneConcurrency } = await posthorn.jobs.standing(jobId);
   */
  async standing(id: string): Promise<PublicStanding> {
    return publicStanding(await this.#jobs.standing(await this.#jobs.get(id)));
  }

  /**
   * The request of a delivery, rebuilt as it would be sent now, without its signature. The values of headers that may be secrets are null.
   * @throws ConflictError `nothing_to_send` for a job that is not a delivery, or whose endpoint or payload is gone.
   */
  async request(id: string): Promise<PublicRequest> {
    return this.#deliveries.requestOf(await this.#jobs.get(id));
  }

  /** The state of a group's jobs; undefined if there is no such group, or it was pruned. */
  async group(groupId: string): Promise<PublicGroup | undefined> {
    const group = await this.#jobs.group(groupId);
    return group && publicGroup(group);
  }

  /**
   * Calls `changed` whenever the job may have changed, in any process, until the returned function is called.
   * @example
   * const stop = posthorn.jobs.watch(jobId, async () => console.log((await posthorn.jobs.get(jobId)).progress));
   */
  watch(id: string, changed: () => void): () => void {
    return this.#jobs.watch(id, changed);
  }

  /**
   * Returns the job once it has ended, or as it is when the time is up or `signal` is aborted.
   * @example
   * const { status } = await posthorn.jobs.waitUntilEnded(jobId, "5s");
   */
  async waitUntilEnded(id: string, wait: Duration, signal?: AbortSignal): Promise<PublicJob> {
    return this.#shown(await this.#jobs.waitUntilEnded(id, parseDuration(wait, ["wait"]), signal));
  }

  #shown(job: Job): PublicJob {
    return publicJob(job, this.#deliveries.destinationOf(job));
  }
}

/** @throws InvalidInputError naming the time that is wrong; other mistakes are found later. */
function filterOf(filter: PublicJobFilter): { readonly filter: JobFilter; readonly sought?: Sought } {
  refuseOther(
    filter,
    ["options"],
    "must be an object with tasks, lane, status, createdFrom, createdBefore, finishedFrom, finishedBefore, tenant, event, mode, bulk, trigger, tag, group, key, fingerprint, class, attemptsFrom, durationFrom, dueFrom, dueBefore, waiting, ids, text",
  );
  const { status, createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore, ...others } =
    filter;
  const { durationFrom, text, ...same } = others;
  const problems: FieldProblem[] = [];
  const times = { createdFrom, createdBefore, finishedFrom, finishedBefore, dueFrom, dueBefore };
  const moments = Object.entries(times).flatMap(([name, moment]) => {
    const ms = moment === undefined ? undefined : collectProblems(problems, () => instantOf(moment, [name]));
    return ms === undefined ? [] : [[name, ms] as const];
  });
  const durationFromMs =
    durationFrom === undefined
      ? undefined
      : collectProblems(problems, () => parseDuration(durationFrom, ["durationFrom"]));
  const sought = text === undefined ? undefined : collectProblems(problems, () => soughtOf(text));
  if (problems.length > 0) throw new InvalidInputError(problems);
  const statuses = typeof status === "object" ? { statuses: status } : status !== undefined && { status };
  return {
    filter: {
      ...same,
      ...statuses,
      ...(durationFromMs !== undefined && { durationFromMs }),
      ...Object.fromEntries(moments),
    },
    ...(sought && { sought }),
  };
}
