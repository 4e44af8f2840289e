import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, isToCome } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import { BEHIND } from "../../core/transition.ts";
import type { RunContext } from "../../engine/task.ts";
import type { LeasedJob, NewJob } from "../../store/queue.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { Store } from "../../store/store.ts";
import { ownJob } from "../own-job.ts";
import { OwnTask } from "../own-task.ts";
import { laneOf } from "../registry/known-endpoint.ts";
import { AWAIT_CHANGE_MS, CHANGE_LIMIT_MS, untilOthersKnow } from "./awaited-change.ts";

/** Releases the line of an endpoint that is no longer ordered. */
export const RELEASE_TASK = "webhook.release";

/** Which endpoint, and after which revision. As with `Cancelling`, the job is made before the change. */
interface Releasing {
  readonly tenant: string;
  readonly endpoint: string;
  readonly revision: number;
}

export interface ReleaseTaskParts {
  readonly store: Pick<Store, "endpoints" | "parking">;
  readonly clock: Clock;
  /** There is work to claim. */
  readonly wake: () => void;
}

const ATTEMPTS = 20;
const AT_ONCE = 500;

export function releaseJob({ tenant, id: endpoint, revision }: Endpoint, now: number): NewJob {
  const releasing: Releasing = { tenant, endpoint, revision };
  return ownJob(RELEASE_TASK, releasing, { maxAttempts: ATTEMPTS, now });
}

/** `webhook.release`: batch by batch, until nothing stands in line. An attempt that starts over finds what the previous one left. */
export class ReleaseTask extends OwnTask {
  readonly name = RELEASE_TASK;
  readonly #parts: ReleaseTaskParts;

  constructor(parts: ReleaseTaskParts) {
    super();
    this.#parts = parts;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    const { store, clock } = this.#parts;
    const { tenant, endpoint: id, revision } = JSON.parse(job.payload) as Releasing; // only `releaseJob` writes it
    const [row] = await store.endpoints.known([{ tenant, id }]);
    const now = clock.now();
    if (row?.revision === revision && isToCome(job.createdAt + CHANGE_LIMIT_MS, now, CHANGE_LIMIT_MS))
      return { kind: "snoozed", forMs: AWAIT_CHANGE_MS };
    if (!row || row.deletedAt !== null || isOrdered(row))
      return { kind: "succeeded", result: JSON.stringify({ released: 0 }) };
    const released = await this.#release(laneOf(tenant, id), signal);
    // until then other processes may put more in line
    return untilOthersKnow(row.updatedAt, now) ?? { kind: "succeeded", result: JSON.stringify({ released }) };
  }

  async #release(lane: string, signal: AbortSignal): Promise<number> {
    const { store, clock, wake } = this.#parts;
    for (let count = 0; ; ) {
      signal.throwIfAborted();
      const released = await store.parking.unpark(lane, AT_ONCE, clock.now(), BEHIND);
      if (released > 0) wake();
      count += released;
      if (released < AT_ONCE) return count;
      await nextTurn();
    }
  }
}

/** Whether its deliveries go one at a time. */
export function isOrdered({ limits }: Pick<Endpoint, "limits">): boolean {
  return limits !== null && (JSON.parse(limits) as { ordered?: boolean }).ordered === true; // only checked ones are kept
}
