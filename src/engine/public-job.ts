import { dateOf, dateOrNull } from "../core/instant.ts";
import type { Attempt, AttemptOutcome, Job, JobStatus, Progress } from "../core/job.ts";
import type { AttemptClass } from "../core/outcome.ts";
import { readable } from "../core/readable.ts";
import type { ErrorDetail } from "../core/thrown/error-detail.ts";
import { traceIdOf, traceOf } from "../core/traces/trace-parent.ts";
import type { Group } from "../store/job-records.ts";

/** A job as it is looked up. */
export interface PublicJob<Result = unknown> {
  readonly id: string;
  readonly task: string;
  /** Jobs in one lane share its limits; workers take turns between lanes. */
  readonly lane: string;
  readonly status: JobStatus;
  /** Attempts so far, the running one and lost ones included. */
  readonly attempts: number;
  /** How many attempts may fail before the job does. Lost attempts do not count, and a rerun by hand starts counting again. */
  readonly maxAttempts: number;
  /** Its deduplication key. */
  readonly key: string | null;
  readonly groupId: string | null;
  /** Where a delivery goes; null for any other task. */
  readonly targetUrl: string | null;
  /** The ids of the tenant, the event and the endpoint of a delivery of an event; null for any other job. */
  readonly tenantId: string | null;
  readonly eventId: string | null;
  readonly endpointId: string | null;
  /** The bulk run that created it, or queued it again. */
  readonly bulkId: string | null;
  /** What caused it, unless it was simply enqueued or its event was sent: `manual` if somebody redelivered the event. */
  readonly trigger: string | null;
  /** The trace that it was enqueued in, if any: 32 hexadecimal digits. */
  readonly traceId: string | null;
  readonly createdAt: Date;
  /** When a worker first took it. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** When it is due, while it is queued. */
  readonly runAt: Date | null;
  /** The scheduled time that it was created for; null if no schedule created it. */
  readonly scheduledFor: Date | null;
  /** What the handler returned, as JSON gives it back; null until the job has succeeded. */
  readonly result: Result | null;
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless by hand. */
  readonly error: string | null;
  /** The progress that its handler reported; null unless it is running and has reported any. */
  readonly progress: Progress | null;
}

/** One run of a job's handler, as recorded. */
export interface PublicAttempt {
  /** 1 for the first. */
  readonly n: number;
  readonly outcome: AttemptOutcome;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly error: string | null;
  /** The code of the receiver's answer: over HTTP, the status. */
  readonly code: number | null;
  readonly class: AttemptClass | null;
  /** The start of the receiver's answer. */
  readonly excerpt: string | null;
  /** The same for errors that differ only in ids, numbers and times. */
  readonly fingerprint: string | null;
  /** Stack and causes of what was thrown, shortened and without secrets. */
  readonly detail: ErrorDetail | null;
}

/** Jobs that were enqueued together, counted by how they ended. */
export interface PublicGroup {
  readonly id: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly createdAt: Date;
  /** When, for the first time, all of its jobs had ended. */
  readonly settledAt: Date | null;
}

/** Where a delivery goes; nulls for any other task. */
export type JobDestination = Pick<PublicJob, "targetUrl" | "endpointId">;

const NOWHERE: JobDestination = { targetUrl: null, endpointId: null };

export function publicJob<Result>(
  job: Job,
  { targetUrl, endpointId }: JobDestination = NOWHERE,
): PublicJob<Result> {
  const { id, task, lane, status, attempts, maxAttempts, error, progress, ties, origin } = job;
  return {
    id,
    task,
    lane,
    status,
    attempts,
    maxAttempts,
    key: ties?.key ?? null,
    groupId: ties?.groupId ?? null,
    targetUrl,
    tenantId: origin?.tenant ?? null,
    eventId: origin?.event ?? null,
    endpointId,
    bulkId: origin?.bulk ?? null,
    trigger: origin?.trigger ?? null,
    traceId: traceIdOf(traceOf(origin)) ?? null,
    createdAt: dateOf(job.createdAt),
    startedAt: dateOrNull(job.startedAt),
    finishedAt: dateOrNull(job.finishedAt),
    runAt: dateOrNull(job.runAt),
    scheduledFor: dateOrNull(origin?.scheduledFor ?? null),
    result: job.result === null ? null : (readable(job.result, JSON.parse) as Result), // its handler returned it
    error,
    progress,
  };
}

export function publicAttempt({ startedAt, detail, ...same }: Attempt): PublicAttempt {
  return {
    ...same,
    startedAt: dateOf(startedAt),
    detail: detail === null ? null : (readable(detail, JSON.parse) as ErrorDetail), // what attempts record
  };
}

export function publicGroup({ createdAt, settledAt, ...same }: Group): PublicGroup {
  return { ...same, createdAt: dateOf(createdAt), settledAt: dateOrNull(settledAt) };
}
