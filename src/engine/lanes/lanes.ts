import { tenantOf } from "../../store/lane-order.ts";
import type { LaneRoom, LeasedJob } from "../../store/queue.ts";
import type { Pool } from "../working/pool.ts";
import type { Limits } from "./limits.ts";
import type { Pace } from "./pace.ts";

/** How many lanes are remembered whose jobs need more than a slot. */
const MOST_POOLED = 1_000;

/** The longest rest. If a lane seems to rest for longer, the clock was set back. */
const LONGEST_REST_MS = 60_000;

interface Counts {
  inHand: number;
  /** The number of jobs in hand. */
  begun: number;
  /** Running handlers, including those that outlive their attempts and are no longer in hand. */
  running: number;
}

const NONE: Readonly<Counts> = { inHand: 0, begun: 0, running: 0 };

/**
 * How many jobs of each lane this worker has in hand, and which lanes rest.
 *
 * A lane may run no more jobs than there are slots still free: one alone gets half, two get a third each, and so on, so that even when
 * several lanes hang, the next one finds a slot. (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998,
 * with α = 1.) And for each job that it runs, as many may wait as will start soon at its pace, three at most, so that waiting jobs leave
 * room for other lanes as long as a slot is free.
 *
 * If the task says how many of a lane's jobs may run at once, only that number applies.
 */
export class Lanes {
  /** Of one lane at once, however many slots are free. */
  readonly #maxRunning: number;
  /** What tasks ask for besides that. */
  readonly limits: Limits;
  readonly #pace: Pace;
  /** Of lanes whose jobs need it. */
  readonly #pools = new Map<string, Pool>();
  /** Only lanes with jobs in hand, so that the map stays as small as the hand. */
  readonly #counts = new Map<string, Counts>();
  readonly #restingUntil = new Map<string, number>();
  readonly #leftUntil = new Map<string, number>();
  #filled = new Set<string>();

  constructor(maxRunning: number, limits: Limits, pace: Pace) {
    this.#maxRunning = maxRunning;
    this.limits = limits;
    this.#pace = pace;
  }

  /** The lane has a job that needs it. */
  learnPool(lane: string, pool: Pool): void {
    this.#pools.delete(lane);
    this.#pools.set(lane, pool);
    if (this.#pools.size <= MOST_POOLED) return;
    for (const oldest of this.#pools.keys()) {
      this.#pools.delete(oldest);
      return;
    }
  }

  claimed(lane: string): void {
    this.#count(lane, 1, 0, 0);
  }

  /** A claimed job was taken away, or given back, before it began. */
  leftHand(lane: string): void {
    this.#count(lane, -1, 0, 0);
  }

  began(lane: string, now: number): void {
    this.#count(lane, 0, 1, 1);
    if (this.limits.isNeeded) this.limits.began(lane, now);
  }

  /** The attempt is over; its handler may not be. */
  attemptEnded(lane: string): void {
    this.#count(lane, -1, -1, 0);
  }

  handlerEnded(lane: string): void {
    this.#count(lane, 0, 0, -1);
  }

  runningOf(lane: string): number {
    return this.#of(lane).running;
  }

  canBegin(lane: string, freeSlots: number, now: number): boolean {
    const running = this.runningOf(lane);
    const isFair = running < Math.min(this.#maxRunning, freeSlots);
    if (!this.limits.isNeeded) return isFair;
    const most = this.limits.lanes.mostRunning(lane);
    const isWithin = most === Number.POSITIVE_INFINITY ? isFair : running < most;
    return isWithin && this.limits.mayBegin(lane, now) && this.#hasTenantRoom(lane);
  }

  #hasTenantRoom(lane: string): boolean {
    const tenant = this.limits.tenantOf(lane);
    if (tenant === undefined) return true;
    return this.#runningOfTenant(tenant) < this.limits.tenants.mostRunning(tenant);
  }

  /** How many of a lane's jobs may wait for a slot: as many as will start soon. */
  mayWaitForSlots(lane: string): number {
    const { begun, running } = this.#of(lane);
    // it was claimed because other lanes are quick; treat it like them, or it would be claimed and given back forever
    if (running === 0 && !this.#pace.knows(lane)) return Math.floor(this.#pace.aheadByDefault);
    return Math.floor(this.#pace.aheadOfEach(lane) * (running === 0 ? 1 : begun));
  }

  /** How many of a lane's jobs may wait here besides those that run; for a limited lane, no more than could start. */
  mayWait(lane: string, now: number): number {
    const { lanes } = this.limits;
    return Math.min(lanes.mostRunning(lane) - this.runningOf(lane), lanes.mayBegin(lane, now));
  }

  /** The same for all lanes of a limited tenant. */
  mayWaitOfTenant(tenant: string, now: number, running = this.#runningOfTenant(tenant)): number {
    const { tenants } = this.limits;
    return Math.min(tenants.mostRunning(tenant) - running, tenants.mayBegin(tenant, now));
  }

  /** Nothing of the lane is claimed before then. */
  rest(lane: string, until: number): void {
    this.#restingUntil.set(lane, Math.max(until, this.#restingUntil.get(lane) ?? 0));
  }

  /** The lane is left to other workers until then. */
  leave(lane: string, until: number): void {
    this.#leftUntil.set(lane, until);
  }

  /** No lane is left to others any more; those that rest still do. */
  returnToAll(): void {
    this.#leftUntil.clear();
  }

  room(now: number, freeSlots: number): LaneRoom {
    // even with no slot free, a lane has room for one job, or the lanes that are running would get all of the next slots
    const byDefault = Math.floor(
      (1 + this.#pace.aheadByDefault) * Math.max(1, this.#startable(0, freeSlots)),
    );
    const except = new Map<string, number>();
    for (const [lane, { inHand }] of this.#counts)
      if (inHand > 0) except.set(lane, Math.max(0, this.#most(lane, freeSlots) - inHand));
    for (const [lane, pool] of this.#pools) {
      if (pool.room < freeSlots && !except.has(lane)) except.set(lane, this.#most(lane, freeSlots));
    }
    if (this.limits.lanes.isNeeded) this.#limit(except, now, byDefault);
    for (const closed of [this.#restingUntil, this.#leftUntil]) {
      for (const [lane, until] of closed) {
        if (until > now && until <= now + LONGEST_REST_MS) except.set(lane, 0);
        else closed.delete(lane);
      }
    }
    if (!this.limits.tenants.isNeeded) return { byDefault, except };
    return { byDefault, except, tenants: this.#roomOfTenants(now) };
  }

  /** While another claim is under way: what has limits is left to that. */
  roomMeanwhile(now: number, freeSlots: number): LaneRoom {
    const { limits } = this;
    const { byDefault, except } = this.room(now, freeSlots);
    if (!limits.isNeeded) return { byDefault, except };
    const none = (names: Iterable<string>) => [...names].map((name) => [name, 0] as const);
    const tenants = new Map(none(limits.tenants.lanes()));
    return { byDefault, except: new Map([...except, ...none(limits.lanes.lanes())]), tenants };
  }

  /** What a claim with this room has brought: lanes that it filled may have more that is ready. */
  filled({ byDefault, except }: LaneRoom, jobs: readonly LeasedJob[]): void {
    this.#filled = new Set(); // clear() would link it to the last one: see Bag
    for (const [lane, room] of except) if (room <= 0 && this.#counts.has(lane)) this.#filled.add(lane);
    const taken = new Map<string, number>();
    for (const { lane } of jobs) {
      const count = (taken.get(lane) ?? 0) + 1;
      taken.set(lane, count);
      if (count >= (except.get(lane) ?? byDefault)) this.#filled.add(lane);
    }
  }

  /** Whether jobs of the lane may be ready that the last claim had no room for. */
  isFilled(lane: string): boolean {
    return this.#filled.has(lane);
  }

  /** How many of a lane's jobs may be in hand: running ones, those that can start now, and for each of these as many as will start soon. */
  #most(lane: string, freeSlots: number): number {
    const { begun, running } = this.#of(lane);
    const room = this.#pools.get(lane)?.room ?? freeSlots;
    const startable = Math.min(room, this.#startable(running, freeSlots));
    const soon = running === 0 && room > 0 ? Math.max(1, startable) : begun + startable;
    return Math.floor((1 + this.#pace.aheadOfEach(lane)) * soon);
  }

  /** How many more of a lane's jobs can start at once, where each leaves one slot less for the next; see `canBegin`. */
  #startable(running: number, freeSlots: number): number {
    return Math.max(0, Math.min(this.#maxRunning - running, Math.ceil((freeSlots - running) / 2)));
  }

  #limit(except: Map<string, number>, now: number, byDefault: number): void {
    for (const lane of this.limits.lanes.lanes()) {
      const { inHand, begun } = this.#of(lane);
      const room = Math.max(0, this.mayWait(lane, now) - (inHand - begun));
      const fair = except.get(lane) ?? byDefault;
      // an explicit limit applies even where fairness would allow less
      except.set(
        lane,
        this.limits.lanes.mostRunning(lane) < Number.POSITIVE_INFINITY ? room : Math.min(room, fair),
      );
    }
  }

  #roomOfTenants(now: number): Map<string, number> {
    const waiting = new Map<string, number>();
    const running = new Map<string, number>();
    for (const [lane, counts] of this.#counts) {
      const tenant = tenantOf(lane);
      if (tenant === undefined) continue;
      waiting.set(tenant, (waiting.get(tenant) ?? 0) + counts.inHand - counts.begun);
      running.set(tenant, (running.get(tenant) ?? 0) + counts.running);
    }
    const room = new Map<string, number>();
    for (const tenant of this.limits.tenants.lanes()) {
      const may = this.mayWaitOfTenant(tenant, now, running.get(tenant) ?? 0);
      if (may < Number.POSITIVE_INFINITY) room.set(tenant, Math.max(0, may - (waiting.get(tenant) ?? 0)));
    }
    return room;
  }

  /** Over all its lanes. */
  #runningOfTenant(tenant: string): number {
    let sum = 0;
    for (const [lane, { running }] of this.#counts) if (lane.startsWith(tenant)) sum += running;
    return sum;
  }

  #of(lane: string): Readonly<Counts> {
    return this.#counts.get(lane) ?? NONE;
  }

  #count(lane: string, inHand: number, begun: number, running: number): void {
    const known = this.#counts.get(lane);
    const counts = known ?? { ...NONE };
    counts.inHand += inHand;
    counts.begun += begun;
    counts.running += running;
    if (!known) this.#counts.set(lane, counts);
    else if (counts.inHand + counts.begun + counts.running === 0) this.#counts.delete(lane);
  }
}
