import { type Cancel, type Clock, ManualClock } from "../../core/clock.ts";

/** A clock that moves when told to, and can be set: timers then still wait as long as they were told, as the system's do. */
export class AdjustableClock implements Clock {
  readonly #time: ManualClock;
  #setBy = 0;

  constructor(now: string) {
    this.#time = new ManualClock(Date.parse(now));
  }

  now(): number {
    return this.#time.now() + this.#setBy;
  }

  after(ms: number, action: () => void): Cancel {
    return this.#time.after(ms, action);
  }

  advance(ms: number): void {
    this.#time.advance(ms);
  }

  /** Forward or, negative, back. */
  set(byMs: number): void {
    this.#setBy += byMs;
  }
}
