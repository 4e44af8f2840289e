import type { Abortable } from "../core/abortable.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import { durationText } from "../core/duration.ts";
import { TimedOut } from "../engine/working/attempt.ts";

/** The time that something has which is nobody's job. */
export class TimeLimit implements Abortable {
  /** Call it when it is over. */
  readonly end: Cancel;
  #reason: Error | undefined;
  #listener: ((reason: Error) => void) | undefined;

  constructor(clock: Clock, ms: number) {
    this.end = clock.after(ms, () => {
      this.#reason = new TimedOut(`timed out after ${durationText(ms)}`);
      this.#listener?.(this.#reason);
    });
  }

  onAbort(listener: (reason: Error) => void): Cancel {
    if (this.#reason) listener(this.#reason);
    else this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }
}
