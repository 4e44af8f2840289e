import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import type { Store } from "../store/store.ts";

/** Small enough that a batch holds the database for a few milliseconds, with room for other work between two. */
const BATCH = 50;
const PAUSE_MS = 10;

export interface RetentionPeriods {
  readonly jobsMs: number;
}

/** Deletes what is past its retention. */
export class Pruner {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #jobsMs: number;
  #running = false;
  #stopped = false;

  constructor(store: Store, clock: Clock, { jobsMs }: RetentionPeriods) {
    this.#store = store;
    this.#clock = clock;
    this.#jobsMs = jobsMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Deletes all that is due, batch by batch; a second call meanwhile does nothing. */
  async run(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    try {
      await this.#jobs();
      const groupsBefore = this.#clock.now() - this.#jobsMs;
      await this.#each(() => this.#store.retention.pruneExpired(this.#clock.now(), BATCH));
      await this.#each(() => this.#store.retention.pruneGroups(groupsBefore, BATCH));
      await this.#each(() => this.#store.retention.pruneIdempotencyKeys(this.#clock.now(), BATCH));
    } finally {
      this.#running = false;
    }
  }

  async #jobs(): Promise<void> {
    const finishedBefore = this.#clock.now() - this.#jobsMs;
    let last: string | null = null;
    do {
      last = (await this.#store.retention.pruneJobs(finishedBefore, last, BATCH)).last;
      if (last !== null) await sleep(PAUSE_MS);
    } while (last !== null && !this.#stopped);
  }

  async #each(prune: () => Promise<number>): Promise<void> {
    let deleted = BATCH;
    while (deleted === BATCH && !this.#stopped) {
      deleted = await prune();
      if (deleted === BATCH) await sleep(PAUSE_MS);
    }
  }
}
