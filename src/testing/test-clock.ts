import { setImmediate as nextTurn } from "node:timers/promises";
import { type Cancel, type Clock, ManualClock } from "../core/clock.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import type { Store } from "../store/store.ts";

/** In turns of the event loop: far more than it takes to promote due jobs, or to fire a schedule. */
const PATIENCE = 10_000;

/** Also in turns: upkeep, such as the pruning of old jobs, is done by then. */
const UPKEEP = 20;

const MINUTE_MS = 60_000;

/** Time that stands still until the test moves it. */
export interface TestClock extends Clock {
  /**
   * Moves time forward. Whatever falls due on the way does so at its own time: schedules create jobs, delayed jobs and retries become due,
   * running attempts time out. It starts no job; `drain` does that.
   * @throws InvalidInputError when it is not a duration.
   * @example
   * await posthorn.clock.advance("5m");
   */
  advance(duration: Duration): Promise<void>;
}

/** A clock that moves from one due time to the next, and waits at each until what is due has been done. */
export class SteppedClock implements TestClock {
  readonly #manual: ManualClock;
  readonly #store: Pick<Store, "queue" | "schedules">;
  readonly #look: () => void;

  /** @param look makes the engine check for what is due. */
  constructor(now: number, store: Pick<Store, "queue" | "schedules">, look: () => void) {
    this.#manual = new ManualClock(now);
    this.#store = store;
    this.#look = look;
  }

  now(): number {
    return this.#manual.now();
  }

  after(ms: number, action: () => void): Cancel {
    return this.#manual.after(ms, action);
  }

  async advance(duration: Duration): Promise<void> {
    const end = this.now() + parseDuration(duration, ["duration"]);
    for (let next = await this.#next(); next <= end; next = await this.#next()) {
      this.#manual.advance(Math.max(0, next - this.now()));
      await this.#caughtUp();
    }
    // what happens every minute happens once on the way, and once at the end
    for (const moment of [end - MINUTE_MS, end]) {
      this.#manual.advance(Math.max(0, moment - this.now()));
      for (let turns = 0; turns < UPKEEP; turns++) await nextTurn();
    }
  }

  /** Moves time regardless of what is due. */
  skip(ms: number): void {
    this.#manual.advance(ms);
  }

  /** When a job or a schedule is due next. */
  async #next(): Promise<number> {
    const schedules = await this.#store.schedules.list();
    const moments = schedules.map(({ paused, nextAt }) => (paused ? null : nextAt));
    const due = [...moments, await this.#store.queue.nextDue()].map((at) => at ?? Number.POSITIVE_INFINITY);
    return Math.min(...due);
  }

  async #caughtUp(): Promise<void> {
    for (let turns = 0; (await this.#next()) <= this.now(); turns++) {
      if (turns === PATIENCE) throw new Error("something due did not get done; see the log");
      this.#look();
      await nextTurn();
    }
  }
}
