/**
 * Below this much, both clocks count as one: machines that keep time differ by milliseconds, and a measurement is no better
 * than its round trip. Leases last 30 s, so it does not matter to them.
 */
const TOLERATED_MS = 500;

/**
 * The database's clock decides, and callers speak in their own time (which tests move by hand): times are shifted by what the
 * clocks of machine and database differ, on their way in and out. So what one machine leaves for 12:00 is due when it is 12:00
 * for the database, whatever the clocks of the others say.
 */
export class ServerClock {
  #aheadMs = 0;

  /** @param serverNow what the database said it was, asked at `sentAt` and answered at `receivedAt`. */
  observe(serverNow: number, sentAt: number, receivedAt: number): void {
    const aheadMs = Math.round(serverNow - (sentAt + receivedAt) / 2);
    this.#aheadMs = Math.abs(aheadMs) <= TOLERATED_MS + (receivedAt - sentAt) / 2 ? 0 : aheadMs;
  }

  toServer(ms: number): number {
    return ms + this.#aheadMs;
  }

  fromServer(ms: number): number {
    return ms - this.#aheadMs;
  }

  /** As `fromServer`, for columns that may be empty. */
  fromServerIf(ms: number | null): number | null {
    return ms === null ? null : this.fromServer(ms);
  }
}
