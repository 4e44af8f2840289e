import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { AttemptRun } from "./attempt.ts";

/** A handler that outlives its attempt for longer than this is reported, because it may never end. */
const OVERSTAY_MS = 10_000;

/** Handlers that go on after their attempts are over, and hold their slots. */
export class Overstays {
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #watched = new Set<AttemptRun>();
  /** Slots that have been held so for long. */
  #held = 0;

  constructor(clock: Clock, instrument: Instrument) {
    this.#clock = clock;
    this.#instrument = instrument;
  }

  /** Its attempt is over. */
  watch(run: AttemptRun): void {
    if (run.hasHandlerEnded || this.#watched.has(run)) return;
    this.#watched.add(run);
    const { id: jobId, task, lane, attempts: attempt } = run.job;
    const publish = (event: "slot.held" | "slot.freed") =>
      this.#instrument[event].publish({ jobId, task, lane, attempt, held: this.#held });
    let isHeld = false;
    const cancel = this.#clock.after(OVERSTAY_MS, () => {
      isHeld = true;
      this.#held++;
      publish("slot.held");
    });
    void run.handlerEnded.then(() => {
      cancel();
      this.#watched.delete(run);
      if (!isHeld) return;
      this.#held--;
      publish("slot.freed");
    });
  }
}
