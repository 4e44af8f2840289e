import { DAY_MS, type Duration, parseDuration } from "../../core/duration.ts";

/** How long what has ended is kept; jobs with a retention of their own aside. */
export interface RetentionPeriods {
  /** Jobs, events and groups. */
  readonly jobsMs: number;
  /** Jobs that succeeded. Default: as `jobsMs`. */
  readonly succeededMs?: number;
  /** Jobs that failed or were cancelled. Default: as `jobsMs`. */
  readonly failedMs?: number;
  /** The audit. Default: 400 days. */
  readonly auditMs?: number;
}

/** How much of it is kept. */
export interface RetentionSizes {
  /** Above this many bytes, the oldest finished jobs are deleted early. Default: they are not. */
  readonly mostBytes?: number | undefined;
  /** If succeeded jobs hold more than this many bytes, the oldest of them are deleted early. Default: they are not. */
  readonly succeededBytes?: number | undefined;
  /** The same for failed and cancelled jobs. */
  readonly failedBytes?: number | undefined;
}

export interface RetentionRules extends RetentionPeriods, RetentionSizes {}

/** With nothing left to a default. */
export interface KnownRetention extends Required<RetentionPeriods>, RetentionSizes {}

/** As a person sets them. */
interface RetentionOptions {
  readonly retainJobs?: Duration;
  readonly retainSucceeded?: Duration;
  readonly retainFailed?: Duration;
  readonly retainAudit?: Duration;
}

const DEFAULT_RETAIN_JOBS = "30d";
/** More than a year, so that last year's can be looked at in this one. */
const RETAIN_AUDIT_MS = 400 * DAY_MS;

export function withDefaults(given: RetentionRules): KnownRetention {
  const { jobsMs, succeededMs = jobsMs, failedMs = jobsMs, auditMs = RETAIN_AUDIT_MS } = given;
  return { ...given, jobsMs, succeededMs, failedMs, auditMs };
}

/** @throws InvalidInputError naming the option that is not a duration. */
export function retentionPeriods(options: RetentionOptions): Required<RetentionPeriods> {
  const { retainJobs = DEFAULT_RETAIN_JOBS, retainSucceeded, retainFailed, retainAudit } = options;
  const jobsMs = parseDuration(retainJobs, ["retainJobs"]);
  return {
    jobsMs,
    succeededMs: retainSucceeded === undefined ? jobsMs : parseDuration(retainSucceeded, ["retainSucceeded"]),
    failedMs: retainFailed === undefined ? jobsMs : parseDuration(retainFailed, ["retainFailed"]),
    auditMs: retainAudit === undefined ? RETAIN_AUDIT_MS : parseDuration(retainAudit, ["retainAudit"]),
  };
}
