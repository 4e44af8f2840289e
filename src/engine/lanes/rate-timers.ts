import type { Clock } from "../../core/clock.ts";
import type { LaneLimiter } from "./lane-limiter.ts";

/** Fires when a rate-limited lane may begin a job again. One timer per lane. */
export class RateTimers {
  readonly #limiter: LaneLimiter;
  readonly #clock: Clock;
  readonly #freed: () => void;
  readonly #set = new Set<string>();

  /** @param freed called when some lane's rate lets a job begin. */
  constructor(limiter: LaneLimiter, clock: Clock, freed: () => void) {
    this.#limiter = limiter;
    this.#clock = clock;
    this.#freed = freed;
  }

  await(lane: string): void {
    const waitMs = this.#limiter.waitMs(lane, this.#clock.now());
    if (waitMs === 0 || waitMs === Number.POSITIVE_INFINITY || this.#set.has(lane)) return;
    this.#set.add(lane);
    this.#clock.after(waitMs, () => {
      this.#set.delete(lane);
      this.await(lane); // a timer may come early, and the clock may have been set
      if (!this.#set.has(lane)) this.#freed();
    });
  }
}
