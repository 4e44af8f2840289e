import { dateOf } from "../../core/instant.ts";
import type { LaneBacklog } from "../../store/facts.ts";

/** What is being sent to an endpoint, and what waits. Counts stop at 1 001, which means more than 1 000. */
export interface EndpointBacklog {
  /** Deliveries that are being sent. */
  readonly running: number;
  /** Those that could be sent now. */
  readonly due: number;
  /** Those that are held: the breaker is open, the endpoint is paused or disabled, or it takes its events in order. */
  readonly held: number;
  /** Those that are due later, such as retries. */
  readonly scheduled: number;
  /** When the oldest delivery that is due or held became due; null if there is none. */
  readonly oldestDueAt: Date | null;
}

export const NO_BACKLOG: EndpointBacklog = { running: 0, due: 0, held: 0, scheduled: 0, oldestDueAt: null };

export function endpointBacklog(
  { running, due, held, scheduled, oldestAt }: LaneBacklog,
  now: number,
): EndpointBacklog {
  return {
    ...{ running, due, held, scheduled },
    oldestDueAt: oldestAt === null || oldestAt > now ? null : dateOf(oldestAt),
  };
}
