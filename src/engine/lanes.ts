import type { LaneRoom } from "../store/store.ts";

/**
 * How many jobs of each lane this worker has in hand, and which lanes rest.
 *
 * A lane may take no more than what is still free: one alone gets half, two a third each, and so on, so that also when
 * several lanes hang, the next one finds a slot. (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6(2), 1998, with α = 1.)
 */
export class Lanes {
  /** Of one lane: how many may run at once, and how many may be claimed, those that wait for a slot included. */
  readonly #maxRunning: number;
  readonly #maxInHand: number;
  readonly #inHand = new Map<string, number>();
  readonly #running = new Map<string, number>();
  readonly #restingUntil = new Map<string, number>();

  constructor(maxRunning: number, maxInHand: number) {
    this.#maxRunning = maxRunning;
    this.#maxInHand = maxInHand;
  }

  claimed(lane: string): void {
    add(this.#inHand, lane, 1);
  }

  /** A claimed job was settled, or given back. */
  leftHand(lane: string): void {
    add(this.#inHand, lane, -1);
  }

  began(lane: string): void {
    add(this.#running, lane, 1);
  }

  ended(lane: string): void {
    add(this.#running, lane, -1);
  }

  canBegin(lane: string, freeSlots: number): boolean {
    return (this.#running.get(lane) ?? 0) < Math.min(this.#maxRunning, freeSlots);
  }

  /** Nothing of the lane is claimed before then. */
  rest(lane: string, until: number): void {
    this.#restingUntil.set(lane, Math.max(until, this.#restingUntil.get(lane) ?? 0));
  }

  /** @param free how many more jobs the worker may have in hand. */
  room(now: number, free: number): LaneRoom {
    // half of the difference, so that afterwards the lane holds no more than is still free
    const roomBeside = (count: number) =>
      Math.max(0, Math.min(this.#maxInHand - count, Math.ceil((free - count) / 2)));
    const byDefault = roomBeside(0);
    const except = new Map<string, number>();
    for (const [lane, count] of this.#inHand) except.set(lane, roomBeside(count));
    for (const [lane, until] of this.#restingUntil) {
      if (until > now) except.set(lane, 0);
      else this.#restingUntil.delete(lane);
    }
    return { byDefault, except };
  }
}

/** Counts without keeping zeros, so that the map is as large as what is in hand and no larger. */
function add(counts: Map<string, number>, lane: string, difference: 1 | -1): void {
  const count = (counts.get(lane) ?? 0) + difference;
  if (count > 0) counts.set(lane, count);
  else counts.delete(lane);
}
