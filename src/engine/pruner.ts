import type { Clock } from "../core/clock.ts";
import type { Pruned } from "../observe/events.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { PrunedBatch } from "../store/retention.ts";
import type { Store } from "../store/store.ts";
import type { Part } from "./part.ts";
import { Rhythm } from "./rhythm.ts";

/** Small enough that a batch holds the database for a few milliseconds, with room for other work between two. */
const BATCH = 50;
const PAUSE_MS = 10;
const EVERY_MS = 60_000;

export interface RetentionPeriods {
  readonly jobsMs: number;
}

/** Deletes what is past its retention. */
export class Pruner implements Part {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #jobsMs: number;
  readonly #rhythm: Rhythm;
  #running = false;
  #stopped = false;
  #endPause = () => {};

  constructor(store: Store, clock: Clock, instrument: Instrument, { jobsMs }: RetentionPeriods) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#jobsMs = jobsMs;
    this.#rhythm = new Rhythm(clock, instrument, EVERY_MS, () => this.run());
  }

  start(): void {
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause();
    await this.#rhythm.stop();
  }

  /** Deletes everything that is due, batch by batch; a second call meanwhile does nothing. */
  async run(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    try {
      const before = this.#clock.now() - this.#jobsMs;
      const { retention } = this.#store;
      await this.#batches("jobs", (after) => retention.pruneJobs(before, after, BATCH));
      await this.#each("expired jobs", () => retention.pruneExpired(this.#clock.now(), BATCH));
      await this.#batches("events", (after) => retention.pruneEvents(before, after, BATCH));
      await this.#each("groups", () => retention.pruneGroups(before, BATCH));
      await this.#each("idempotency keys", () => retention.pruneIdempotencyKeys(this.#clock.now(), BATCH));
    } finally {
      this.#running = false;
    }
  }

  async #batches(what: Pruned["what"], prune: (after: string | null) => Promise<PrunedBatch>): Promise<void> {
    let last: string | null = null;
    do {
      const batch = await prune(last);
      last = batch.last;
      this.#tell(what, batch.pruned);
      if (last !== null) await this.#pause();
    } while (last !== null && !this.#stopped);
  }

  async #each(what: Pruned["what"], prune: () => Promise<number>): Promise<void> {
    let deleted = BATCH;
    while (deleted === BATCH && !this.#stopped) {
      deleted = await prune();
      this.#tell(what, deleted);
      if (deleted === BATCH) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(PAUSE_MS, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
      if (this.#stopped) this.#endPause();
    });
  }

  #tell(what: Pruned["what"], count: number): void {
    if (count > 0) this.#instrument.pruned.publish({ what, count });
  }
}
