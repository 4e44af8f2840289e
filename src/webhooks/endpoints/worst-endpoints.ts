import { type Clock, isToCome } from "../../core/clock.ts";
import { wrong } from "../../core/options.ts";

/** As many are found, and may be asked for. */
export const MOST_WORST = 20;

/** The endpoints that are worst in some way: found once for all who ask within a time. */
export class WorstEndpoints<Endpoint> {
  readonly #clock: Clock;
  readonly #freshMs: number;
  readonly #find: (now: number) => Promise<readonly Endpoint[]>;
  #last: { readonly until: number; readonly found: Promise<readonly Endpoint[]> } | undefined;

  constructor(clock: Clock, freshMs: number, find: (now: number) => Promise<readonly Endpoint[]>) {
    this.#clock = clock;
    this.#freshMs = freshMs;
    this.#find = find;
  }

  /** @throws InvalidInputError */
  async first(limit: number): Promise<readonly Endpoint[]> {
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST_WORST))
      throw wrong(["limit"], `must be a whole number from 1 to ${MOST_WORST}`);
    const now = this.#clock.now();
    if (!this.#last || !isToCome(this.#last.until, now, this.#freshMs)) {
      const found = this.#find(now);
      this.#last = { until: now + this.#freshMs, found };
      found.catch(() => {
        this.#last = undefined; // the next one asks again
      });
    }
    return (await this.#last.found).slice(0, limit);
  }
}
