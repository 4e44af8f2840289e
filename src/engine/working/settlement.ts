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
  const isLong = told.kind === "failed" && told.error.length > LONGEST_ERROR;
  const outcome = isLong ? { ...told, error: cut(told.error) } : told;
  return { lease: job, transition: afterAttempt(job, startedAt, outcome, retry, now, random) };
}

function cut(error: string): string {
  return `${error.slice(0, LONGEST_ERROR)}… (${error.length - LONGEST_ERROR} characters more)`;
}
