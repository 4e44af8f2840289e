import { type Clock, systemClock } from "../../../core/clock.ts";

/**
 * Below this difference, both clocks count as the same: synchronised machines differ by milliseconds, and a measurement is only as good as
 * its round trip. It does not matter to leases, which last 30 s.
 */
const TOLERATED_MS = 500;

/**
 * The database's clock, which decides: a job for 12:00 is due when it is 12:00 for the database, whatever the machines' clocks say. It is
 * derived from how long this process has been running, not from the machine's clock, which somebody may set.
 */
export class ServerClock implements Clock {
  /** What to add to `performance.now()`. Until the database has been asked, this relies on the machine's clock. */
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
