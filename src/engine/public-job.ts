import { dateOf, dateOrNull } from "../core/instant.ts";
import type { Attempt, AttemptOutcome, Job } from "../core/job.ts";
import type { AttemptClass } from "../core/outcome.ts";
import type { PublicJob } from "../core/public-job.ts";
import { readable } from "../core/readable.ts";
import type { ErrorDetail } from "../core/thrown/error-detail.ts";
import { traceIdOf, traceOf } from "../core/traces/trace-parent.ts";
import type { Group } from "../store/job-records.ts";

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
    heldBy: job.heldBy,
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
