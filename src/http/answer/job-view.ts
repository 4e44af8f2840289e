import type { Attempt, Job } from "../../core/job.ts";
import { makerOf } from "../../core/origin.ts";
import { timingIn } from "../../core/outcome.ts";
import { readable } from "../../core/readable.ts";
import { thrownIn } from "../../core/thrown/error-detail.ts";
import { traceIdOf, traceOf } from "../../core/traces/trace-parent.ts";
import { targetOf } from "../../webhooks/accept/delivery-options.ts";
import { endpointOf } from "../../webhooks/registry/known-endpoint.ts";
import { hasEnded } from "../live/waits.ts";
import type { AttemptAnswer, JobAnswer } from "../schemas/job.ts";
import type { TaskJobAnswer } from "../schemas/task-job.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

/** A job of a webhook task as the API shows it. */
export function jobView(job: Job): JobAnswer {
  return {
    job_id: job.id,
    task: job.task,
    status: job.status,
    attempts: job.attempts,
    max_attempts: job.maxAttempts,
    target_url: targetOf(job),
    created_at: rfc3339(job.createdAt),
    started_at: rfc3339OrNull(job.startedAt),
    finished_at: rfc3339OrNull(job.finishedAt),
    run_at: rfc3339OrNull(job.runAt),
    result: job.result === null ? null : readable(job.result, JSON.parse),
    error: job.error,
    duration_ms: job.durationMs,
    tags: job.origin?.tags ?? [],
    ...deliveryOf(job),
  };
}

/** The endpoint of a job that delivers an event. */
function deliveryOf(job: Job): Pick<JobAnswer, "tenant" | "event_id" | "endpoint_id"> | undefined {
  const { tenant, event } = job.origin ?? {};
  const endpoint = endpointOf(job);
  if (tenant === undefined || event === undefined || endpoint === null) return undefined;
  return { tenant, event_id: event, endpoint_id: endpoint };
}

/** A job of any task as the API shows it. */
export function taskJobView(job: Job, probeAt?: Date): TaskJobAnswer {
  const { copyOf, schedule } = makerOf(job.origin);
  return {
    ...jobView(job),
    lane: job.lane,
    key: job.ties?.key ?? null,
    group_id: job.ties?.groupId ?? null,
    on_settled: job.ties?.onSettled?.task ?? null,
    bulk_id: job.origin?.bulk ?? null,
    trigger: job.origin?.trigger ?? null,
    trace_id: traceIdOf(traceOf(job.origin)) ?? null,
    copy_of: copyOf,
    schedule,
    scheduled_for: rfc3339OrNull(job.origin?.scheduledFor ?? null),
    held_by: job.heldBy,
    ...(probeAt && { held_until: probeAt.toISOString() }),
    progress: job.progress,
  };
}

export function attemptView(attempt: Attempt): AttemptAnswer {
  return {
    attempt: attempt.n,
    outcome: attempt.outcome,
    http_status: attempt.code,
    class: attempt.class,
    error: attempt.error,
    started_at: rfc3339(attempt.startedAt),
    duration_ms: attempt.durationMs,
    response: attempt.excerpt,
    fingerprint: attempt.fingerprint,
    detail: thrownIn(attempt.detail),
    timing: timingIn(attempt.detail),
  };
}

/** A job may wait for hours, but it can be cancelled meanwhile, so clients should poll it now and then. */
const LONGEST_POLL_SECONDS = 3_600;

/** When to look again (RFC 9110 §10.2.3), while the job is live: not before it is due. */
export function pollHint(job: Job, now: number): { "retry-after": string } | undefined {
  if (hasEnded(job)) return undefined;
  const seconds = job.runAt === null ? 1 : Math.ceil((job.runAt - now) / 1_000);
  return { "retry-after": String(Math.min(Math.max(seconds, 1), LONGEST_POLL_SECONDS)) };
}
