import { dateOf } from "../../core/instant.ts";
import type { AttemptOutcome } from "../../core/job.ts";
import { type AttemptClass, ERASED_EXCERPT } from "../../core/outcome.ts";
import type { EndpointAttempt } from "../../store/attempt-records.ts";
import { keyOfLane } from "../registry/known-endpoint.ts";

/** An attempt to deliver an event to an endpoint, once it has ended. */
export interface ShownAttempt {
  /** `atmpt_…`; they sort by when the attempts began. */
  readonly id: string;
  readonly tenantId: string;
  readonly endpointId: string;
  readonly eventId: string;
  /** The event's type; null once the event is gone. */
  readonly type: string | null;
  /** The delivery that it belongs to, which has all attempts to deliver the event to the endpoint. */
  readonly jobId: string;
  /** 1 for the delivery's first. */
  readonly attempt: number;
  /** `manual` if somebody redelivered the event by hand; otherwise null. */
  readonly trigger: string | null;
  /** `lost`: the worker's process ended, or was silent for too long. */
  readonly outcome: AttemptOutcome;
  /** The HTTP status of the answer; null if there was none. */
  readonly code: number | null;
  readonly class: AttemptClass | null;
  readonly error: string | null;
  readonly startedAt: Date;
  /** In milliseconds. */
  readonly duration: number;
  /** The start of the receiver's answer. */
  readonly excerpt: string | null;
  /** Whether the receiver's answer was erased. */
  readonly isErased: boolean;
}

export function shownAttempt(attempt: EndpointAttempt): ShownAttempt {
  const { id, tenant, event, type, jobId, n, trigger, outcome, code, error, startedAt, durationMs } = attempt;
  const isErased = attempt.excerpt === ERASED_EXCERPT;
  return {
    id,
    tenantId: tenant,
    endpointId: keyOfLane(attempt.lane).id,
    eventId: event,
    type,
    jobId,
    attempt: n,
    trigger,
    outcome,
    code,
    class: attempt.class,
    error,
    startedAt: dateOf(startedAt),
    duration: durationMs,
    excerpt: isErased ? null : attempt.excerpt,
    isErased,
  };
}
