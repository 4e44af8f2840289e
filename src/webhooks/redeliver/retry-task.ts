import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { RunContext, Task } from "../../engine/task.ts";
import type { JobRecords } from "../../store/job-records.ts";
import type { LeasedJob } from "../../store/queue.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { parseRetryOptions, RETRY_TASK } from "./retry-options.ts";

/** Few enough that one batch holds the database for milliseconds only. */
const BATCH = 500;

/** At 500 a batch, time for some hundred million jobs. */
const TIMEOUT_MS = 3_600_000;

export interface RetryTaskParts {
  readonly store: Pick<JobRecords, "retryMany">;
  readonly clock: Clock;
  /** Called after each batch: there is work to claim. */
  readonly wake: () => void;
}

/**
 * `webhook.retry`: queues deliveries again, batch by batch, until none is left. Only those that had ended when the job was
 * made are taken, so an attempt that starts over finds no more than the one before it left.
 *
 * Its result, `{"retried": n}`, counts what its last attempt queued; after an interruption, that is not all.
 */
export class RetryTask implements Task {
  readonly name = RETRY_TASK;
  readonly #store: Pick<JobRecords, "retryMany">;
  readonly #clock: Clock;
  readonly #wake: () => void;

  constructor({ store, clock, wake }: RetryTaskParts) {
    this.#store = store;
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
    // What ended in the very millisecond in which the retry was asked for had ended before it, too.
    const filter = {
      ...parseRetryOptions(job.payload),
      task: DELIVER_TASK,
      finishedBefore: job.createdAt + 1,
    };
    let retried = 0;
    let after: string | null = null;
    do {
      signal.throwIfAborted();
      const page = after === null ? filter : { ...filter, after };
      const batch = await this.#store.retryMany(page, BATCH, this.#clock.now());
      retried += batch.retried;
      after = batch.last;
      this.#wake();
      await nextTurn(); // for what else the process does
    } while (after !== null);
    return { kind: "succeeded", result: JSON.stringify({ retried }) };
  }
}
