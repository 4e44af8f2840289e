import { dateOrNull } from "../../core/instant.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";

/** How an endpoint has been doing. */
export interface EndpointHealthView {
  /** `open`: deliveries wait, because they kept failing. `half_open`: one of them tries whether it works again. */
  readonly breaker: "closed" | "open" | "half_open";
  /** In a row, up to now. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly openedAt: Date | null;
  /** When the next delivery tries whether it works again, if one waits then. */
  readonly nextProbeAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly lastFailureAt: Date | null;
  readonly lastError: string | null;
}

/** @param health undefined for an endpoint that has not failed yet. */
export function healthView(health: EndpointHealth | undefined): EndpointHealthView {
  const { breaker = "closed", failures = 0, failingSince = null, openedAt = null } = health ?? {};
  const { probeAt = null, lastSuccessAt = null, lastFailureAt = null, lastError = null } = health ?? {};
  return {
    breaker,
    failures,
    failingSince: dateOrNull(failingSince),
    openedAt: dateOrNull(openedAt),
    nextProbeAt: breaker === "closed" ? null : dateOrNull(probeAt),
    lastSuccessAt: dateOrNull(lastSuccessAt),
    lastFailureAt: dateOrNull(lastFailureAt),
    lastError,
  };
}
