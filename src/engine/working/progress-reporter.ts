import type { Cancel, Clock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { Progress } from "../../core/job.ts";

/** Often enough to look smooth, seldom enough that a handler may report in a tight loop. */
const LEAST_APART_MS = 250;
const LONGEST_NOTE = 500;

/** Passes on how far a run has come: the first word at once, then the latest a few times a second. */
export class ProgressReporter {
  readonly #clock: Clock;
  readonly #send: (progress: Progress) => void;
  #latest: Progress | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, send: (progress: Progress) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** @throws InvalidInputError when the fraction is not from 0 to 1. */
  report(fraction: number, note: string | undefined): void {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new InvalidInputError([
        { path: ["progress"], detail: `is ${fraction}; it takes a number from 0 to 1` },
      ]);
    }
    this.#latest = { fraction, note: note === undefined ? null : String(note).slice(0, LONGEST_NOTE) };
    if (!this.#cancel) this.#pass();
  }

  /** The run has ended: what it still says is of no use. */
  stop(): void {
    this.#cancel?.();
    this.#latest = undefined;
  }

  #pass(): void {
    this.#cancel = undefined;
    if (!this.#latest) return;
    this.#send(this.#latest);
    this.#latest = undefined;
    this.#cancel = this.#clock.after(LEAST_APART_MS, () => this.#pass());
  }
}
