import type { JobStatus, Tries } from "./job.ts";
import type { Outcome } from "./outcome.ts";
import { type RetryPolicy, retryDelayMs } from "./retry-policy.ts";

/** What becomes of a job after an attempt. */
export type Next =
  | { readonly status: "succeeded"; readonly result: string | null }
  | { readonly status: "failed"; readonly error: string }
  /** `uncounted`: the attempt was snoozed; it is not recorded, and its number is given out again. */
  | { readonly status: "queued"; readonly runAt: number; readonly uncounted?: true };

/** After an attempt that came to its end. `tries` are those before it. */
export function afterAttempt(
  tries: Tries,
  maxAttempts: number,
  outcome: Outcome,
  policy: RetryPolicy,
  now: number,
  random: () => number,
): Next {
  if (outcome.kind === "succeeded") return { status: "succeeded", result: outcome.result ?? null };
  if (outcome.kind === "snoozed") return { status: "queued", runAt: now + outcome.forMs, uncounted: true };
  const failures = tries.failures + 1;
  if (!outcome.retry || failures >= maxAttempts) return { status: "failed", error: outcome.error };
  const delayMs = outcome.retryInMs ?? retryDelayMs(policy, failures, outcome.retryAfterMs ?? 0, random);
  return { status: "queued", runAt: now + delayMs };
}

/**
 * A worker's death takes every job it held along, the innocent too, so a lost attempt is not held against the job;
 * but one that keeps killing workers has to end. Twenty is a guess: more than the restarts of a bad deployment,
 * few enough to end a crash loop within minutes.
 */
export const MAX_LOSSES = 20;

export const LOST_ERROR = "the worker died while it held this job";

/** After an attempt that ended with its worker's death. `tries` are those before it. */
export function afterLoss(tries: Tries, now: number): Exclude<Next, { status: "succeeded" }> {
  if (tries.losses + 1 < MAX_LOSSES) return { status: "queued", runAt: now };
  return {
    status: "failed",
    error: `${LOST_ERROR}, ${MAX_LOSSES} times in a row; it may be what kills them`,
  };
}

/** Whether a person may queue it again. */
export function canRetry(status: JobStatus): boolean {
  return status === "failed" || status === "cancelled";
}

/** Whether it can still be cancelled. */
export function canCancel(status: JobStatus): boolean {
  return status === "queued" || status === "running";
}
