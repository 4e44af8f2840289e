import { newId } from "../../core/id.ts";
import type { NewJob } from "../../store/queue.ts";
import { DELIVER_TASK, stringifyDeliveryOptions } from "../accept/delivery-options.ts";
import { DEFAULT_ATTEMPTS } from "../accept/read-deliver-request.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";

/** What a job delivers, and when. */
export interface EventToDeliver {
  readonly id: string;
  readonly tenant: string;
  readonly runAt: number | null;
}

/**
 * The job that delivers an event to an endpoint. All but how often it is tried is looked up when it is sent.
 * @param heldUpBy see `Breakers`.
 * @param meta its place in a trace, see `Origin`.
 */
export function endpointJob(
  event: EventToDeliver,
  endpoint: KnownEndpoint,
  now: number,
  heldUpBy?: "breaker",
  meta?: string,
): NewJob {
  const { lane, isOrdered, retry } = endpoint;
  const parked = endpoint.heldUpBy ?? heldUpBy;
  return {
    id: newId("job", now),
    task: DELIVER_TASK,
    lane,
    priority: 0,
    options: stringifyDeliveryOptions({}),
    payload: "",
    maxAttempts: retry.attempts ?? DEFAULT_ATTEMPTS,
    createdAt: now,
    runAt: event.runAt === null ? now : Math.max(event.runAt, now),
    origin: { tenant: event.tenant, event: event.id, ...(meta !== undefined && { meta }) },
    ...(isOrdered && { ties: { ordered: true } }),
    ...(parked && { parked }),
  };
}
