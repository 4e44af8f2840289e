import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { RunContext, Task } from "../../engine/task.ts";
import type { ByHand } from "../../store/job-records.ts";
import type { LeasedJob } from "../../store/queue.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { OLD_REDELIVER_TASK, parseRedeliverFilter, REDELIVER_TASK } from "./redeliver-request.ts";

/** Few enough that one batch holds the database for milliseconds only. */
const BATCH = 500;

/** At 500 a batch, time for some hundred million jobs. */
const TIMEOUT_MS = 3_600_000;

export interface RedeliverTaskParts {
  readonly jobs: Pick<ByHand, "retryMany">;
  readonly clock: Clock;
  /** Default: the task's name of today. */
  readonly name?: typeof REDELIVER_TASK | typeof OLD_REDELIVER_TASK;
  /** Called after each batch: there is work to claim. */
  readonly wake: () => void;
}

/**
 * `webhook.redeliver`: queues deliveries again, batch by batch, until none is left. Only those that had ended when the job was
 * made are taken, so an attempt that starts over finds no more than the one before it left.
 *
 * Its result, `{"redelivered": n}`, counts what its last attempt queued; after an interruption, that is not all.
 */
export class RedeliverTask implements Task {
  readonly name: string;
  readonly #jobs: Pick<ByHand, "retryMany">;
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
    // What ended in the very millisecond of the request had ended before it, too.
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
      const batch = await this.#jobs.retryMany(page, BATCH, this.#clock.now());
      redelivered += batch.retried;
      after = batch.last;
      this.#wake();
      await nextTurn(); // for what else the process does
    } while (after !== null);
    const counted = this.name === OLD_REDELIVER_TASK ? { retried: redelivered } : { redelivered };
    return { kind: "succeeded", result: JSON.stringify(counted) };
  }
}
