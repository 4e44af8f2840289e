import type { Cancel, Clock } from "../../core/clock.ts";
import type { Part } from "../part.ts";
import type { LaneLimiter } from "./lane-limiter.ts";

/** Fires when a rate-limited lane may begin a job again. One timer per lane. */
export class RateTimers implements Part {
  readonly #limiter: LaneLimiter;
  readonly #clock: Clock;
  readonly #freed: () => void;
  readonly #set = new Map<string, Cancel>();
  #stopped = false;

  /** @param freed called when some lane's rate lets a job begin. */
  constructor(limiter: LaneLimiter, clock: Clock, freed: () => void) {
    this.#limiter = limiter;
    this.#clock = clock;
    this.#freed = freed;
  }

  start(): void {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#set.values()) cancel();
    this.#set.clear();
  }

  await(lane: string): void {
    if (this.#stopped) return;
    const waitMs = this.#limiter.waitMs(lane, this.#clock.now());
    if (waitMs === 0 || waitMs === Number.POSITIVE_INFINITY || this.#set.has(lane)) return;
    const cancel = this.#clock.after(waitMs, () => {
      this.#set.delete(lane);
      this.await(lane); // a timer may come early, and the clock may have been set
      if (!this.#set.has(lane)) this.#freed();
    });
    this.#set.set(lane, cancel);
  }
}
