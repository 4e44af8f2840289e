import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";

/** How an endpoint has been doing. Times are milliseconds since the epoch. */
export interface EndpointHealthView {
  /** `open`: deliveries wait, because they kept failing. `half_open`: one of them tries whether it works again. */
  readonly breaker: "closed" | "open" | "half_open";
  /** In a row, up to now. */
  readonly failures: number;
  readonly failingSince: number | null;
  readonly openedAt: number | null;
  /** When the next delivery tries whether it works again, if one waits then. */
  readonly nextProbeAt: number | null;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  readonly lastError: string | null;
}

/** @param health undefined for an endpoint that has not failed yet. */
export function healthView(health: EndpointHealth | undefined): EndpointHealthView {
  const { breaker = "closed", failures = 0, failingSince = null, openedAt = null } = health ?? {};
  const { probeAt = null, lastSuccessAt = null, lastFailureAt = null, lastError = null } = health ?? {};
  const nextProbeAt = breaker === "closed" ? null : probeAt;
  return {
    ...{ breaker, failures, failingSince, openedAt, nextProbeAt },
    ...{ lastSuccessAt, lastFailureAt, lastError },
  };
}
