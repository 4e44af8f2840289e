import type { LaneRoom } from "../store/store.ts";

/**
 * For each slot a worker may have this many jobs in hand. One lane at full speed made 0.85 of the ceiling's deliveries with
 * four, and 0.76 with two: a new job that finds room in the hand needs no stop in the queue.
 */
export const IN_HAND_PER_SLOT = 4;

/**
 * How many jobs of each lane this worker has in hand, and which lanes rest.
 *
 * A lane may run no more than there are slots still free: one alone gets half, two a third each, and so on, so that also
 * when several lanes hang, the next one finds a slot. (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6(2), 1998, with α = 1.) And for each job that it runs it may have three more waiting, so that what waits
 * leaves room for other lanes as long as a slot is free.
 */
export class Lanes {
  /** Of one lane at once, however many slots are free. */
  readonly #maxRunning: number;
  readonly #inHand = new Map<string, number>();
  readonly #running = new Map<string, number>();
  readonly #restingUntil = new Map<string, number>();

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  claimed(lane: string): void {
    add(this.#inHand, lane, 1);
  }

  /** A claimed job has come to its end here, or was given back. */
  leftHand(lane: string): void {
    add(this.#inHand, lane, -1);
  }

  began(lane: string): void {
    add(this.#running, lane, 1);
  }

  ended(lane: string): void {
    add(this.#running, lane, -1);
  }

  runningOf(lane: string): number {
    return this.#running.get(lane) ?? 0;
  }

  canBegin(lane: string, freeSlots: number): boolean {
    return this.runningOf(lane) < Math.min(this.#maxRunning, freeSlots);
  }

  /** Nothing of the lane is claimed before then. */
  rest(lane: string, until: number): void {
    this.#restingUntil.set(lane, Math.max(until, this.#restingUntil.get(lane) ?? 0));
  }

  room(now: number, freeSlots: number): LaneRoom {
    // also with no slot free, a lane has room for one, or the lanes that run would have the next slots to themselves
    const couldBegin = Math.max(1, Math.min(this.#maxRunning, freeSlots));
    const except = new Map<string, number>();
    for (const [lane, count] of this.#inHand) {
      except.set(lane, Math.max(0, IN_HAND_PER_SLOT * Math.max(this.runningOf(lane), couldBegin) - count));
    }
    for (const [lane, until] of this.#restingUntil) {
      if (until > now) except.set(lane, 0);
      else this.#restingUntil.delete(lane);
    }
    return { byDefault: IN_HAND_PER_SLOT * couldBegin, except };
  }
}

/** Counts without keeping zeros, so that the map is as large as what is in hand and no larger. */
function add(counts: Map<string, number>, lane: string, difference: 1 | -1): void {
  const count = (counts.get(lane) ?? 0) + difference;
  if (count > 0) counts.set(lane, count);
  else counts.delete(lane);
}
