import type { BulkJobs } from "../../store/bulk.ts";

/** So many jobs of a lane that all fail stop a run. */
export const TELLING = 20;
/** Of so many lanes at once the first jobs are kept. */
const MOST_LANES = 50;

/**
 * The first jobs of each lane of a run, until it is known how they did: a receiver that fails all of them is not sent the rest.
 * One with a success among them is no longer watched; its next jobs are, as if they were the first.
 */
export class FirstJobs {
  readonly #byLane: Map<string, string[]>;

  /** @param text as `toString` gave it. */
  constructor(text: string | null) {
    const kept = text === null ? {} : (JSON.parse(text) as Record<string, string[]>); // only toString writes it
    this.#byLane = new Map(Object.entries(kept));
  }

  add(lane: string, jobId: string): void {
    const jobs = this.#byLane.get(lane);
    if (jobs === undefined && this.#byLane.size < MOST_LANES) this.#byLane.set(lane, [jobId]);
    else if (jobs && jobs.length < TELLING) jobs.push(jobId);
  }

  /** The first lane whose first jobs all fail. Those of which one has succeeded are forgotten. */
  async failing(jobs: Pick<BulkJobs, "outcomes">): Promise<string | undefined> {
    for (const [lane, ids] of [...this.#byLane]) {
      const { succeeded, failing } = await jobs.outcomes(ids);
      if (succeeded > 0) this.#byLane.delete(lane);
      else if (failing >= TELLING) return lane;
    }
    return undefined;
  }

  toString(): string | null {
    return this.#byLane.size === 0 ? null : JSON.stringify(Object.fromEntries(this.#byLane));
  }
}
