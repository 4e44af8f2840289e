import { dateOrNull } from "../../core/instant.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";

/** An endpoint's health. */
export interface EndpointHealthView {
  /** `open`: deliveries kept failing, and wait. `half_open`: one of them probes whether the endpoint works again. */
  readonly breaker: "closed" | "open" | "half_open";
  /** How many failures in a row there have been. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly openedAt: Date | null;
  /** When the next delivery probes whether it works again, if one is waiting then. */
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
