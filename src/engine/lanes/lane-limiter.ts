import { createHash } from "node:crypto";
import type { Fleet, Place } from "../fleet/fleet.ts";
import type { LaneLimits, Task } from "../task.ts";

interface Limited {
  readonly task: string;
  readonly limits: LaneLimits;
  /** Whose turn it is to have what cannot be divided. */
  readonly turn: number;
  /** When jobs began that still count against the rate, oldest first. */
  begun: number[];
}

/** Lanes whose limits are remembered. One that is forgotten is claimed from too freely once, and the excess given back. */
const MOST_REMEMBERED = 1_000;
/** Lanes looked at, for each that is learnt, to forget one. More than one, so that too many become fewer. */
const FORGET_TRIES = 2;

/**
 * The limits that tasks set for their lanes. A fleet shares a limit by dividing it: each worker keeps to its part without asking
 * the others, and no row is counted up and down. While workers come and go, for a heartbeat or two, the parts may add up to more.
 */
export class LaneLimiter {
  fleet: Pick<Fleet, "placeFor"> = { placeFor: () => ({ size: 1, rank: 0 }) };
  readonly #limited = new Map<string, Limited>();

  /** Whether there is any limit to keep to. */
  get isNeeded(): boolean {
    return this.#limited.size > 0;
  }

  /** The lane has a job of the task. */
  learn(
    lane: string,
    { name: task, laneLimits: limits }: Pick<Task, "name" | "laneLimits">,
    now: number,
  ): void {
    if (!limits) return;
    const { turn = turnOf(lane), begun = [] } = this.#limited.get(lane) ?? {};
    this.#limited.delete(lane); // the least recently seen stand first
    this.#limited.set(lane, { task, limits, turn, begun });
    if (this.#limited.size > MOST_REMEMBERED) this.#forget(now);
  }

  lanes(): Iterable<string> {
    return this.#limited.keys();
  }

  /** How many of the lane may run here at once. */
  mostRunning(lane: string): number {
    const limited = this.#limited.get(lane);
    const most = limited?.limits.concurrency;
    return limited && most !== undefined ? this.#share(limited, most) : Number.POSITIVE_INFINITY;
  }

  /** How many more of the lane may begin here now. */
  mayBegin(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    if (!limited || !rate) return Number.POSITIVE_INFINITY;
    dropPast(limited, rate.perMs, now);
    return Math.max(0, this.#share(limited, rate.limit) - limited.begun.length);
  }

  /** How long until the next of the lane may begin by its rate; for ever where this worker has no part in it. */
  waitMs(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    const rate = limited?.limits.rate;
    if (!limited || !rate || this.mayBegin(lane, now) > 0) return 0;
    const share = this.#share(limited, rate.limit);
    const lastInTheWay = share === 0 ? undefined : limited.begun.at(-share);
    return lastInTheWay === undefined ? Number.POSITIVE_INFINITY : lastInTheWay + rate.perMs - now;
  }

  began(lane: string, now: number): void {
    const limited = this.#limited.get(lane);
    if (limited?.limits.rate) limited.begun.push(now);
  }

  #share({ task, turn }: Limited, limit: number): number {
    return shareOf(limit, this.fleet.placeFor(task), turn);
  }

  /** Not those of which jobs began that still count. */
  #forget(now: number): void {
    let tries = 0;
    for (const [lane, limited] of this.#limited) {
      if (tries++ === FORGET_TRIES) return;
      this.#limited.delete(lane);
      dropPast(limited, limited.limits.rate?.perMs ?? 0, now);
      if (limited.begun.length > 0) this.#limited.set(lane, limited);
    }
  }
}

/** Parts of a whole number that add up to it; what is left over goes to other workers for other lanes. */
export function shareOf(limit: number, { size, rank }: Place, turn: number): number {
  return Math.floor(limit / size) + ((rank + turn) % size < limit % size ? 1 : 0);
}

export function turnOf(lane: string): number {
  return createHash("sha256").update(lane).digest().readUInt32BE(0);
}

function dropPast(limited: Limited, spanMs: number, now: number): void {
  const { begun } = limited;
  // the clock was set back: what began in what is now the future began now, or the lane would stand still until then
  if ((begun.at(-1) ?? now) > now) limited.begun = begun.map((at) => Math.min(at, now));
  const past = limited.begun.findIndex((at) => at > now - spanMs);
  if (past !== 0) limited.begun.splice(0, past === -1 ? limited.begun.length : past);
}
