import type { Cancel, Clock } from "../core/clock.ts";
import type { Log } from "../observe/log.ts";

/** Does something every so often; a round that is still under way is not begun again, one that fails is logged. */
export class Rhythm {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  #cancel: Cancel = () => {};
  #stopped = false;
  #underway: Promise<void> = Promise.resolve();

  constructor(clock: Clock, log: Log, everyMs: number, round: () => Promise<void>) {
    this.#clock = clock;
    this.#log = log;
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
      this.#log.error({ err: error }, "a regular round failed; the next one tries again");
    }
    if (!this.#stopped) this.start();
  }
}
