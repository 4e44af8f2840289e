import { type Duration, parseDuration } from "../core/duration.ts";

/** How long what has ended is kept; jobs with a retention of their own aside. */
export interface RetentionPeriods {
  /** Jobs, events and groups. */
  readonly jobsMs: number;
  /** Jobs that succeeded. Default: as `jobsMs`. */
  readonly succeededMs?: number;
  /** Jobs that failed or were cancelled. Default: as `jobsMs`. */
  readonly failedMs?: number;
}

/** As a person sets them. */
export interface RetentionOptions {
  readonly retainJobs?: Duration;
  readonly retainSucceeded?: Duration;
  readonly retainFailed?: Duration;
}

const DEFAULT_RETAIN_JOBS = "30d";

/** @throws InvalidInputError naming the option that is not a duration. */
export function retentionPeriods(options: RetentionOptions): Required<RetentionPeriods> {
  const { retainJobs = DEFAULT_RETAIN_JOBS, retainSucceeded, retainFailed } = options;
  const jobsMs = parseDuration(retainJobs, ["retainJobs"]);
  return {
    jobsMs,
    succeededMs: retainSucceeded === undefined ? jobsMs : parseDuration(retainSucceeded, ["retainSucceeded"]),
    failedMs: retainFailed === undefined ? jobsMs : parseDuration(retainFailed, ["retainFailed"]),
  };
}
