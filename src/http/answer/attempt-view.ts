import type { ShownAttempt } from "../../webhooks/attempts/shown-attempt.ts";
import type { EndpointAttemptAnswer } from "../schemas/attempt.ts";
import { rfc3339 } from "./rfc3339.ts";

export function endpointAttemptView(attempt: ShownAttempt): EndpointAttemptAnswer {
  return {
    attempt_id: attempt.id,
    tenant: attempt.tenantId,
    endpoint_id: attempt.endpointId,
    event_id: attempt.eventId,
    type: attempt.type,
    job_id: attempt.jobId,
    trigger: attempt.trigger,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    http_status: attempt.code,
    class: attempt.class,
    error: attempt.error,
    started_at: rfc3339(attempt.startedAt),
    duration_ms: attempt.duration,
    response: attempt.excerpt,
    is_erased: attempt.isErased,
  };
}
