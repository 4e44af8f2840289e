import { setImmediate as nextTurn } from "node:timers/promises";
import type { Outcome } from "../../core/outcome.ts";
import type { RunContext } from "../../engine/task.ts";
import type { LeasedJob, NewJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import { untilOthersKnow } from "../endpoints/awaited-change.ts";
import { cancelLane, jobIds, type LaneJobsParts } from "../endpoints/lane-jobs.ts";
import { ownJob } from "../own-job.ts";
import { OwnTask } from "../own-task.ts";
import { laneOf } from "../registry/known-endpoint.ts";

/** Erases everything that is kept of a tenant. */
export const ERASE_TENANT_TASK = "webhook.erase_tenant";

export interface EraseTenantTaskParts extends LaneJobsParts {
  readonly store: Pick<Store, "attempts" | "byHand" | "erasure" | "records" | "tenants">;
}

const ATTEMPTS = 100;
const JOBS_AT_ONCE = 200;
const ENDPOINTS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 200;
/** Until deliveries that run are looked for again. */
const UNDERWAY_MS = 5_000;
const REASON = "its tenant was erased";

export function eraseTenantJob(tenant: string, now: number): NewJob {
  return ownJob(ERASE_TENANT_TASK, { tenant }, { maxAttempts: ATTEMPTS, now });
}

/**
 * `webhook.erase_tenant`: deletes it, then forgets it batch by batch, last what tells where the rest is. An attempt that starts over finds what the previous one left.
 */
export class EraseTenantTask extends OwnTask {
  readonly name = ERASE_TENANT_TASK;
  readonly #parts: EraseTenantTaskParts;

  constructor(parts: EraseTenantTaskParts) {
    super();
    this.#parts = parts;
  }

  async run(job: LeasedJob, { signal }: RunContext): Promise<Outcome> {
    const { tenant } = JSON.parse(job.payload) as { tenant: string }; // only `eraseTenantJob` writes it
    const { store, clock } = this.#parts;
    const now = clock.now();
    const known = await store.erasure.tenant(tenant);
    if (known && known.deletedAt === null) await store.tenants.remove(tenant, now);
    const wait = known && untilOthersKnow(known.deletedAt ?? now, now);
    if (wait) return wait;
    await store.erasure.forgetBulkRuns(tenant);
    let isBusy = false;
    for await (const endpoint of this.#endpoints(tenant)) {
      signal.throwIfAborted();
      if (await this.#eraseLane(laneOf(tenant, endpoint), signal)) isBusy = true;
    }
    if (isBusy) return { kind: "snoozed", forMs: UNDERWAY_MS };
    let events = 0;
    for (let forgotten = -1; forgotten !== 0; await nextTurn()) {
      signal.throwIfAborted();
      forgotten = await store.erasure.forgetEvents(tenant, EVENTS_AT_ONCE);
      events += forgotten;
    }
    for await (const endpoint of this.#endpoints(tenant)) {
      signal.throwIfAborted();
      await store.erasure.forgetEndpoint(tenant, endpoint);
    }
    await store.erasure.forgetRest(tenant);
    return { kind: "succeeded", result: JSON.stringify({ events }) };
  }

  async *#endpoints(tenant: string): AsyncGenerator<string> {
    for (let after: string | undefined = ""; after !== undefined; ) {
      const some: string[] = await this.#parts.store.erasure.endpoints(tenant, after, ENDPOINTS_AT_ONCE);
      yield* some;
      after = some.length === ENDPOINTS_AT_ONCE ? some.at(-1) : undefined;
    }
  }

  /** Whether a delivery still runs: what it gets to hear has to be erased, too. */
  async #eraseLane(lane: string, signal: AbortSignal): Promise<boolean> {
    const { store } = this.#parts;
    await cancelLane(this.#parts, lane, REASON, signal);
    for await (const ids of jobIds(store.records, { lane }, JOBS_AT_ONCE, signal))
      await store.attempts.eraseJobs(ids);
    const { jobs } = await store.records.list({ lane, status: "running" }, { limit: 1 });
    return jobs.length > 0;
  }
}
