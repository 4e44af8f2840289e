import { isToCome } from "../../core/clock.ts";
import type { Part } from "../../engine/part.ts";
import { Rhythm } from "../../engine/rhythm.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";
import type { Endpoint, EndpointKey } from "../../store/shelves/endpoints.ts";
import type { Store } from "../../store/store.ts";
import { UNAWARE_MS } from "../endpoints/awaited-change.ts";
import { cancelLane, type LaneJobsParts } from "../endpoints/lane-jobs.ts";
import { heldUpByStatus, keyOfLane, laneOf } from "../registry/known-endpoint.ts";
import { isDraining, isDue } from "./breaker-state.ts";
import { type Breakers, WRITE_MS } from "./breakers.ts";
import type { HeldLanes } from "./held-lanes.ts";

export interface EndpointWatchParts extends LaneJobsParts {
  readonly store: Pick<Store, "endpoints" | "endpointHealth" | "parking" | "byHand">;
  readonly breakers: Breakers;
  readonly lanes: HeldLanes;
}

/** The most open breakers to know; others are found when their jobs are claimed. */
const MOST_WATCHED = 10_000;
const DUE_AT_ONCE = 100;
/** How long to leave an open breaker alone for which nothing is waiting. */
const NOTHING_WAITS_MS = 30_000;
/** How long a job that was let in has to become the probe. */
const PROBE_BEGINS_MS = 10_000;
/** How often to look for jobs left parked by a process that ended, or did not know of a change yet. */
const STRANDED_MS = 60_000;
const LANES_AT_ONCE = 250;

/** What is due for endpoints that do not do well: their health is written, probes begin, drains go on, and no job stays stranded. */
export class EndpointWatch implements Part {
  readonly #parts: EndpointWatchParts;
  readonly #rhythm: Rhythm;
  readonly #strandedRhythm: Rhythm;
  /** Until when open breakers are left alone. */
  readonly #notBefore = new Map<string, number>();
  /** By their ids, those that were let in a moment ago, and when everyone knows of it. */
  readonly #letInLately = new Map<string, readonly [endpoint: EndpointKey, knownAt: number]>();

  constructor(parts: EndpointWatchParts) {
    const { clock, instrument } = parts;
    this.#parts = parts;
    this.#rhythm = new Rhythm(clock, instrument, WRITE_MS, () => this.#look());
    this.#strandedRhythm = new Rhythm(clock, instrument, STRANDED_MS, () => this.#findStranded());
  }

  start(): void {
    this.#rhythm.start();
    this.#strandedRhythm.start();
  }

  /**
   * Nothing else holds the endpoint up any more: what was parked is let in, gently; and once more when every process knows, because
   * until then others may park some.
   * @param afresh what was counted of its failures is forgotten.
   */
  async letIn({ tenant, id }: EndpointKey, afresh = false): Promise<void> {
    await this.#parts.breakers.letIn({ tenant, id }, afresh);
    if (this.#letInLately.size < MOST_WATCHED)
      this.#letInLately.set(id, [{ tenant, id }, this.#parts.clock.now() + UNAWARE_MS]);
  }

  async stop(): Promise<void> {
    await this.#strandedRhythm.stop();
    await this.#rhythm.stop();
    await this.#parts.lanes.stop();
    await this.#parts.breakers.stop().catch(() => {}); // the database may be gone
  }

  async #look(): Promise<void> {
    const { breakers, clock, store } = this.#parts;
    await breakers.write();
    await this.#letInOthers();
    const watched = await breakers.look(MOST_WATCHED);
    if (watched.length === 0) return this.#notBefore.clear();
    const now = clock.now();
    const due = watched
      .filter((health) => isDue(health, now) && !this.#isLeftAlone(health, now))
      .slice(0, DUE_AT_ONCE);
    if (due.length === 0) return;
    // as they are now, because they may have changed within the last half second
    const endpoints = await store.endpoints.known(due.map(({ tenant, endpoint: id }) => ({ tenant, id })));
    const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    for (const health of due) await this.#goOn(health, byId.get(health.endpoint), now);
  }

  async #letInOthers(): Promise<void> {
    if (this.#letInLately.size === 0) return;
    const now = this.#parts.clock.now();
    const known = [...this.#letInLately.values()].filter(
      ([, knownAt]) => !isToCome(knownAt, now, UNAWARE_MS),
    );
    const keys = known.map(([endpoint]) => endpoint);
    for (const { id } of keys) this.#letInLately.delete(id);
    for (const endpoint of await this.#parts.store.endpoints.known(keys))
      await this.#letGo(endpoint.tenant, endpoint.id, endpoint);
  }

  #isLeftAlone({ endpoint }: EndpointHealth, now: number): boolean {
    return isToCome(this.#notBefore.get(endpoint) ?? 0, now, NOTHING_WAITS_MS);
  }

  async #goOn(health: EndpointHealth, endpoint: Endpoint | undefined, now: number): Promise<void> {
    const { breakers, lanes, store } = this.#parts;
    const { tenant, endpoint: id, version } = health;
    if (!endpoint || endpoint.deletedAt !== null)
      return void (await store.endpointHealth.remove(tenant, id, version));
    const isHeldUp = heldUpByStatus(endpoint) !== undefined;
    if (isDraining(health)) return isHeldUp ? breakers.drained(health) : breakers.drain(health);
    const isLetIn = !isHeldUp && (await lanes.letIn(laneOf(tenant, id), 1)) > 0;
    this.#notBefore.set(id, now + (isLetIn ? PROBE_BEGINS_MS : NOTHING_WAITS_MS));
  }

  async #findStranded(): Promise<void> {
    const { store } = this.#parts;
    for (let after = "", hasMore = true; hasMore; ) {
      const lanes = await store.parking.lanes(after, LANES_AT_ONCE);
      after = lanes.at(-1) ?? "";
      hasMore = lanes.length === LANES_AT_ONCE;
      const keys = lanes.filter((lane) => lane.includes("/")).map(keyOfLane);
      const known = await store.endpoints.known(keys);
      const byId = new Map(known.map((endpoint) => [endpoint.id, endpoint]));
      for (const { tenant, id } of keys) await this.#letGo(tenant, id, byId.get(id));
    }
  }

  async #letGo(tenant: string, id: string, endpoint: Endpoint | undefined): Promise<void> {
    const { store, breakers } = this.#parts;
    if (endpoint?.deletedAt === null) {
      if (heldUpByStatus(endpoint) !== undefined) return;
      const health = await store.endpointHealth.get(tenant, id);
      if (!health || (health.breaker === "closed" && health.probeAt === null))
        await breakers.letIn({ tenant, id });
      return;
    }
    await cancelLane(this.#parts, laneOf(tenant, id), "its endpoint was deleted");
  }
}
