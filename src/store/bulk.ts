import type { JobStatus } from "../core/job.ts";
import type { AttemptClass } from "../core/outcome.ts";
import type { JobFilter } from "./job-records.ts";
import type { NewJob } from "./queue.ts";
import type { Call } from "./shelves/session.ts";

/** Finds the jobs of a bulk run, and changes them together with how far it has come. */
export interface BulkJobs {
  /** Oldest first. A bounded number of jobs is looked at for a page. */
  next(filter: JobFilter, page: OldestPage): Promise<FoundJobs>;
  /** Those that deliver these events (at most 500) in this lane, oldest first; none of them was made before `since`. */
  delivering(lane: string, eventIds: readonly string[], since: number): Promise<FoundJob[]>;
  /** How these jobs (at most 500) have done since they were queued last. */
  outcomes(jobIds: readonly string[]): Promise<Outcomes>;
  /** All of it in one transaction; undefined when the guard gave no row, and then nothing was changed. */
  change(changes: JobChanges, now: number): Promise<ChangedJobs | undefined>;
}

export interface OldestPage {
  /** How many at most. */
  readonly limit: number;
  /** Only from after this job, or, when it has been pruned, from about there. */
  readonly after: string | null;
}

export interface FoundJobs {
  readonly jobs: readonly FoundJob[];
  /** The last job that was looked at, to go on after; null when there are no more. */
  readonly last: string | null;
}

/** What one has to know of a job in order to decide what becomes of it. */
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

/** What should be done, where the jobs' states still allow it. At most 500 jobs. */
export interface JobChanges {
  /** The run that does it: what it queues or makes is found by that, and none is queued again by one run twice. */
  readonly bulk: string;
  /** Has to give a row, or nothing is done; it may write that row. */
  readonly guard: Call<unknown>;
  /** What is written at the end, by what was done. */
  readonly record: (changed: ChangedJobs) => Call<unknown>;
  /** Failed or cancelled, to be queued again, in this order, where they give way to others of their priority. */
  readonly again?: readonly string[];
  /** Queued for later, to be due now. */
  readonly runNow?: readonly string[];
  /** To be cancelled: those that wait; those that run as well, unless only those are meant that have not begun. */
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
