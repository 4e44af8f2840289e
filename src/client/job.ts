import type { JobStatus, Progress } from "../core/job.ts";
import type { PublicJob, PublicStanding } from "../core/public-job.ts";

/** A job as the API writes it. */
export interface JobAnswer {
  readonly job_id: string;
  readonly task: string;
  readonly lane: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly key: string | null;
  readonly group_id: string | null;
  readonly target_url: string | null;
  readonly tenant?: string;
  readonly event_id?: string;
  readonly endpoint_id?: string;
  readonly bulk_id: string | null;
  readonly trigger: string | null;
  readonly trace_id: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly run_at: string | null;
  /** Absent in answers of servers before it. */
  readonly held_by?: string | null;
  /** Absent likewise. */
  readonly copy_of?: string | null;
  /** Absent likewise. */
  readonly schedule?: string | null;
  readonly scheduled_for: string | null;
  readonly result: unknown;
  readonly error: string | null;
  readonly duration_ms?: number | null;
  readonly tags?: readonly string[];
  readonly progress: Progress | null;
}

export function jobOf<Result>(answer: JobAnswer): PublicJob<Result> {
  const { id, task, lane, status, attempts, key, error, progress } = { ...answer, id: answer.job_id };
  return {
    id,
    task,
    lane,
    status,
    attempts,
    maxAttempts: answer.max_attempts,
    key,
    groupId: answer.group_id,
    targetUrl: answer.target_url,
    tenantId: answer.tenant ?? null,
    eventId: answer.event_id ?? null,
    endpointId: answer.endpoint_id ?? null,
    bulkId: answer.bulk_id,
    trigger: answer.trigger,
    traceId: answer.trace_id,
    createdAt: new Date(answer.created_at),
    startedAt: dateOf(answer.started_at),
    finishedAt: dateOf(answer.finished_at),
    runAt: dateOf(answer.run_at),
    heldBy: answer.held_by ?? null,
    copyOf: answer.copy_of ?? null,
    schedule: answer.schedule ?? null,
    scheduledFor: dateOf(answer.scheduled_for),
    result: answer.result as Result | null, // its handler returned it, and it was stored as JSON
    error,
    durationMs: answer.duration_ms ?? null,
    tags: answer.tags ?? [],
    progress,
  };
}

/** As the API writes it. */
export interface StandingAnswer {
  readonly worker_id: string | null;
  readonly leased_at: string | null;
  readonly times_out_at: string | null;
  readonly lane_running: number;
  readonly lane_concurrency: number | null;
  readonly lane_rate: { readonly limit: number; readonly per_ms: number } | null;
  readonly before: number | null;
  readonly next_place_at: string | null;
}

export function standingOf({ before, lane_rate: rate, ...answer }: StandingAnswer): PublicStanding {
  return {
    workerId: answer.worker_id,
    leasedAt: dateOf(answer.leased_at),
    timesOutAt: dateOf(answer.times_out_at),
    laneRunning: answer.lane_running,
    laneConcurrency: answer.lane_concurrency,
    laneRate: rate && { limit: rate.limit, perMs: rate.per_ms },
    before,
    nextPlaceAt: dateOf(answer.next_place_at),
  };
}

function dateOf(moment: string | null): Date | null {
  return moment === null ? null : new Date(moment);
}

export function hasEnded({ status }: Pick<PublicJob, "status">): boolean {
  return status !== "queued" && status !== "running";
}
