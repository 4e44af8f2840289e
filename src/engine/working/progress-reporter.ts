import type { Cancel, Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import type { Progress } from "../../core/job.ts";
import type { Log } from "../../observe/log.ts";

/** Often enough to look smooth, and rarely enough for handlers that report in a tight loop. */
const LEAST_APART_MS = 250;
const LONGEST_NOTE = 500;

/** Passes on how far a run has come: the first report at once, then the latest a few times a second. */
export class ProgressReporter {
  readonly #clock: Clock;
  readonly #log: Pick<Log, "warn">;
  readonly #send: (progress: Progress) => void;
  #hasWarned = false;
  #latest: Progress | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, log: Pick<Log, "warn">, send: (progress: Progress) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#send = send;
  }

  /** Out of range counts as 0 or 1, because sums of fractions end a little above 1. What is not a number is left out. */
  report(fraction: number, note: string | undefined): void {
    if (typeof fraction !== "number" || Number.isNaN(fraction)) {
      this.#warn(fraction);
      return;
    }
    this.#latest = { fraction: Math.min(1, Math.max(0, fraction)), note: shortened(note) };
    if (!this.#cancel) this.#pass();
  }

  /** The run has ended: later reports are ignored. */
  stop(): void {
    this.#cancel?.();
    this.#latest = undefined;
  }

  /** Only once: a handler that divides by zero rows may do so in a loop. */
  #warn(fraction: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#log.warn({ progress: messageOf(fraction) }, "progress is left out: it takes a number from 0 to 1");
  }

  #pass(): void {
    this.#cancel = undefined;
    if (!this.#latest) return;
    this.#send(this.#latest);
    this.#latest = undefined;
    this.#cancel = this.#clock.after(LEAST_APART_MS, () => this.#pass());
  }
}

function shortened(note: unknown): string | null {
  return note === undefined || note === null ? null : messageOf(note).slice(0, LONGEST_NOTE);
}
