import type { Cancel, Clock } from "../core/clock.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Part } from "./part.ts";

/** When the first rhythm of a clock started: the others are aligned with it. */
const BEATS = new WeakMap<Clock, number>();

/**
 * Does something at regular intervals. Rounds never overlap, and a failed one is reported. Rhythms of one clock are aligned, because waking
 * up costs an idle process more (some 0.2 ms) than what it does then.
 */
export class Rhythm implements Part {
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  #cancel: Cancel = () => {};
  #stopped = false;
  /** When the last round was due. */
  #beat = Number.NEGATIVE_INFINITY;
  #underway: Promise<void> = Promise.resolve();

  constructor(clock: Clock, instrument: Instrument, everyMs: number, round: () => Promise<void>) {
    this.#clock = clock;
    this.#instrument = instrument;
    this.#everyMs = everyMs;
    this.#round = round;
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#untilNextMs(), () => {
      this.#underway = this.#play();
    });
  }

  /** Resolves when no round is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underway;
  }

  async #play(): Promise<void> {
    try {
      await this.#round();
    } catch (error) {
      this.#instrument["step.failed"].publish({ step: "round", error });
    }
    if (!this.#stopped) this.start();
  }

  /** Until the beat after the last one, or one that is at least half a period away. */
  #untilNextMs(): number {
    const now = this.#clock.now();
    const first = BEATS.get(this.#clock) ?? now;
    BEATS.set(this.#clock, first);
    const next = this.#beat + this.#everyMs;
    // not after a long round, or after the clock was set
    const isInTime = next >= now && next - now <= 2 * this.#everyMs;
    const soonest = now + this.#everyMs / 2;
    this.#beat = isInTime ? next : soonest + this.#everyMs - ((soonest - first) % this.#everyMs);
    return this.#beat - now;
  }
}
