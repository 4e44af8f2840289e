import type { Cancel, Clock } from "../core/clock.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Part } from "./part.ts";

/** Does something at regular intervals; rounds never overlap, and a failed one is reported. */
export class Rhythm implements Part {
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  #cancel: Cancel = () => {};
  #stopped = false;
  #underway: Promise<void> = Promise.resolve();

  constructor(clock: Clock, instrument: Instrument, everyMs: number, round: () => Promise<void>) {
    this.#clock = clock;
    this.#instrument = instrument;
    this.#everyMs = everyMs;
    this.#round = round;
  }

  start(): void {
    this.#cancel = this.#clock.after(this.#everyMs, () => {
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
}
