import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { LeasedJob } from "../store/store.ts";

/** A kind of work and its handler, as the engine runs it. */
export interface Task {
  readonly name: string;
  readonly retry: RetryPolicy;
  /** How long one attempt may take, in milliseconds, before its `signal` is aborted. */
  timeoutMs(job: LeasedJob): number;
  /** Runs one attempt. What it throws is a failure to be retried. No transaction is open meanwhile. */
  run(job: LeasedJob, context: RunContext): Promise<Outcome>;
}

export interface RunContext {
  /** Aborted when the attempt's time is up, the job is cancelled, or the worker has to stop now. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
}
