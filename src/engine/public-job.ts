import { dateOf, dateOrNull } from "../core/instant.ts";
import type { Attempt, AttemptOutcome, Job } from "../core/job.ts";
import { makerOf } from "../core/origin.ts";
import { type AttemptClass, timingIn } from "../core/outcome.ts";
import type { PublicJob, PublicStanding } from "../core/public-job.ts";
import { readable } from "../core/readable.ts";
import { type ErrorDetail, thrownIn } from "../core/thrown/error-detail.ts";
import { traceIdOf, traceOf } from "../core/traces/trace-parent.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { Group } from "../store/job-records.ts";
import type { Standing } from "./standing.ts";

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
  /** Identifies the group of similar failures that it belongs to. */
  readonly fingerprint: string | null;
  /** Stack and causes of what was thrown, shortened and without secrets. */
  readonly detail: ErrorDetail | null;
  /** How long each step of a delivery took; null unless it failed, took a second or longer, or opened a connection. */
  readonly timing: PublicTiming | null;
}

/** In milliseconds. Absent are steps that were not taken, such as all but the last on a connection that was open. */
export interface PublicTiming {
  /** Looking up the name. */
  readonly dnsMs?: number;
  /** Connecting; through an egress proxy, opening the tunnel. */
  readonly connectMs?: number;
  readonly tlsMs?: number;
  /** From sending the request to the start of the answer. */
  readonly firstByteMs?: number;
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
    ...makerOf(origin),
    scheduledFor: dateOrNull(origin?.scheduledFor ?? null),
    result: job.result === null ? null : (readable(job.result, JSON.parse) as Result), // its handler returned it
    error,
    durationMs: job.durationMs,
    tags: origin?.tags ?? [],
    progress,
  };
}

export function publicAttempt({ startedAt, detail, ...same }: Attempt): PublicAttempt {
  return {
    ...same,
    startedAt: dateOf(startedAt),
    detail: thrownIn(detail),
    timing: publicTiming(detail),
  };
}

function publicTiming(detail: string | null): PublicTiming | null {
  const timing = timingIn(detail);
  if (!timing) return null;
  const { dns_ms: dnsMs, connect_ms: connectMs, tls_ms: tlsMs, first_byte_ms: firstByteMs } = timing;
  return withoutUndefined({ dnsMs, connectMs, tlsMs, firstByteMs });
}

export function publicGroup({ createdAt, settledAt, ...same }: Group): PublicGroup {
  return { ...same, createdAt: dateOf(createdAt), settledAt: dateOrNull(settledAt) };
}

/** @param standing undefined for a job that was just deleted. */
export function publicStanding(standing: Standing | undefined): PublicStanding {
  const { worker = null, leasedAt = null, timesOutAt, running = 0, before = null } = standing ?? {};
  const { concurrency = null, rate = null } = standing?.limits ?? {};
  return {
    workerId: worker,
    leasedAt: dateOrNull(leasedAt),
    timesOutAt: dateOrNull(timesOutAt ?? null),
    laneRunning: running,
    laneConcurrency: concurrency,
    laneRate: rate && { limit: rate.limit, perMs: rate.perMs },
    before,
    nextPlaceAt: dateOrNull(standing?.nextPlaceAt ?? null),
  };
}
