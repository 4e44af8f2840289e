import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import { afterAttempt } from "../core/transition.ts";
import type { Settlement } from "../store/store.ts";
import type { AttemptRun } from "./attempt.ts";

/** What a run came to, as it is to be recorded. */
export function settlementOf(
  { job, startedAt }: AttemptRun,
  outcome: Outcome,
  retry: RetryPolicy,
  now: number,
  random: () => number,
): Settlement {
  return {
    lease: job,
    attempt: {
      n: job.attempts,
      outcome: outcome.kind === "succeeded" ? "succeeded" : "failed", // of a snooze no attempt is recorded
      startedAt,
      durationMs: Math.max(0, now - startedAt),
      error: outcome.kind === "failed" ? outcome.error : null,
      httpStatus: outcome.httpStatus ?? null,
      response: outcome.response ?? null,
    },
    next: afterAttempt(job, job.maxAttempts, outcome, retry, now, random),
  };
}
