import type { Clock } from "../../core/clock.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { BulkRunShelf } from "../../store/shelves/bulk-runs.ts";
import { Gathered } from "../gathered.ts";
import type { Part } from "../part.ts";

export interface BulkFailureParts {
  readonly shelf: Pick<BulkRunShelf, "addFailed">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

/** Counts how many of the jobs that a bulk run queued have failed permanently. Those that succeed pay nothing for it. */
export class BulkFailures implements Part {
  readonly #counts: Gathered<number>;
  readonly #unsubscribe: Unsubscribe;

  constructor({ shelf, clock, instrument }: BulkFailureParts) {
    this.#counts = new Gathered({
      ...{ clock, instrument, step: "count failures" },
      join: (before, next) => before + next,
      write: async (counts) => {
        for (const { id, action } of await shelf.addFailed(counts))
          instrument["bulk.failed"].publish({ action, count: counts.get(id) ?? 0 });
      },
    });
    this.#unsubscribe = instrument["job.failed"].subscribe(({ bulkId }) => {
      if (bulkId !== null) this.#counts.add(bulkId, 1);
    });
  }

  start(): void {
    this.#counts.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#counts.stop();
  }
}
