import { newId } from "../../core/id.ts";
import { originWith } from "../../core/origin.ts";
import type { NewJob } from "../../store/queue.ts";
import { DELIVER_TASK, stringifyDeliveryOptions } from "../accept/delivery-options.ts";
import { DEFAULT_ATTEMPTS } from "../accept/read-deliver-request.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";

/** What a job delivers, and when. */
export interface EventToDeliver {
  readonly id: string;
  readonly tenant: string;
  readonly runAt: number | null;
  /** As JSON. */
  readonly tags: string | null;
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
  const { id, tenant, runAt, tags } = event;
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
    runAt: runAt === null ? now : Math.max(runAt, now),
    origin: { tenant, event: id, ...originWith({ tags: tags === null ? undefined : tagsIn(tags), meta }) },
    ...(isOrdered && { ties: { ordered: true } }),
    ...(parked && { parked }),
  };
}

function tagsIn(text: string): readonly string[] {
  return JSON.parse(text) as string[]; // only `send` writes it
}
