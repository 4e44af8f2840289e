/**
 * What is claimed ahead should begin within this; where claims take long (a database far away, a machine that is overloaded), within
 * as long as a few of them, or slots would wait for the database.
 */
const SOON_MS = 100;
const SOON_CLAIMS = 4;
const NEVER_LATER_MS = 500;
/**
 * The duration that a lane's attempts are assumed to have after a job waited for them in vain. It takes some two dozen quick attempts to
 * correct it.
 */
const SLOW_MS = 10_000;
/**
 * For each attempt that runs, no more wait than this. One lane at full speed made 0.85 of the ceiling's deliveries with three
 * waiting for each, and 0.76 with one: a new job that finds room in the hand needs no stop in the queue.
 */
export const MOST_AHEAD = 3;
/** How much the newest attempt counts in a mean. */
const WEIGHT = 0.2;
const WEIGHT_OF_ALL = 0.05;
/** What ended longer ago than this hardly counts any more. */
const WINDOW_MS = 200;
/** Lanes whose mean is remembered. */
const MOST_REMEMBERED = 1_000;

/**
 * How long attempts take, lane by lane, and so how many jobs are worth claiming before there is a slot for them: those that begin
 * soon. Webhooks of milliseconds never wait for the database; jobs of seconds are left to the first worker with a free slot.
 */
export class Pace {
  readonly #lanes = new Map<string, { meanMs: number }>();
  #meanOfAll: number | undefined;
  #claimMs = 0;
  /** Attempts that ended per millisecond, each counting less the longer ago it was. */
  #endings = 0;
  #countedAt = 0;

  /** An attempt of the lane took this long. */
  ended(lane: string, ms: number, now: number): void {
    const ofAll = this.#meanOfAll ?? ms;
    this.#meanOfAll = ofAll + WEIGHT_OF_ALL * (ms - ofAll);
    const known = this.#lanes.get(lane);
    if (known) known.meanMs += WEIGHT * (ms - known.meanMs);
    else this.#remember(lane, ms);
    this.#endings = this.#endingsAt(now) + 1 / WINDOW_MS;
    this.#countedAt = now;
  }

  /** A job of the lane waited for a slot in vain. */
  waitedInVain(lane: string): void {
    const known = this.#lanes.get(lane);
    if (known) known.meanMs = Math.max(known.meanMs, SLOW_MS);
    else this.#remember(lane, SLOW_MS);
  }

  /** From asking for jobs to having them. */
  claimTook(ms: number): void {
    this.#claimMs += WEIGHT * (ms - this.#claimMs);
  }

  /** Whether an attempt of the lane has ended lately, or a job of it waited in vain. */
  knows(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /** How many jobs of a lane may wait for each that runs: from 0 to 3, in fractions; none while no attempt of it has ended. */
  aheadOfEach(lane: string): number {
    return this.#ahead(this.#lanes.get(lane)?.meanMs);
  }

  /** The same of a lane that is not in hand, which is most likely to be one of those that were before. */
  get aheadByDefault(): number {
    return this.#ahead(this.#meanOfAll);
  }

  /** How many may wait for these slots together. */
  aheadOfAll(slots: number, now: number): number {
    return Math.floor(Math.min(MOST_AHEAD * slots, this.#soonMs * this.#endingsAt(now)));
  }

  #ahead(mean = Number.POSITIVE_INFINITY): number {
    return Math.min(MOST_AHEAD, this.#soonMs / mean);
  }

  get #soonMs(): number {
    return Math.min(NEVER_LATER_MS, Math.max(SOON_MS, SOON_CLAIMS * this.#claimMs));
  }

  #endingsAt(now: number): number {
    if (now === this.#countedAt) return this.#endings;
    return this.#endings * Math.exp(-Math.max(0, now - this.#countedAt) / WINDOW_MS);
  }

  #remember(lane: string, meanMs: number): void {
    this.#lanes.set(lane, { meanMs });
    if (this.#lanes.size <= MOST_REMEMBERED) return;
    for (const first of this.#lanes.keys()) {
      this.#lanes.delete(first);
      return;
    }
  }
}
