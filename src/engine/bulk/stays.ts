import type { Abortable } from "../../core/abortable.ts";
import type { Clock } from "../../core/clock.ts";

/** Waiting runs keep one of so many slots at most. */
const SLOTS_FOR_ONE = 8;

export interface StayParts {
  /** How many jobs the worker runs at once. */
  readonly slots: number;
  readonly clock: Clock;
  /** Whether the worker is to end as soon as it can. */
  readonly isEnding: () => boolean;
}

/**
 * Runs that wait for their next part within their attempt. To be put to wait in the database, and to be claimed again, would cost
 * more than a part, and each claim is a walk that live jobs wait for; but a slot is taken meanwhile, so that few may.
 */
export class Stays {
  readonly #parts: StayParts;
  readonly #most: number;
  #count = 0;

  constructor(parts: StayParts) {
    this.#parts = parts;
    this.#most = Math.floor(parts.slots / SLOTS_FOR_ONE);
  }

  /** Waits for so long, or until the attempt is told to stop; false at once where no slot is to spare. */
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
