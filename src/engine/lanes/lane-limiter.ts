import { createHash } from "node:crypto";
import type { LeasedJob } from "../../store/queue.ts";
import type { Fleet, Place } from "../fleet/fleet.ts";
import type { LaneLimits, Task } from "../task.ts";
import { Begun } from "./begun.ts";

/** The source of a lane's limits: a task, and one of its jobs. */
export interface Source {
  readonly task: Task;
  /** Without its payload, so that what is remembered stays small. */
  readonly job: LeasedJob;
}

type FleetView = Pick<Fleet, "placeFor" | "owns">;

interface Limited {
  readonly source: Source;
  limits: LaneLimits;
  /** Decides which worker gets the remainder when a limit is divided. */
  readonly turn: number;
  begun: Begun;
  /** Whether this worker has a limit that is not divided, cached for one fleet and one name. */
  owned: { readonly fleet: FleetView; readonly name: string; readonly isMine: boolean } | undefined;
  /** For a rate that this worker has for itself: whether it knows when jobs started, or is about to find out. */
  takeover: "none" | "under way" | "done";
}

/** How many lanes' limits are remembered. From a forgotten lane, one claim may take too many jobs, which are given back. */
const MOST_REMEMBERED = 1_000;
/** How many lanes are checked for one to forget whenever one is learnt. More than one, so that an excess shrinks. */
const FORGET_TRIES = 2;
const SECOND = 1_000;

const ALONE: FleetView = { placeFor: () => ({ size: 1, rank: 0 }), owns: () => true };

/**
 * Limits of lanes, or of tenants, by their names. A fleet shares a limit by dividing it: each worker keeps to its part without asking the
 * others, and no row is counted up and down. A limit too small to be divided (fewer jobs at once than there are workers, or less than one
 * start a second for each) belongs to one worker. While workers come and go, for a heartbeat or two, the parts may add up to more.
 */
export class LaneLimiter {
  fleet: FleetView = ALONE;
  readonly #limited = new Map<string, Limited>();
  readonly #givenAs: (lane: string) => string;
  /** Called when this worker gets a rate for itself: no job starts under it until `takeOver`. If unset, jobs start at once. */
  onTakeover: ((lane: string) => void) | undefined;

  /** @param givenAs the name by which an undivided lane is assigned to a worker: lanes with one name go to the same worker. */
  constructor(givenAs = (lane: string) => lane) {
    this.#givenAs = givenAs;
  }

  /** Whether there is any limit to keep to. */
  get isNeeded(): boolean {
    return this.#limited.size > 0;
  }

  /** Takes a lane's limits from a job of the task. Counts are kept when the limits change. */
  learn(lane: string, limits: LaneLimits, task: Task, job: LeasedJob, now: number): void {
    const known = this.#limited.get(lane);
    if (known?.source.task === task) {
      known.limits = limits;
      this.#limited.delete(lane); // the least recently seen come first
      this.#limited.set(lane, known);
      return;
    }
    const source = { task, job: { ...job, payload: "" } };
    const { turn = turnOf(lane), begun = new Begun() } = known ?? {};
    this.#limited.delete(lane);
    this.#limited.set(lane, { source, limits, turn, begun, owned: undefined, takeover: "none" });
    if (this.#limited.size > MOST_REMEMBERED) this.#forget(now);
  }

  /** Whether something changed. @param limits undefined: it has none any more. */
  change(lane: string, limits: LaneLimits | undefined): boolean {
    const known = this.#limited.get(lane);
    if (!known) return false;
    if (limits === undefined) return this.#limited.delete(lane);
    const isSame = isSameAs(known.limits, limits);
    known.limits = limits;
    return !isSame;
  }

  lanes(): Iterable<string> {
    return this.#limited.keys();
  }

  has(lane: string): boolean {
    return this.#limited.has(lane);
  }

  /** The source of each lane's limits, to ask it again. */
  sources(): [lane: string, source: Source][] {
    return Array.from(this.#limited, ([lane, { source }]) => [lane, source]);
  }

  /** Whether one worker has some limit of it for itself. */
  isUndivided(lane: string): boolean {
    const limited = this.#limited.get(lane);
    if (!limited) return false;
    const { concurrency, rate } = limited.limits;
    const { size } = this.#placeOf(limited);
    return (
      (concurrency !== undefined && concurrency < size) || (rate !== undefined && !isDivided(rate, size))
    );
  }

  /** How many of the lane may run here at once. */
  mostRunning(lane: string): number {
    const limited = this.#limited.get(lane);
    const most = limited?.limits.concurrency;
    if (!limited || most === undefined) return Number.POSITIVE_INFINITY;
    const place = this.#placeOf(limited);
    if (most >= place.size) return shareOf(most, place, limited.turn);
    return this.#isMine(lane, limited) ? most : 0;
  }

  /** How many more of the lane may begin here now. */
  mayBegin(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    if (!limited || !rate) return Number.POSITIVE_INFINITY;
    const begun = limited.begun.countAt(now, rate.perMs);
    return Math.max(0, this.#rateHere(lane, limited, rate) - begun);
  }

  /** How long until the rate allows the lane's next job to start; forever if this worker has no share in it. */
  waitMs(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    if (!limited || !rate || this.mayBegin(lane, now) > 0) return 0;
    const share = this.#rateHere(lane, limited, rate);
    return share === 0 ? Number.POSITIVE_INFINITY : limited.begun.fewerThanAt(share, rate.perMs) - now;
  }

  began(lane: string, now: number): void {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    if (limited && rate) limited.begun.add(now, rate.limit, rate.perMs);
  }

  /** Whether its rate is one worker's, and goes from one to another. */
  isHandedOn(lane: string): boolean {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    return limited !== undefined && rate !== undefined && !isDivided(rate, this.#placeOf(limited).size);
  }

  /** @param last when the last job started, on any worker: this worker continues as if the rate had been used up at that time. */
  takeOver(lane: string, last: number | undefined): void {
    const limited = this.#limited.get(lane);
    if (limited?.takeover !== "under way") return;
    limited.takeover = "done";
    const { rate } = limited.limits;
    if (rate && last !== undefined) limited.begun = Begun.evenly(rate.limit, rate.perMs, last);
  }

  #rateHere(lane: string, limited: Limited, rate: Rate): number {
    const place = this.#placeOf(limited);
    const isDividedHere = isDivided(rate, place.size);
    if (isDividedHere || !this.#isMine(lane, limited)) {
      limited.takeover = "none";
      return isDividedHere ? shareOf(rate.limit, place, limited.turn) : 0;
    }
    if (this.onTakeover && limited.takeover === "none") {
      limited.takeover = "under way";
      this.onTakeover(lane);
    }
    return limited.takeover === "under way" ? 0 : rate.limit;
  }

  #placeOf({ source }: Limited): Place {
    return this.fleet.placeFor(source.task.name);
  }

  #isMine(lane: string, limited: Limited): boolean {
    const { fleet } = this;
    const name = this.#givenAs(lane);
    if (limited.owned?.fleet !== fleet || limited.owned.name !== name) {
      limited.owned = { fleet, name, isMine: fleet.owns(limited.source.task.name, name) };
    }
    return limited.owned.isMine;
  }

  /** Does not forget lanes with starts that still count. */
  #forget(now: number): void {
    let tries = 0;
    for (const [lane, limited] of this.#limited) {
      if (tries++ === FORGET_TRIES) return;
      this.#limited.delete(lane);
      const stillCount = limited.begun.countAt(now, limited.limits.rate?.perMs ?? 0);
      if (stillCount > 0) this.#limited.set(lane, limited);
    }
  }
}

type Rate = NonNullable<LaneLimits["rate"]>;

/** A rate can be divided if each worker gets at least one start per period, and one a second. */
function isDivided({ limit, perMs }: Rate, size: number): boolean {
  return limit >= size && (limit * SECOND) / perMs >= size;
}

/** Divides a whole number into parts that add up to it. The remainder goes to different workers for different lanes. */
export function shareOf(limit: number, { size, rank }: Place, turn: number): number {
  return Math.floor(limit / size) + ((rank + turn) % size < limit % size ? 1 : 0);
}

function turnOf(lane: string): number {
  return createHash("sha256").update(lane).digest().readUInt32BE(0);
}

function isSameAs(one: LaneLimits, other: LaneLimits): boolean {
  return (
    one.concurrency === other.concurrency &&
    one.rate?.limit === other.rate?.limit &&
    one.rate?.perMs === other.rate?.perMs
  );
}
