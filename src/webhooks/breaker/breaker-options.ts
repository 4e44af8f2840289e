import type { Duration } from "../../core/duration.ts";
import { durationOf, ONE_DAY_MS, refuseUnknown, wholeNumberOf } from "../../core/options.ts";
import { type BreakerRules, DEFAULT_RULES } from "./breaker-state.ts";

/** When endpoints that fail are left alone. */
export interface BreakerOptions {
  /** So many failures in a row open an endpoint's breaker: its deliveries wait. Default 10, from 1 to 1000. */
  readonly failures?: number;
  /** An endpoint that has failed for so long without one success is disabled. Default 5 days, from a minute to a year. */
  readonly disableAfter?: Duration;
}

const MOST_FAILURES = 1_000;
const SOONEST_MS = 60_000;
const LATEST_MS = 365 * ONE_DAY_MS;

/** @throws InvalidInputError naming what is wrong. */
export function breakerRules(options: BreakerOptions = {}): BreakerRules {
  refuseUnknown(options, ["failures", "disableAfter"], ["breaker"]);
  const { failures = DEFAULT_RULES.failures, disableAfter = DEFAULT_RULES.disableAfterMs } = options;
  return {
    failures: wholeNumberOf(failures, 1, MOST_FAILURES, ["breaker", "failures"]),
    disableAfterMs: durationOf(disableAfter, SOONEST_MS, LATEST_MS, ["breaker", "disableAfter"]),
  };
}
