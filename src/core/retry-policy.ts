/** When to try again: the delay after the first failure, after the second, …; the last one repeats. */
export interface RetryPolicy {
  readonly delaysMs: readonly number[];
  /** The share by which a delay is spread at random, to both sides: 0.2 makes 10 s into 8 to 12 s. */
  readonly jitter: number;
}

/**
 * The pause before the next attempt.
 * @param failures how many attempts have failed, at least 1.
 * @param askedMs what the other side asked for (`Retry-After`); waited in full, its jitter only adds.
 * @param random uniform in [0, 1).
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  askedMs: number,
  random: () => number,
): number {
  const planned = policy.delaysMs[Math.min(failures, policy.delaysMs.length) - 1] ?? 0;
  const scheduled = planned * (1 + policy.jitter * (2 * random() - 1));
  const asked = askedMs > 0 ? askedMs + Math.min(askedMs * policy.jitter, LONGEST_SPREAD_MS) * random() : 0;
  return Math.ceil(Math.max(scheduled, asked));
}

/**
 * Jobs that were told to come back at the same time are spread over this period after it: long enough to spread a herd, short enough to
 * wait.
 */
const LONGEST_SPREAD_MS = 30_000;
