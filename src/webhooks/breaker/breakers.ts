import type { Clock } from "../../core/clock.ts";
import { dateOrNull } from "../../core/instant.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { Call } from "../../store/shelves/tables/session.ts";
import type { Store } from "../../store/store.ts";
import type { Announcements } from "../operational/announcements.ts";
import { laneOf } from "../registry/known-endpoint.ts";
import {
  afterAttempts,
  type BreakerRules,
  type Decision,
  drained,
  GENTLE_STEPS,
  HEALTHY,
  type HealthState,
  heldUpBy,
  isDraining,
  isDue,
  letIn,
  NOTHING_SEEN,
  nextDrainStep,
  probing,
  type Seen,
} from "./breaker-state.ts";
import type { HeldLanes } from "./held-lanes.ts";

export interface BreakerParts {
  readonly store: Pick<Store, "endpointHealth" | "endpoints">;
  readonly lanes: HeldLanes;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly rules: BreakerRules;
  readonly announcements: Pick<Announcements, "about">;
  /** Disables an endpoint, for this reason. */
  readonly disable: (endpoint: EndpointKey, reason: string) => Promise<void>;
}

interface Counted {
  readonly endpoint: EndpointKey;
  /** Since it was last written down. */
  seen: Seen;
  /** It may open or close the breaker. */
  isUrgent: boolean;
  isBeingWritten: boolean;
}

/** How often one endpoint's health is written while it fails. */
export const WRITE_MS = 1_000;
/** The most endpoints written at once, so that hundreds of failing ones do not keep the database busy; counting continues meanwhile. */
const WRITTEN_AT_ONCE = 20;
const MOST_COUNTED = 100_000;
/** How long after its time limit a probe is given up. */
const PROBE_GRACE_MS = 30_000;
const MOST_TRIES = 5;

/**
 * The breakers of endpoints, as this process knows them. Healthy endpoints are not in memory and cost no query: a delivery only looks into
 * an empty map.
 */
export class Breakers {
  readonly #parts: BreakerParts;
  /** All that are not simply closed, by endpoint: at most a second old, and asked again where it matters. */
  #watched = new Map<string, EndpointHealth>();
  /** Those that changed here while the others' were read. */
  readonly #changed = new Set<string>();
  /** Those that have failed here since they last succeeded. */
  readonly #counted = new Map<string, Counted>();
  readonly #reading = new Map<string, Promise<EndpointHealth | undefined>>();
  readonly #underway = new Set<Promise<void>>();

  constructor(parts: BreakerParts) {
    this.#parts = parts;
  }

  /** Whether nothing is known that could hold the endpoint up. */
  isQuiet(endpoint: string): boolean {
    return this.#watched.size === 0 || !this.#watched.has(endpoint);
  }

  /** Why a new job of the endpoint waits from the start, as far as this process knows. */
  heldUpBy(endpoint: string): "breaker" | undefined {
    if (this.#watched.size === 0) return undefined;
    const health = this.#watched.get(endpoint);
    return health && heldUpBy(health, this.#parts.clock.now());
  }

  /** Whether an attempt may begin, where one is not quiet; where a probe is due, one attempt becomes it. Why not, or undefined. */
  async admit(endpoint: EndpointKey, timeoutMs: number): Promise<"breaker" | undefined> {
    const health = await this.#read(endpoint);
    const now = this.#parts.clock.now();
    if (!health || health.breaker === "closed") return undefined;
    if (!isDue(health, now)) return "breaker";
    return (await this.#save(health, probing(health, now, timeoutMs + PROBE_GRACE_MS)))
      ? undefined
      : "breaker";
  }

  succeeded(endpoint: EndpointKey): void {
    if (this.#counted.size + this.#watched.size === 0) return;
    const counted = this.#counted.get(endpoint.id);
    if (!counted && !this.#watched.has(endpoint.id)) return;
    const seen = { ...NOTHING_SEEN, succeededAt: this.#parts.clock.now() };
    this.#count(endpoint, counted, seen, this.#watched.get(endpoint.id)?.breaker !== "closed");
  }

  failed(endpoint: EndpointKey, error: string): void {
    const now = this.#parts.clock.now();
    const counted = this.#counted.get(endpoint.id);
    const before = counted?.seen ?? NOTHING_SEEN;
    const failures = before.failures + 1;
    const seen = { ...before, failures, failingSince: before.failingSince ?? now, failedAt: now, error };
    const isUrgent = failures >= this.#parts.rules.failures || this.#watched.has(endpoint.id);
    this.#count(endpoint, counted, seen, isUrgent);
  }

  /** Something else no longer holds the endpoint up: what was parked is let in, gently. @param afresh what was counted is forgotten. */
  async letIn(endpoint: EndpointKey, afresh = false): Promise<void> {
    if (afresh) this.#counted.delete(endpoint.id);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const health =
        (await this.#parts.store.endpointHealth.get(endpoint.tenant, endpoint.id)) ?? blank(endpoint);
      const state = letIn(afresh ? HEALTHY : health, this.#parts.clock.now());
      const isReset = afresh && health.breaker !== "closed";
      const told = isReset ? await this.#announced(health, { turn: "closed", state }) : undefined;
      const saved = await this.#save(health, state, told);
      if (!saved) continue;
      if (isReset)
        this.#parts.instrument["endpoint.closed"].publish({
          tenantId: endpoint.tenant,
          endpointId: endpoint.id,
        });
      if (isDraining(saved)) await this.drain(saved);
      return;
    }
  }

  /** The next step of a drain, if no other process takes it. */
  async drain(health: EndpointHealth): Promise<void> {
    const step = nextDrainStep(health, this.#parts.clock.now());
    const saved = await this.#save(health, step.state);
    if (saved) await this.#letInto(saved, step.letIn);
  }

  /** There is nothing more to drain. */
  async drained(health: EndpointHealth): Promise<void> {
    await this.#save(health, drained(health));
  }

  /** Learns of all that others have written. */
  async look(most: number): Promise<readonly EndpointHealth[]> {
    this.#changed.clear();
    const rows = await this.#parts.store.endpointHealth.watched(most);
    if (rows.length + this.#watched.size === 0) return rows;
    const watched = new Map(rows.map((row) => [row.endpoint, row]));
    for (const endpoint of this.#changed) {
      const known = this.#watched.get(endpoint);
      if (known) watched.set(endpoint, known);
      else watched.delete(endpoint);
    }
    this.#watched = watched;
    return rows.filter(({ endpoint }) => watched.has(endpoint));
  }

  /** Writes what was counted: of some of those that merely fail, and of all that may open or close a breaker. */
  async write(): Promise<void> {
    if (this.#counted.size === 0) return;
    const waiting = [...this.#counted.values()].filter(({ seen }) => seen !== NOTHING_SEEN);
    const urgent = waiting.filter(({ isUrgent }) => isUrgent);
    const others = waiting.filter(({ isUrgent }) => !isUrgent);
    for (const counted of [...urgent, ...others.slice(0, WRITTEN_AT_ONCE)]) await this.#write(counted);
  }

  /** Resolves when nothing is being written any more, and what was counted has been. */
  async stop(): Promise<void> {
    await Promise.all(this.#underway);
    await this.write();
  }

  #count(endpoint: EndpointKey, known: Counted | undefined, seen: Seen, isUrgent: boolean): void {
    const counted = known ?? { endpoint, seen, isUrgent, isBeingWritten: false };
    counted.seen = seen;
    counted.isUrgent ||= isUrgent;
    if (!known) {
      this.#counted.set(endpoint.id, counted);
      if (this.#counted.size > MOST_COUNTED)
        for (const oldest of this.#counted.keys()) {
          this.#counted.delete(oldest);
          break;
        }
    }
    if (counted.isUrgent && !counted.isBeingWritten) this.#writeSoon(counted);
  }

  #writeSoon(counted: Counted): void {
    const writing = this.#write(counted).catch((error) => this.#report(error));
    this.#underway.add(writing);
    void writing.then(() => this.#underway.delete(writing));
  }

  async #write(counted: Counted): Promise<void> {
    if (counted.isBeingWritten) return;
    const { endpoint, seen } = counted;
    counted.isBeingWritten = true;
    counted.isUrgent = false;
    counted.seen = NOTHING_SEEN;
    try {
      const decision = await this.#decide(endpoint, seen);
      if (decision && decision.state.failures === 0 && counted.seen === NOTHING_SEEN)
        this.#counted.delete(endpoint.id);
    } catch (error) {
      counted.seen = joined(seen, counted.seen);
      throw error;
    } finally {
      counted.isBeingWritten = false;
    }
  }

  async #decide(endpoint: EndpointKey, seen: Seen): Promise<Decision | undefined> {
    const { store, clock, rules } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const health = (await store.endpointHealth.get(endpoint.tenant, endpoint.id)) ?? blank(endpoint);
      const decision = afterAttempts(health, seen, clock.now(), rules);
      const saved = await this.#save(health, decision.state, await this.#announced(health, decision));
      if (!saved) continue;
      await this.#carryOut(health, saved, decision).catch((error) => this.#report(error));
      return decision;
    }
    return undefined; // other processes keep changing it, and see its health themselves
  }

  async #carryOut(before: EndpointHealth, health: EndpointHealth, { turn, letIn }: Decision): Promise<void> {
    const { store, lanes, instrument, clock, disable } = this.#parts;
    const { tenant, endpoint: id, failures, lastError } = health;
    const key = { tenant, id };
    const happened = { tenantId: tenant, endpointId: id };
    const error = lastError ?? "";
    if (turn === "disabled")
      return disable(key, `every delivery has failed for days; the last one: ${error}`);
    if (turn === "opened" || turn === "reopened") {
      const reason = `${failures} failures in a row; the last one: ${error}`;
      instrument["endpoint.opened"].publish({ ...happened, failures, error });
      lanes.park(laneOf(tenant, id), "breaker");
      await store.endpoints.note(key, turned(before, health), { actor: null, reason }, clock.now());
    }
    if (turn === "closed") {
      instrument["endpoint.closed"].publish(happened);
      const reason = "a delivery has succeeded";
      await store.endpoints.note(key, turned(before, health), { actor: null, reason }, clock.now());
    }
    if (letIn > 0) await this.#letInto(health, letIn);
  }

  async #letInto(health: EndpointHealth, count: number): Promise<void> {
    const most = health.probes > GENTLE_STEPS ? Number.POSITIVE_INFINITY : count;
    const came = await this.#parts.lanes.letIn(laneOf(health.tenant, health.endpoint), most);
    if (came < most) await this.drained(health);
  }

  /** One read serves all calls that come meanwhile. */
  #read(endpoint: EndpointKey): Promise<EndpointHealth | undefined> {
    const underway = this.#reading.get(endpoint.id);
    if (underway) return underway;
    const reading = this.#parts.store.endpointHealth
      .get(endpoint.tenant, endpoint.id)
      .then((health) => {
        this.#learn(endpoint.id, health);
        return health;
      })
      .finally(() => this.#reading.delete(endpoint.id));
    this.#reading.set(endpoint.id, reading);
    return reading;
  }

  /** The operational event about a change of the breaker. Disabling is reported with the change of status. */
  async #announced(
    { tenant, endpoint, openedAt }: EndpointHealth,
    { turn, state }: Pick<Decision, "turn" | "state">,
  ): Promise<Call<unknown> | undefined> {
    if (turn === undefined || turn === "disabled") return undefined;
    const announce = await this.#parts.announcements.about(tenant);
    if (turn === "closed")
      return announce?.("posthorn.endpoint.breaker_closed", endpoint, { opened_at: shown(openedAt) });
    const { failures, failingSince, lastError, probeAt } = state;
    const times = { failing_since: shown(failingSince), next_probe_at: shown(probeAt) };
    return announce?.("posthorn.endpoint.breaker_opened", endpoint, { failures, ...times, error: lastError });
  }

  async #save(
    before: EndpointHealth,
    state: HealthState,
    told?: Call<unknown>,
  ): Promise<EndpointHealth | undefined> {
    const { store, clock } = this.#parts;
    const saved = await store.endpointHealth.save({ ...before, ...state, updatedAt: clock.now() }, told);
    if (saved) this.#learn(saved.endpoint, saved);
    return saved;
  }

  #report(error: unknown): void {
    this.#parts.instrument["step.failed"].publish({ step: "watch endpoints", error });
  }

  #learn(endpoint: string, health: EndpointHealth | undefined): void {
    this.#changed.add(endpoint);
    if (health && health.probeAt !== null) this.#watched.set(endpoint, health);
    else this.#watched.delete(endpoint);
  }
}

function shown(ms: number | null): string | null {
  return dateOrNull(ms)?.toISOString() ?? null;
}

function blank({ tenant, id }: EndpointKey): EndpointHealth {
  return { ...HEALTHY, endpoint: id, tenant, version: 0, updatedAt: 0 };
}

function joined(first: Seen, then: Seen): Seen {
  if (then.succeededAt !== null) return then;
  return {
    failures: first.failures + then.failures,
    failingSince: first.failingSince ?? then.failingSince,
    failedAt: then.failedAt ?? first.failedAt,
    error: then.error ?? first.error,
    succeededAt: first.succeededAt,
  };
}

function turned(before: EndpointHealth, after: EndpointHealth) {
  return { breaker: [before.breaker, after.breaker] } as const;
}
