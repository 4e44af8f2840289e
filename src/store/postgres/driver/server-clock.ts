import { type Clock, systemClock } from "../../../core/clock.ts";

/**
 * Below this much, both clocks count as one: machines that keep time differ by milliseconds, and a measurement is no better
 * than its round trip. Leases last 30 s, so it does not matter to them.
 */
const TOLERATED_MS = 500;

/**
 * The database's clock, which decides: what is left for 12:00 is due when it is 12:00 for the database, whatever the clocks of
 * the machines say. It is told from how long this process has run, not from the machine's clock, which somebody may set.
 */
export class ServerClock implements Clock {
  /** What `performance.now()` lacks. Until the database has been asked, the machine's clock is believed. */
  #aheadMs = Date.now() - performance.now();

  now(): number {
    return Math.round(performance.now() + this.#aheadMs);
  }

  readonly after = systemClock.after;

  /** @param serverNow what the database said it was, asked at `sentAt` and answered at `receivedAt` by `performance.now()`. */
  observe(serverNow: number, sentAt: number, receivedAt: number): void {
    const aheadMs = serverNow - (sentAt + receivedAt) / 2;
    const isSame = Math.abs(aheadMs - this.#aheadMs) <= TOLERATED_MS + (receivedAt - sentAt) / 2;
    if (!isSame) this.#aheadMs = aheadMs;
  }
}
