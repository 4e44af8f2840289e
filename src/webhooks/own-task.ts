import { HOUR_MS } from "../core/duration.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { RunContext, Task } from "../engine/task.ts";
import type { LeasedJob } from "../store/queue.ts";

const RETRIES: RetryPolicy = { delaysMs: [1_000, 10_000, 60_000], jitter: 0.2 };
const TIMEOUT_MS = HOUR_MS;

/** A task of the platform's own that works batch by batch, for up to an hour an attempt; the next attempt goes on from there. */
export abstract class OwnTask implements Task {
  abstract readonly name: string;

  abstract run(job: LeasedJob, context: RunContext): Promise<Outcome>;

  retryPolicy(): RetryPolicy {
    return RETRIES;
  }

  timeoutMs(): number {
    return TIMEOUT_MS;
  }
}
