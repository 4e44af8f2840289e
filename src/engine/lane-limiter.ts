import { createHash } from "node:crypto";
import type { LaneLimits } from "./task.ts";

/** A worker among those of the store. */
export interface Fleet {
  readonly size: number;
  /** Of this worker, from 0. */
  readonly rank: number;
}

interface Limited {
  readonly limits: LaneLimits;
  /** When the last jobs began, oldest first: as many as the rate lets begin in its span. */
  readonly begun: number[];
}

/** Lanes whose limits are remembered. One that is forgotten is claimed from too freely once, and the excess given back. */
const MOST_REMEMBERED = 1_000;

/**
 * The limits that tasks set for their lanes. A fleet shares a limit by dividing it: each worker keeps to its part without asking
 * the others, and no row is counted up and down. While workers come and go, for a heartbeat or two, the parts may add up to more.
 */
export class LaneLimiter {
  #fleet: Fleet = { size: 1, rank: 0 };
  readonly #limited = new Map<string, Limited>();

  set fleet(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Whether there is any limit to keep to. */
  get isNeeded(): boolean {
    return this.#limited.size > 0;
  }

  learn(lane: string, limits: LaneLimits): void {
    const begun = this.#limited.get(lane)?.begun ?? [];
    this.#limited.delete(lane); // the least recently seen stand first
    this.#limited.set(lane, { limits, begun });
    for (const [oldest] of this.#limited) {
      if (this.#limited.size <= MOST_REMEMBERED) break;
      this.#limited.delete(oldest);
    }
  }

  lanes(): Iterable<string> {
    return this.#limited.keys();
  }

  /** How many of the lane may run here at once. */
  mostRunning(lane: string): number {
    const most = this.#limited.get(lane)?.limits.concurrency;
    return most === undefined ? Number.POSITIVE_INFINITY : shareOf(most, this.#fleet, lane);
  }

  /** How many more of the lane may begin here now. */
  mayBegin(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    if (!limited?.limits.rate) return Number.POSITIVE_INFINITY;
    const { count, spanMs } = this.#window(limited.limits.rate);
    return count - limited.begun.filter((at) => at > now - spanMs).length;
  }

  /** How long until the next of the lane may begin. */
  waitMs(lane: string, now: number): number {
    const limited = this.#limited.get(lane);
    if (!limited?.limits.rate || this.mayBegin(lane, now) > 0) return 0;
    const { count, spanMs } = this.#window(limited.limits.rate);
    return Math.max(0, (limited.begun.at(-count) ?? now) + spanMs - now);
  }

  began(lane: string, now: number): void {
    const limited = this.#limited.get(lane);
    if (!limited?.limits.rate) return;
    limited.begun.push(now);
    const { count } = this.#window(limited.limits.rate);
    while (limited.begun.length > count) limited.begun.shift();
  }

  /** This worker's part of a rate: one job in a longer span, where there are more workers than jobs. */
  #window({ limit, perMs }: { limit: number; perMs: number }): { count: number; spanMs: number } {
    const count = Math.max(1, Math.floor(limit / this.#fleet.size));
    return { count, spanMs: (perMs * count * this.#fleet.size) / limit };
  }
}

/** Parts of a whole number that add up to it; what is left over goes to other workers for other lanes. */
export function shareOf(limit: number, { size, rank }: Fleet, lane: string): number {
  const leftOver = limit % size;
  if (leftOver === 0) return limit / size;
  const turn = createHash("sha256").update(lane).digest().readUInt32BE(0);
  return Math.floor(limit / size) + ((rank + turn) % size < leftOver ? 1 : 0);
}
