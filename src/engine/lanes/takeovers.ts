import type { Clock } from "../../core/clock.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { LaneBeginShelf } from "../../store/shelves/lane-begins.ts";
import type { Part } from "../part.ts";
import type { LaneLimiter } from "./lane-limiter.ts";

/** How often the starts of a lane are written at most. */
const WRITE_EVERY_MS = 1_000;
/** No rate has a longer span. */
const FORGOTTEN_AFTER_MS = 2 * 86_400_000;
const RETRY_MS = 1_000;

/** Hands slow lanes over from worker to worker: each records when its jobs started, and looks that up before it starts jobs of a lane. */
export class Takeovers implements Part {
  readonly #limiter: LaneLimiter;
  readonly #shelf: LaneBeginShelf;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #taken: () => void;
  #begun = new Map<string, number>();
  #writing: Promise<void> | undefined;
  #cancel = () => {};
  #stopped = false;

  /** @param taken called when a lane was taken over. */
  constructor(
    limiter: LaneLimiter,
    shelf: LaneBeginShelf,
    clock: Clock,
    instrument: Instrument,
    taken: () => void,
  ) {
    this.#limiter = limiter;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#taken = taken;
    limiter.onTakeover = (lane) => void this.#takeOver(lane);
  }

  start(): void {
    this.#stopped = false;
  }

  /** Once all is written, as long as the database is there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#writing;
    await this.#write();
  }

  /** A job of the lane has begun. */
  began(lane: string): void {
    if (!this.#limiter.isHandedOn(lane)) return;
    this.#begun.set(lane, this.#clock.now());
    if (this.#begun.size > 1 || this.#stopped) return; // the first is waited for already
    this.#cancel = this.#clock.after(WRITE_EVERY_MS, () => {
      this.#writing = this.#write();
    });
  }

  async #write(): Promise<void> {
    const begun = this.#begun;
    if (begun.size === 0) return;
    this.#begun = new Map();
    try {
      await this.#shelf.note(begun, this.#clock.now() - FORGOTTEN_AFTER_MS);
    } catch (error) {
      // the next begin is noted again
      this.#instrument["step.failed"].publish({ step: "round", error });
    }
  }

  async #takeOver(lane: string): Promise<void> {
    try {
      const last = await this.#shelf.last(lane);
      this.#limiter.takeOver(lane, last);
      this.#taken();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      if (!this.#stopped) this.#clock.after(RETRY_MS, () => void this.#takeOver(lane));
    }
  }
}
