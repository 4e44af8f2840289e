import { type Duration, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { durationOf, YEAR_MS } from "../../core/options.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { Task } from "../../engine/task.ts";
import type { LeasedJob, NewJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import { ownJob } from "../own-job.ts";

/** Erases the payloads of events whose senders said how long they may be kept. */
export const ERASE_TASK = "webhook.erase";

const ATTEMPTS = 100;
const TIMEOUT_MS = 60_000;

export function eraseJob(event: string, runAt: number, now: number): NewJob {
  return ownJob(ERASE_TASK, { event }, { maxAttempts: ATTEMPTS, now, runAt });
}

/** How long an event's payload may be kept, in milliseconds. @throws InvalidInputError naming the option. */
export function eraseAfterOf(after: Duration, name: string): number {
  return durationOf(after, 0, YEAR_MS, [name]);
}

/** `webhook.erase`: one event. */
export class EraseTask implements Task {
  readonly name = ERASE_TASK;
  readonly #store: Pick<Store, "events">;

  constructor(store: Pick<Store, "events">) {
    this.#store = store;
  }

  retryPolicy(): RetryPolicy {
    return { delaysMs: [1_000, MINUTE_MS, HOUR_MS], jitter: 0.2 };
  }

  timeoutMs(): number {
    return TIMEOUT_MS;
  }

  async run(job: LeasedJob): Promise<Outcome> {
    const { event } = JSON.parse(job.payload) as { event: string }; // only `eraseJob` writes it
    const erased = await this.#store.events.erase(event);
    return { kind: "succeeded", result: JSON.stringify({ erased: erased ? 1 : 0 }) };
  }
}
