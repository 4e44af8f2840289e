import { isToCome } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RunContext } from "../../engine/task.ts";
import type { LeasedJob, NewJob } from "../../store/queue.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { Store } from "../../store/store.ts";
import { ownJob } from "../own-job.ts";
import { OwnTask } from "../own-task.ts";
import { laneOf } from "../registry/known-endpoint.ts";
import { AWAIT_CHANGE_MS, CHANGE_LIMIT_MS, untilOthersKnow } from "./awaited-change.ts";
import { cancelLane, jobIds, type LaneJobsParts, tellCancelled } from "./lane-jobs.ts";

/** Cancels what waits for endpoints that are gone, or that were stopped. */
export const CANCEL_TASK = "webhook.cancel";

/**
 * What to cancel, and after which change. The job is made before the change: whatever happens to the process in between,
 * the job sees whether the change was made.
 */
export type Cancelling =
  | { readonly kind: "endpoint"; readonly tenant: string; readonly endpoint: string; readonly reason: string }
  | { readonly kind: "tenant"; readonly tenant: string; readonly deletedAt: number; readonly reason: string }
  | {
      readonly kind: "status";
      readonly tenant: string;
      readonly endpoint: string;
      readonly status: "paused" | "disabled";
      readonly revision: number;
      readonly reason: string;
    };

export interface CancelTaskParts extends LaneJobsParts {
  readonly store: Pick<Store, "byHand" | "endpoints" | "records">;
}

const ATTEMPTS = 20;
const AT_ONCE = 500;
const ENDPOINTS_AT_ONCE = 100;

export function cancelJob(cancelling: Cancelling, now: number): NewJob {
  return ownJob(CANCEL_TASK, cancelling, { maxAttempts: ATTEMPTS, now });
}

/** `webhook.cancel`: batch by batch, until nothing is left. An attempt that starts over finds what the previous one left. */
export class CancelTask extends OwnTask {
  readonly name = CANCEL_TASK;
  readonly #parts: CancelTaskParts;

  constructor(parts: CancelTaskParts) {
    super();
    this.#parts = parts;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    const cancelling = JSON.parse(job.payload) as Cancelling; // only `cancelJob` writes it
    const since = await this.#changedAt(cancelling);
    const now = this.#parts.clock.now();
    if (since === undefined) {
      if (isToCome(job.createdAt + CHANGE_LIMIT_MS, now, CHANGE_LIMIT_MS))
        return { kind: "snoozed", forMs: AWAIT_CHANGE_MS };
      return { kind: "succeeded", result: JSON.stringify({ cancelled: 0 }) };
    }
    let cancelled = 0;
    for await (const lane of this.#lanesOf(cancelling))
      cancelled += await (cancelling.kind === "status"
        ? this.#cancelOlder(lane, since, cancelling.reason, signal)
        : cancelLane(this.#parts, lane, cancelling.reason, signal));
    return untilOthersKnow(since, now) ?? { kind: "succeeded", result: JSON.stringify({ cancelled }) };
  }

  /** When the change was made; undefined as long as it was not. */
  async #changedAt(cancelling: Cancelling): Promise<number | undefined> {
    if (cancelling.kind === "tenant") {
      const [any] = await this.#removed(cancelling, "", 1);
      return any?.deletedAt ?? undefined;
    }
    const { tenant, endpoint: id } = cancelling;
    const [row] = await this.#parts.store.endpoints.known([{ tenant, id }]);
    if (!row) return undefined;
    if (cancelling.kind === "endpoint") return row.deletedAt ?? undefined;
    const { status, revision } = cancelling;
    return row.deletedAt === null && row.status === status && row.revision > revision
      ? row.statusAt
      : undefined;
  }

  async *#lanesOf(cancelling: Cancelling): AsyncGenerator<string> {
    const { tenant } = cancelling;
    if (cancelling.kind !== "tenant") return yield laneOf(tenant, cancelling.endpoint);
    for (let after: string | undefined = ""; after !== undefined; ) {
      const some: Endpoint[] = await this.#removed(cancelling, after, ENDPOINTS_AT_ONCE);
      for (const { id } of some) yield laneOf(tenant, id);
      after = some.length === ENDPOINTS_AT_ONCE ? some.at(-1)?.id : undefined;
    }
  }

  #removed(
    { tenant, deletedAt }: Extract<Cancelling, { kind: "tenant" }>,
    after: string,
    limit: number,
  ): Promise<Endpoint[]> {
    return this.#parts.store.endpoints.removedWith(tenant, deletedAt, after, limit);
  }

  /** Jobs that were accepted before this time, and not later ones that wait among them. */
  async #cancelOlder(
    lane: string,
    createdBefore: number,
    reason: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { store, clock, instrument } = this.#parts;
    // one of the same millisecond counts as accepted before
    const filter = { lane, status: "queued", createdBefore: createdBefore + 1 } as const;
    let count = 0;
    for await (const ids of jobIds(store.records, filter, AT_ONCE, signal))
      count += tellCancelled(instrument, await store.byHand.cancelWaiting(ids, reason, clock.now()));
    return count;
  }
}
