import { DAY_MS } from "../../core/duration.ts";
import { RateLimitedError } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";

export interface Rate {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly atOnce: number;
  /** In each day of UTC. */
  readonly perDay: number;
  /** What a caller is told that comes too soon. */
  readonly tooFast: string;
  /** What a caller is told that has used up its day. */
  readonly tooMany: string;
}

interface Taken {
  /** What is left in the bucket at the time `at`. */
  tokens: number;
  at: number;
  day: number;
  today: number;
}

/** The most names to count; beyond this, those that came longest ago start from scratch. */
export const MOST_REMEMBERED = 100_000;

/** Holds each name to the same rate. Each process counts for itself, in memory. */
export class Rates {
  readonly #rate: Rate;
  readonly #taken = new LruCache<string, Taken>(MOST_REMEMBERED);

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get isLimited(): boolean {
    const { perSecond, perDay } = this.#rate;
    return perSecond < Number.POSITIVE_INFINITY || perDay < Number.POSITIVE_INFINITY;
  }

  /** @throws RateLimitedError when the limit is reached. */
  check(name: string, now: number): void {
    if (!this.isLimited) return;
    const { perSecond, atOnce, perDay, tooFast, tooMany } = this.#rate;
    const day = Math.floor(now / DAY_MS);
    const taken = this.#taken.get(name) ?? { tokens: atOnce, at: now, day, today: 0 };
    this.#taken.set(name, taken);
    if (taken.day !== day) Object.assign(taken, { day, today: 0 });
    taken.tokens = Math.min(atOnce, taken.tokens + (Math.max(0, now - taken.at) / 1_000) * perSecond);
    taken.at = now;
    if (taken.today >= perDay)
      throw new RateLimitedError(tooMany, Math.ceil(((day + 1) * DAY_MS - now) / 1_000));
    if (taken.tokens < 1)
      throw new RateLimitedError(tooFast, Math.max(1, Math.ceil((1 - taken.tokens) / perSecond)));
  }

  count(name: string): void {
    const taken = this.#taken.get(name);
    if (!taken) return;
    taken.tokens--;
    taken.today++;
  }
}
