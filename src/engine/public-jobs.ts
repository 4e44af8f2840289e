import type { By } from "../core/actor.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import { type FieldProblem, InvalidInputError } from "../core/errors.ts";
import type { Job, JobStatus } from "../core/job.ts";
import { collectProblems, instantOf, refuseOther } from "../core/options.ts";
import type { AttemptClass } from "../core/outcome.ts";
import type { AttemptPage, JobFilter, Page } from "../store/job-records.ts";
import { FIRST_PAGE } from "./job-queries.ts";
import type { Jobs } from "./jobs.ts";
import {
  type JobDestination,
  type PublicAttempt,
  type PublicGroup,
  type PublicJob,
  publicAttempt,
  publicGroup,
  publicJob,
} from "./public-job.ts";

/** Which jobs to list: those that meet every given condition. */
export interface PublicJobFilter {
  /** Of any of these tasks, by name. */
  readonly tasks?: readonly string[];
  readonly lane?: string;
  /** One, or any of several. */
  readonly status?: JobStatus | readonly JobStatus[];
  /** Created at or after: a Date, or RFC 3339. */
  readonly createdFrom?: Date | string;
  /** Created before. */
  readonly createdBefore?: Date | string;
  /** Of the tenant with this id. */
  readonly tenant?: string;
  /** Deliveries of the event with this id. */
  readonly event?: string;
  /** Of tenants of this mode. */
  readonly mode?: "live" | "test";
  /** Made or queued again by the bulk run with this id. */
  readonly bulk?: string;
  /** What caused them: `manual`, for those that somebody had delivered again. */
  readonly trigger?: string;
  /** That have this tag, or whose event has it. */
  readonly tag?: string;
  /** Of the group with this id. */
  readonly group?: string;
  readonly key?: string;
  /** Whose last failed attempt is of this group of failures. */
  readonly fingerprint?: string;
  /** The class of their last attempt: `5xx`, `timeout`, … */
  readonly class?: AttemptClass;
  /** Tried so often or more. */
  readonly attemptsFrom?: number;
  /** Ended at or after: a Date, or RFC 3339. */
  readonly finishedFrom?: Date | string;
  /** Ended before. */
  readonly finishedBefore?: Date | string;
}

/** A page of a list. A bounded number of jobs is looked at for it, so that no filter makes it take long. */
export interface PublicJobPage {
  /** Newest first. */
  readonly jobs: readonly PublicJob[];
  /**
   * The id of the oldest job that was looked at, where the look ended before the page was full: older ones may fit too, and are found on
   * the page before it. Otherwise null.
   */
  readonly searchedTo: string | null;
}

/**
 * Looks up jobs of every task, and changes them by hand.
 * @throws JobNotFoundError from every method that takes a job's id and returns a promise, when no job has the id.
 * @throws InvalidInputError from every method, naming what is not known or has the wrong type.
 * @throws StoreUnavailableError from every method, when the database does not answer.
 * @example
 * for (const { id } of await posthorn.jobs.list({ status: "failed" }, { limit: 100 })) await posthorn.jobs.rerun(id);
 */
export class PublicJobs {
  readonly #jobs: Jobs;
  readonly #destinationOf: (job: Job) => JobDestination;

  constructor(jobs: Jobs, destinationOf: (job: Job) => JobDestination) {
    this.#jobs = jobs;
    this.#destinationOf = destinationOf;
  }

  /** The job as it is now. `posthorn.result` returns it with its task's type of result. */
  async get(id: string): Promise<PublicJob> {
    return this.#shown(await this.#jobs.get(id));
  }

  /**
   * Newest first: as many as fit, whatever number has to be looked at for them.
   * @param page default: the newest 50. For those after it, give the last one's id as `before`.
   * @example
   * const older = await posthorn.jobs.list({ tasks: ["send-receipt"] }, { limit: 50, before: lastId });
   */
  async list(filter: PublicJobFilter = {}, page: Page = FIRST_PAGE): Promise<PublicJob[]> {
    return (await this.#jobs.list(filterOf(filter), page)).map((job) => this.#shown(job));
  }

  /**
   * One look for a page of `list`, at some thousands of jobs at most: few may fit, and more be left.
   * @param page default: the newest 50. To go on where `searchedTo` is not null, give it as `before`.
   * @example
   * const { jobs, searchedTo } = await posthorn.jobs.page({ status: "failed" }, { limit: 50 });
   */
  async page(filter: PublicJobFilter = {}, page: Page = FIRST_PAGE): Promise<PublicJobPage> {
    const { jobs, searchedTo } = await this.#jobs.page(filterOf(filter), page);
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
   * Queues a failed or cancelled job again, with a full set of attempts. One that is queued for later, for example because a
   * receiver asked for a long pause, becomes due now; its attempts continue to count.
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
   * Ends a queued or running job. A running handler is told through its signal, and whatever it still does is not recorded.
   * @throws JobStateError when it has ended already.
   */
  async cancel(id: string, by?: By): Promise<void> {
    await this.#jobs.cancel(id, by);
  }

  /** What became of a group's jobs so far; undefined when there is no such group, or it was pruned. */
  async group(groupId: string): Promise<PublicGroup | undefined> {
    const group = await this.#jobs.group(groupId);
    return group && publicGroup(group);
  }

  /**
   * Calls `changed` whenever something of the job may have changed, in any process, until the returned function is called.
   * @example
   * const stop = posthorn.jobs.watch(jobId, async () => console.log((await posthorn.jobs.get(jobId)).progress));
   */
  watch(id: string, changed: () => void): () => void {
    return this.#jobs.watch(id, changed);
  }

  /**
   * The job once it has ended, or as it stands when the time is up, or `signal` is aborted.
   * @example
   * const { status } = await posthorn.jobs.waitUntilEnded(jobId, "5s");
   */
  async waitUntilEnded(id: string, wait: Duration, signal?: AbortSignal): Promise<PublicJob> {
    return this.#shown(await this.#jobs.waitUntilEnded(id, parseDuration(wait, ["wait"]), signal));
  }

  #shown(job: Job): PublicJob {
    return publicJob(job, this.#destinationOf(job));
  }
}

/** @throws InvalidInputError naming the moment that is wrong; whatever else is, the store's own look finds. */
function filterOf(filter: PublicJobFilter): JobFilter {
  refuseOther(
    filter,
    ["options"],
    "must be an object with tasks, lane, status, createdFrom, createdBefore, finishedFrom, finishedBefore, tenant, event, mode, bulk, trigger, tag, group, key, fingerprint, class, attemptsFrom",
  );
  const { status, createdFrom, createdBefore, finishedFrom, finishedBefore, ...same } = filter;
  const problems: FieldProblem[] = [];
  const moments = Object.entries({ createdFrom, createdBefore, finishedFrom, finishedBefore }).flatMap(
    ([name, moment]) => {
      const ms =
        moment === undefined ? undefined : collectProblems(problems, () => instantOf(moment, [name]));
      return ms === undefined ? [] : [[name, ms] as const];
    },
  );
  if (problems.length > 0) throw new InvalidInputError(problems);
  const statuses = typeof status === "object" ? { statuses: status } : status !== undefined && { status };
  return { ...same, ...statuses, ...Object.fromEntries(moments) };
}
