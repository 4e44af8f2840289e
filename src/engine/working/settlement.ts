import { shortened } from "../../core/errors.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import { afterAttempt } from "../../core/transition.ts";
import type { Settlement } from "../../store/queue.ts";
import type { AttemptRun } from "./attempt.ts";

/** The outcome of a run, in the form to record. */
export function settlementOf(
  { job, startedAt }: AttemptRun,
  told: Outcome,
  retry: RetryPolicy,
  now: number,
  random: () => number,
): Settlement {
  const outcome = told.kind === "failed" ? { ...told, error: shortened(told.error) } : told;
  return { lease: job, transition: afterAttempt(job, startedAt, outcome, retry, now, random) };
}
