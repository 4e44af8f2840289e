/** Starts within this fraction of a period count as one, so that even a rate of millions a day needs only a few dozen numbers. */
const PARTS = 64;

/** Starts that are counted together. */
interface Moment {
  readonly from: number;
  /** The time of the last one; all of them expire with it. */
  until: number;
  count: number;
}

/** The starts that still count against a rate. Each stops counting once its period has passed. */
export class Begun {
  /** Oldest first. */
  readonly #moments: Moment[] = [];
  #count = 0;

  /**
   * Fills the rate up, as if jobs had started at exactly this rate until `until`. For a worker that takes a lane over and does not know
   * each start elsewhere.
   */
  static evenly(limit: number, perMs: number, until: number): Begun {
    const begun = new Begun();
    const parts = Math.min(limit, PARTS);
    for (let n = 1; n <= parts; n++) {
      const at = until - perMs + (n * perMs) / parts;
      const count = Math.floor((n * limit) / parts) - Math.floor(((n - 1) * limit) / parts);
      begun.#moments.push({ from: at, until: at, count });
      begun.#count += count;
    }
    return begun;
  }

  /** How many there are in the span up to now. */
  countAt(now: number, perMs: number): number {
    this.#dropPast(now, perMs);
    return this.#count;
  }

  add(now: number, limit: number, perMs: number): void {
    const last = this.#moments.at(-1);
    this.#count++;
    if (last && limit > PARTS && now - last.from < perMs / PARTS) {
      last.until = now;
      last.count++;
    } else this.#moments.push({ from: now, until: now, count: 1 });
  }

  /** When fewer than this many starts will be left in the period. */
  fewerThanAt(most: number, perMs: number): number {
    let newer = 0;
    for (let at = this.#moments.length - 1; at >= 0; at--) {
      const moment = this.#moments[at];
      newer += moment?.count ?? 0;
      if (moment && newer >= most) return moment.until + perMs;
    }
    return Number.NEGATIVE_INFINITY;
  }

  #dropPast(now: number, perMs: number): void {
    // the clock was set back: starts that now lie in the future count as now, or the lane would stand still until then
    if ((this.#moments.at(-1)?.until ?? now) > now)
      for (const moment of this.#moments) moment.until = Math.min(moment.until, now);
    let past = 0;
    for (const { until, count } of this.#moments) {
      if (until > now - perMs) break;
      past++;
      this.#count -= count;
    }
    this.#moments.splice(0, past);
  }
}
