import type { Duration } from "../core/duration.ts";
import { durationOf } from "../core/options.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The schedule of Standard Webhooks 1.0: with the first attempt at once, ten of them in about three days. */
export const DELIVERY_RETRY: RetryPolicy = {
  delaysMs: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ],
  jitter: 0.2,
};

/** Standard Webhooks 1.0 recommends 15 to 30 s; the shorter frees a slot sooner from a receiver that hangs. */
export const DEFAULT_TIMEOUT_MS = 15 * SECOND;

const SHORTEST_TIMEOUT_MS = 100;
const LONGEST_TIMEOUT_MS = 300 * SECOND;

/** How long an attempt may take. @throws InvalidInputError naming `timeout`. */
export function timeoutOf(value: Duration): number {
  return durationOf(value, SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS, ["timeout"]);
}

/** The most attempts that a delivery may have. */
export const MOST_ATTEMPTS = 100;
