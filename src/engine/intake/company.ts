/** How long a result may wait. */
const WAIT_MS = 5;

/** After waits in vain, the next begins this much later at most. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * Whether a result that nobody needs at once should wait a few milliseconds for another commit, so that both share one sync
 * of the disk. Where jobs keep arriving, one soon comes, and a delivery costs one sync instead of two. Where none comes, waiting only
 * makes the job look unfinished for longer, and so each wait in vain doubles the time until the next.
 */
export class Company {
  readonly waitMs: number;
  #vain = 0;
  #pausedUntil = 0;

  /** @param waitMs how long a result may wait; 0 for never. */
  constructor(waitMs = WAIT_MS) {
    this.waitMs = waitMs;
  }

  isExpected(now: number): boolean {
    return this.waitMs > 0 && now >= this.#pausedUntil;
  }

  /** Another commit took the result along. */
  came(): void {
    this.#vain = 0;
  }

  /** The result had to be written alone. */
  didNotCome(now: number): void {
    this.#vain++;
    this.#pausedUntil = now + Math.min(LONGEST_PAUSE_MS, this.waitMs * 2 ** this.#vain);
  }
}
