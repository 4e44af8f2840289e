import type { Abortable } from "../../core/abortable.ts";
import type { Clock } from "../../core/clock.ts";

/** Waiting runs may hold at most one slot in this many. */
const SLOTS_FOR_ONE = 8;

export interface StayParts {
  /** How many jobs the worker runs at once. */
  readonly slots: number;
  readonly clock: Clock;
  /** Whether the worker has to end as soon as it can. */
  readonly isEnding: () => boolean;
}

/**
 * Runs that wait for their next part within their attempt. Going back to the database and being claimed again would cost more than a part,
 * and live jobs would have to wait for the claim. But each of them holds a slot meanwhile, so only a few may.
 */
export class Stays {
  readonly #parts: StayParts;
  readonly #most: number;
  #count = 0;

  constructor(parts: StayParts) {
    this.#parts = parts;
    this.#most = Math.floor(parts.slots / SLOTS_FOR_ONE);
  }

  /** Waits this long, or until the attempt is told to stop. Returns false at once if no slot is to spare. */
  async pause(ms: number, attempt: Abortable): Promise<boolean> {
    const { clock, isEnding } = this.#parts;
    if (this.#count >= this.#most || isEnding()) return false;
    this.#count++;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, () => {
        forget();
        resolve();
      });
      const forget = attempt.onAbort(() => {
        cancel();
        resolve();
      });
    });
    this.#count--;
    return true;
  }
}
