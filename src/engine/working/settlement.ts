import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import { afterAttempt } from "../../core/transition.ts";
import type { Settlement } from "../../store/queue.ts";
import type { AttemptRun } from "./attempt.ts";

/** In characters. Some errors quote all that they were given, and each is kept with its attempt and shown in every list. */
const LONGEST_ERROR = 10_000;

/** What a run came to, as it is to be recorded. */
export function settlementOf(
  { job, startedAt }: AttemptRun,
  told: Outcome,
  retry: RetryPolicy,
  now: number,
  random: () => number,
): Settlement {
  const outcome = told.kind === "failed" ? { ...told, error: cut(told.error) } : told;
  return {
    lease: job,
    attempt: {
      n: job.attempts,
      outcome: outcome.kind === "succeeded" ? "succeeded" : "failed", // of a snooze no attempt is recorded
      startedAt,
      durationMs: Math.max(0, now - startedAt),
      error: outcome.kind === "failed" ? outcome.error : null,
      code: outcome.code ?? null,
      class: outcome.class ?? null,
      excerpt: outcome.excerpt ?? null,
      fingerprint: outcome.fingerprint ?? null,
      detail: outcome.detail ?? null,
    },
    next: afterAttempt(job, job.maxAttempts, outcome, retry, now, random),
  };
}

function cut(error: string): string {
  if (error.length <= LONGEST_ERROR) return error;
  return `${error.slice(0, LONGEST_ERROR)}… (${error.length - LONGEST_ERROR} characters more)`;
}
