import type { Clock } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import { rerunInBatches } from "../../engine/rerun.ts";
import type { RunContext, Task } from "../../engine/task.ts";
import type { ByHand } from "../../store/job-records.ts";
import type { LeasedJob } from "../../store/queue.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { OLD_REDELIVER_TASK, parseRedeliverFilter, REDELIVER_TASK } from "./redeliver-request.ts";

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
    const { count, finished } = await rerunInBatches(this.#jobs, filter, this.#clock, signal, this.#wake);
    if (!finished) signal.throwIfAborted();
    const counted = this.name === OLD_REDELIVER_TASK ? { retried: count } : { redelivered: count };
    return { kind: "succeeded", result: JSON.stringify(counted) };
  }
}
