import type { ErrorDetail } from "../core/error-detail.ts";
import { dateOf, dateOrNull } from "../core/instant.ts";
import type { Attempt, AttemptOutcome, Job, JobStatus, Progress } from "../core/job.ts";
import type { AttemptClass } from "../core/outcome.ts";
import { readable } from "../core/readable.ts";
import { traceIdOf, traceOf } from "../core/trace-parent.ts";
import type { Group } from "../store/job-records.ts";

/** A job as it is looked up. */
export interface PublicJob<Result = unknown> {
  readonly id: string;
  readonly task: string;
  /** What shares fate with this job: claims take turns between lanes, and each is limited by itself. */
  readonly lane: string;
  readonly status: JobStatus;
  /** Attempts so far, the running one and lost ones included. */
  readonly attempts: number;
  /** How many attempts may fail before the job does; counted afresh after it was run again by hand. Lost attempts do not count. */
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
  /** The bulk run that made it, or queued it again. */
  readonly bulkId: string | null;
  /** What caused it, if not an enqueue or its event's being sent: `manual` when somebody had the event delivered again. */
  readonly trigger: string | null;
  /** The trace that it was enqueued in, where there was one: 32 hexadecimal digits. */
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
  /** What the last attempt failed with, until one succeeds or the job is cancelled; then why, unless somebody did it by hand. */
  readonly error: string | null;
  /** How far its handler says it has come; null unless it is running and has said so. */
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
  /** The code that the other side answered with: over HTTP, the status. */
  readonly code: number | null;
  readonly class: AttemptClass | null;
  /** The start of what the other side answered. */
  readonly excerpt: string | null;
  /** The same for errors that differ only in ids, numbers and times. */
  readonly fingerprint: string | null;
  /** What was thrown: its stack and causes, of bounded length, without secrets. */
  readonly detail: ErrorDetail | null;
}

/** What became of jobs that were enqueued together. */
export interface PublicGroup {
  readonly id: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly createdAt: Date;
  /** When, for the first time, none of its jobs was live any more. */
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
