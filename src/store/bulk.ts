import type { JobStatus } from "../core/job.ts";
import type { AttemptClass } from "../core/outcome.ts";
import type { JobFilter } from "./job-records.ts";
import type { NewJob } from "./queue.ts";
import type { Call } from "./shelves/tables/session.ts";

/** Finds the jobs of a bulk run, and changes them together with how far it has come. */
export interface BulkJobs {
  /** Oldest first. Each page searches a bounded number of jobs. */
  next(filter: JobFilter, page: OldestPage): Promise<FoundJobs>;
  /** The jobs that deliver these events (at most 500) in this lane, oldest first; none was created before `since`. */
  delivering(lane: string, eventIds: readonly string[], since: number): Promise<FoundJob[]>;
  /** How these jobs (at most 500) have fared since they were last queued. */
  outcomes(jobIds: readonly string[]): Promise<Outcomes>;
  /** Makes all changes in one transaction. Undefined if the guard returned no row, in which case nothing was changed. */
  change(changes: JobChanges, now: number): Promise<ChangedJobs | undefined>;
}

export interface OldestPage {
  /** How many at most. */
  readonly limit: number;
  /** Only jobs after this one, or, if it has been pruned, after its place. */
  readonly after: string | null;
}

export interface FoundJobs {
  readonly jobs: readonly FoundJob[];
  /** The last job that was searched, after which the next page continues; null if there are no more. */
  readonly last: string | null;
}

/** What a bulk run needs to know of a job to decide what to do with it. */
export interface FoundJob {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly tenant: string | null;
  readonly event: string | null;
  /** Of its last recorded attempt. */
  readonly class: AttemptClass | null;
  readonly fingerprint: string | null;
}

/** `failing`: they failed, or were cancelled, or failed and wait to be tried again. Others have not been tried yet. */
export interface Outcomes {
  readonly succeeded: number;
  readonly failing: number;
}

/** The changes to make, if the jobs' states still allow them. At most 500 jobs. */
export interface JobChanges {
  /** The run that makes the changes. Its jobs can be found by this id, and no job is queued again twice by one run. */
  readonly bulk: string;
  /** A statement that has to return a row, or nothing is done. It may write that row. */
  readonly guard: Call<unknown>;
  /** What is written at the end, by what was done. */
  readonly record: (changed: ChangedJobs) => Call<unknown>;
  /** Failed or cancelled jobs to queue again, in this order, behind others of their priority. */
  readonly again?: readonly string[];
  /** Queued for later, to be due now. */
  readonly runNow?: readonly string[];
  /** Jobs to cancel: waiting ones, and running ones too unless only jobs that have not started are meant. */
  readonly cancel?: {
    readonly jobIds: readonly string[];
    readonly reason: string;
    readonly unbegunOnly: boolean;
  };
  /** To be made. */
  readonly make?: readonly NewJob[];
  /** Erases what events hold, and gives a row for each. */
  readonly erase?: Call<unknown>;
}

/** The jobs with which it was done. */
export interface ChangedJobs {
  readonly again: readonly string[];
  /** Not queued again, because a live job has their key. */
  readonly keyHeld: readonly string[];
  readonly ranNow: readonly string[];
  readonly cancelled: readonly string[];
  readonly made: number;
  /** How many events. */
  readonly erased: number;
}
