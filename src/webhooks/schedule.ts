import { type Duration, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { durationOf } from "../core/options.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";

/** The schedule of Standard Webhooks 1.0: with the first attempt at once, ten of them in about three days. */
export const DELIVERY_RETRY: RetryPolicy = {
  delaysMs: [
    5_000,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
  ],
  jitter: 0.2,
};

/** Standard Webhooks 1.0 recommends 15 to 30 s; the shorter frees a slot sooner from a receiver that hangs. */
export const DEFAULT_TIMEOUT_MS = 15_000;

const SHORTEST_TIMEOUT_MS = 100;
const LONGEST_TIMEOUT_MS = 300_000;

/** How long an attempt may take. @throws InvalidInputError naming `timeout`. */
export function timeoutOf(value: Duration): number {
  return durationOf(value, SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS, ["timeout"]);
}

/** The most attempts that a delivery may have. */
export const MOST_ATTEMPTS = 100;
