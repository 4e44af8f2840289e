import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { RunContext, Task } from "../../engine/task.ts";
import type { ByHand } from "../../store/job-records.ts";
import type { LeasedJob } from "../../store/queue.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { OLD_REDELIVER_TASK, parseRedeliverFilter, REDELIVER_TASK } from "./redeliver-request.ts";

/** Few enough that one batch holds the database for only milliseconds. */
const BATCH = 500;

/** At 500 a batch, time for about a hundred million jobs. */
const TIMEOUT_MS = 3_600_000;

export interface RedeliverTaskParts {
  readonly jobs: Pick<ByHand, "rerunMany">;
  readonly clock: Clock;
  /** Default: the task's current name. */
  readonly name?: typeof REDELIVER_TASK | typeof OLD_REDELIVER_TASK;
  /** Called after each batch: there is work to claim. */
  readonly wake: () => void;
}

/**
 * `webhook.redeliver`: queues deliveries again, batch by batch, until none is left. It takes only those that had ended when the job was
 * made, so an attempt that starts over finds only what the previous one left.
 *
 * Its result, `{"redelivered": n}`, counts what its last attempt queued, which after an interruption is not everything.
 */
export class RedeliverTask implements Task {
  readonly name: string;
  readonly #jobs: Pick<ByHand, "rerunMany">;
  readonly #clock: Clock;
  readonly #wake: () => void;

  constructor({ jobs, clock, name = REDELIVER_TASK, wake }: RedeliverTaskParts) {
    this.name = name;
    this.#jobs = jobs;
    this.#clock = clock;
    this.#wake = wake;
  }

  retryPolicy(): RetryPolicy {
    return { delaysMs: [1_000, 10_000, 60_000], jitter: 0.2 };
  }

  timeoutMs(): number {
    return TIMEOUT_MS;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    // A job that ended in the same millisecond as the request counts as ended before it.
    const filter = {
      ...parseRedeliverFilter(job.payload),
      task: DELIVER_TASK,
      finishedBefore: job.createdAt + 1,
    };
    let redelivered = 0;
    let after: string | null = null;
    do {
      signal.throwIfAborted();
      const page = after === null ? filter : { ...filter, after };
      const batch = await this.#jobs.rerunMany(page, BATCH, this.#clock.now());
      redelivered += batch.rerun;
      after = batch.last;
      this.#wake();
      await nextTurn(); // gives way to the process's other work
    } while (after !== null);
    const counted = this.name === OLD_REDELIVER_TASK ? { retried: redelivered } : { redelivered };
    return { kind: "succeeded", result: JSON.stringify(counted) };
  }
}
