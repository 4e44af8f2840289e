import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cancel, Clock } from "../core/clock.ts";
import type { Unsubscribe } from "../observe/channel.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Store } from "../store/store.ts";
import type { Part } from "./part.ts";

/** A herd of due jobs is moved in steps of this many, with turns for other work in between. */
const PROMOTE_AT_ONCE = 500;
const RETRY_MS = 1_000;
/** Smaller steps may be routine adjustments of the clock. */
const SET_BACK_MS = 1_000;

/** Promotes scheduled jobs when they fall due: one timer, set to the next of them. No polling. */
export class DueTimer implements Part {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  #unsubscribe: Unsubscribe = () => {};
  #cancel: Cancel = () => {};
  #dueAt = Number.POSITIVE_INFINITY;
  /** The latest moment at which it looked. Before the first look the clock may have been set back as well. */
  #lookedAt: number | undefined;
  #running = false;
  #stopped = true;

  constructor(store: Store, clock: Clock, instrument: Instrument) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#unsubscribe = this.#instrument["job.scheduled"].subscribe(({ runAt }) => this.note(runAt));
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
  }

  /** A job was scheduled for `runAt`. */
  note(runAt: number): void {
    if (runAt >= this.#dueAt || this.#stopped) return;
    this.#dueAt = runAt;
    this.#cancel();
    this.#cancel = this.#clock.after(Math.max(0, runAt - this.#clock.now()), () => void this.#fire());
  }

  /** Looks up the next due time: another process may have scheduled something. */
  async refresh(): Promise<void> {
    if (this.#wasClockSetBack()) await this.#followClock();
    const next = await this.#store.queue.nextDue();
    if (next === null || this.#stopped) return;
    // not waited for: it may be a herd
    if (next <= this.#clock.now()) void this.#fire();
    else this.note(next);
  }

  async #fire(): Promise<void> {
    this.#cancel();
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (this.#running) return; // it sets the timer again when it is done
    this.#running = true;
    try {
      if (this.#wasClockSetBack()) await this.#followClock();
      await this.#promoteAll();
      const next = await this.#store.queue.nextDue();
      if (next !== null) this.note(next);
    } catch (error) {
      this.#instrument["step.failed"].publish({ step: "promote", error });
      this.note(this.#clock.now() + RETRY_MS);
    } finally {
      this.#running = false;
    }
  }

  /** Whether it was since the last look; unknown, and so possible, before the first. */
  #wasClockSetBack(): boolean {
    const now = this.#clock.now();
    if (this.#lookedAt === undefined || now < this.#lookedAt - SET_BACK_MS) return true;
    this.#lookedAt = now;
    return false;
  }

  /** Jobs that wait for a pause do not have to wait longer because the clock was set back. */
  async #followClock(): Promise<void> {
    const now = this.#clock.now();
    const byMs = this.#lookedAt === undefined ? undefined : this.#lookedAt - now;
    const jobs = (await this.#store.queue.followClock?.(now, byMs)) ?? 0;
    this.#lookedAt = now; // only now: one that failed is tried again
    if (jobs > 0) this.#instrument["clock.set back"].publish({ jobs });
    this.#dueAt = Number.POSITIVE_INFINITY; // the timer was set by the old time
  }

  async #promoteAll(): Promise<void> {
    let moved = PROMOTE_AT_ONCE;
    while (moved === PROMOTE_AT_ONCE && !this.#stopped) {
      moved = await this.#store.queue.promote(this.#clock.now(), PROMOTE_AT_ONCE);
      if (moved > 0) this.#instrument["jobs.promoted"].publish({ count: moved });
      await nextTurn();
    }
  }
}
