import type { Instrument } from "../../observe/instrument.ts";

/** After the last one came. */
const LATELY_MS = 1_000;

/** Whether this process accepts jobs besides those of fan-outs while they go on. */
export class OtherJobs {
  #all = 0;
  #own = 0;
  #cameAt = Number.NEGATIVE_INFINITY;

  constructor(instrument: Pick<Instrument, "commit.done">) {
    instrument["commit.done"].subscribe(({ enqueued }) => {
      this.#all += enqueued;
    });
  }

  /** What was accepted before does not count. */
  beginToCount(): void {
    this.#all = 0;
    this.#own = 0;
  }

  /** So many of the accepted ones are a fan-out's. */
  areNot(jobs: number): void {
    this.#own += jobs;
  }

  /** To be asked while no job of a fan-out is being written. @param now by a clock that is never set back. */
  cameLately(now: number): boolean {
    if (this.#all > this.#own) this.#cameAt = now;
    this.beginToCount();
    return now - this.#cameAt < LATELY_MS;
  }
}
