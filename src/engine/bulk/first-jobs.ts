import type { BulkJobs } from "../../store/bulk.ts";

/** If the first this many jobs of a lane all fail, the run pauses. */
const TELLING = 20;
/** The most lanes whose first jobs are watched at once. */
const MOST_LANES = 50;

/**
 * Watches the first jobs of each of a run's lanes until their outcome is known: a receiver that fails all of them is not sent the rest.
 * Once a lane has a success, these jobs are forgotten, and its next jobs are watched as if they were the first.
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

  /** The first lane whose first jobs have all failed. Forgets lanes with a success. */
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
