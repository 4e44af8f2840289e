import type { Cancel, Clock } from "../core/clock.ts";
import type { Part } from "./part.ts";

/** From one look to the next, in milliseconds: most callers commit quickly, and the regular look finds the rest. */
const GAPS_MS = [5, 15, 40, 90, 250];

/** Checks a few times, at growing intervals, for something that will happen soon without notice. */
export class SoonLook implements Part {
  readonly #clock: Clock;
  readonly #look: () => void;
  #step = 0;
  #lookAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};
  #stopped = false;

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Something is expected from now on. However often this is called, there is one look at a time. */
  expect(): void {
    if (this.#stopped) return;
    this.#step = 0;
    const [firstMs = 0] = GAPS_MS;
    if (this.#lookAt <= this.#clock.now() + firstMs) return; // otherwise calls that keep coming would postpone it forever
    this.#cancel();
    this.#next();
  }

  start(): void {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#lookAt = Number.POSITIVE_INFINITY;
  }

  #next(): void {
    const gapMs = GAPS_MS[this.#step++];
    this.#lookAt = gapMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + gapMs;
    if (gapMs === undefined) return;
    this.#cancel = this.#clock.after(gapMs, () => {
      this.#look();
      this.#next();
    });
  }
}
