import type { LaneRoom } from "../../store/queue.ts";
import type { LaneLimiter } from "./lane-limiter.ts";

/**
 * For each slot a worker may have this many jobs in hand. One lane at full speed made 0.85 of the ceiling's deliveries with
 * four, and 0.76 with two: a new job that finds room in the hand needs no stop in the queue.
 */
export const IN_HAND_PER_SLOT = 4;

/** What seems to rest for longer was told so before the clock was set back. */
const LONGEST_REST_MS = 60_000;

/**
 * How many jobs of each lane this worker has in hand, and which lanes rest.
 *
 * A lane may run no more than there are slots still free: one alone gets half, two a third each, and so on, so that also
 * when several lanes hang, the next one finds a slot. (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6(2), 1998, with α = 1.) And for each job that it runs it may have three more waiting, so that what waits
 * leaves room for other lanes as long as a slot is free.
 *
 * A lane whose task says how many may run at once is held to that alone: who sets a number has decided.
 */
export class Lanes {
  /** Of one lane at once, however many slots are free. */
  readonly #maxRunning: number;
  /** What tasks ask for besides that. */
  readonly limiter: LaneLimiter;
  readonly #inHand = new Map<string, number>();
  /** Of those in hand, the ones that have begun. */
  readonly #begun = new Map<string, number>();
  /** Handlers, also those that outlive their attempts and are in hand no more. */
  readonly #running = new Map<string, number>();
  readonly #restingUntil = new Map<string, number>();
  readonly #leftUntil = new Map<string, number>();

  constructor(maxRunning: number, limiter: LaneLimiter) {
    this.#maxRunning = maxRunning;
    this.limiter = limiter;
  }

  claimed(lane: string): void {
    add(this.#inHand, lane, 1);
  }

  /** A claimed job was taken away, or given back, before it began. */
  leftHand(lane: string): void {
    add(this.#inHand, lane, -1);
  }

  /** The attempt is over; its handler may not be. */
  attemptEnded(lane: string): void {
    add(this.#begun, lane, -1);
    add(this.#inHand, lane, -1);
  }

  began(lane: string, now: number): void {
    add(this.#begun, lane, 1);
    add(this.#running, lane, 1);
    if (this.limiter.isNeeded) this.limiter.began(lane, now);
  }

  handlerEnded(lane: string): void {
    add(this.#running, lane, -1);
  }

  runningOf(lane: string): number {
    return this.#running.get(lane) ?? 0;
  }

  canBegin(lane: string, freeSlots: number, now: number): boolean {
    const running = this.runningOf(lane);
    const isFair = running < Math.min(this.#maxRunning, freeSlots);
    if (!this.limiter.isNeeded) return isFair;
    const most = this.limiter.mostRunning(lane);
    const isWithin = most === Number.POSITIVE_INFINITY ? isFair : running < most;
    return isWithin && this.limiter.mayBegin(lane, now) > 0;
  }

  /** How many of a lane may wait here besides those that run: of a limited lane no more than could begin. */
  mayWait(lane: string, now: number): number {
    return Math.min(this.limiter.mostRunning(lane) - this.runningOf(lane), this.limiter.mayBegin(lane, now));
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
    // also with no slot free, a lane has room for one, or the lanes that run would have the next slots to themselves
    const couldBegin = Math.max(1, Math.min(this.#maxRunning, freeSlots));
    const except = new Map<string, number>();
    for (const [lane, count] of this.#inHand) {
      except.set(lane, Math.max(0, IN_HAND_PER_SLOT * Math.max(this.runningOf(lane), couldBegin) - count));
    }
    if (this.limiter.isNeeded) this.#limit(except, now, IN_HAND_PER_SLOT * couldBegin);
    for (const closed of [this.#restingUntil, this.#leftUntil]) {
      for (const [lane, until] of closed) {
        if (until > now && until <= now + LONGEST_REST_MS) except.set(lane, 0);
        else closed.delete(lane);
      }
    }
    return { byDefault: IN_HAND_PER_SLOT * couldBegin, except };
  }

  #limit(except: Map<string, number>, now: number, byDefault: number): void {
    for (const lane of this.limiter.lanes()) {
      const waiting = (this.#inHand.get(lane) ?? 0) - (this.#begun.get(lane) ?? 0);
      const room = Math.max(0, this.mayWait(lane, now) - waiting);
      const fair = except.get(lane) ?? byDefault;
      // who sets how many may run at once means it, also where fairness would give less
      except.set(
        lane,
        this.limiter.mostRunning(lane) < Number.POSITIVE_INFINITY ? room : Math.min(room, fair),
      );
    }
  }
}

/** Counts without keeping zeros, so that the map is as large as what is in hand and no larger. */
function add(counts: Map<string, number>, lane: string, difference: 1 | -1): void {
  const count = (counts.get(lane) ?? 0) + difference;
  if (count > 0) counts.set(lane, count);
  else counts.delete(lane);
}
