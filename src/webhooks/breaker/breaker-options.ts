import { DAY_MS, type Duration } from "../../core/duration.ts";
import { durationOf, refuseUnknown, wholeNumberOf } from "../../core/options.ts";
import { type BreakerRules, DEFAULT_RULES } from "./breaker-state.ts";

/** When deliveries to a failing endpoint wait, and when it is disabled. */
export interface BreakerOptions {
  /** How many failures in a row open an endpoint's breaker, which makes its deliveries wait. Default 10, from 1 to 1000. */
  readonly failures?: number;
  /** How long an endpoint may fail without a single success before it is disabled. Default 5 days, from a minute to a year. */
  readonly disableAfter?: Duration;
}

const MOST_FAILURES = 1_000;
const SOONEST_MS = 60_000;
const LATEST_MS = 365 * DAY_MS;

/** @throws InvalidInputError naming what is wrong. */
export function breakerRules(options: BreakerOptions = {}): BreakerRules {
  refuseUnknown(options, ["failures", "disableAfter"], ["breaker"]);
  const { failures = DEFAULT_RULES.failures, disableAfter = DEFAULT_RULES.disableAfterMs } = options;
  return {
    failures: wholeNumberOf(failures, 1, MOST_FAILURES, ["breaker", "failures"]),
    disableAfterMs: durationOf(disableAfter, SOONEST_MS, LATEST_MS, ["breaker", "disableAfter"]),
  };
}
