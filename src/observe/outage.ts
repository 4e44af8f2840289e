import type { Cancel, Clock } from "../core/clock.ts";
import { StoreUnavailableError } from "../core/errors.ts";
import type { Unsubscribe } from "./channel.ts";
import type { Instrument } from "./instrument.ts";

/** Longer than what failed takes to be tried again, so that a look with no failure before it means something. */
const LOOK_MS = 1_000;
const SAY_AGAIN_MS = 60_000;

/**
 * Combines the many failures that a database outage causes into one: publishes when it starts, once a minute while it lasts, and when it is
 * over. It is over when the database answers and nothing has failed since the last look: a full disk still answers.
 */
export class Outage {
  readonly #instrument: Instrument;
  readonly #clock: Clock;
  readonly #check: () => Promise<void>;
  #unsubscribe: Unsubscribe = () => {};
  #cancel: Cancel = () => {};
  #since: number | undefined;
  #saidAt = 0;
  #error: unknown;
  #hasFailed = false;
  #stopped = false;

  /** @param check rejects when the database does not answer. */
  constructor(instrument: Instrument, clock: Clock, check: () => Promise<void>) {
    this.#instrument = instrument;
    this.#clock = clock;
    this.#check = check;
  }

  start(): void {
    this.#unsubscribe = this.#instrument["step.failed"].subscribe(({ error }) => {
      if (error instanceof StoreUnavailableError) this.#failed(error);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
  }

  #failed(error: StoreUnavailableError): void {
    this.#hasFailed = true;
    this.#error = error;
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    this.#saidAt = this.#since;
    this.#instrument["database.lost"].publish({ error });
    this.#lookLater(this.#since);
  }

  #lookLater(since: number): void {
    this.#cancel = this.#clock.after(LOOK_MS, () => void this.#look(since));
  }

  async #look(since: number): Promise<void> {
    const isQuiet = !this.#hasFailed;
    this.#hasFailed = false;
    const answers = await this.#check().then(
      () => true,
      (error) => {
        this.#error = error;
        return false;
      },
    );
    if (this.#stopped) return;
    const now = this.#clock.now();
    if (answers && isQuiet && !this.#hasFailed) {
      this.#since = undefined;
      this.#instrument["database.back"].publish({ forMs: now - since });
      return;
    }
    if (now - this.#saidAt >= SAY_AGAIN_MS) {
      this.#saidAt = now;
      this.#instrument["database.away"].publish({ error: this.#error, forMs: now - since });
    }
    this.#lookLater(since);
  }
}
