import type { NewJob } from "../store.ts";
import type { JobRows } from "./job-rows.ts";
import type { Queued } from "./queued.ts";

/** Before a job's first attempt. */
export const UNTRIED = { attempts: 0, failures: 0, losses: 0, started_at: null } as const;

/** Jobs that the database itself makes, in the transaction that calls for them: follow-ups, and what schedules bring. */
export class FreshJobs {
  readonly #rows: JobRows;
  readonly #queued: Queued;

  constructor(rows: JobRows, queued: Queued) {
    this.#rows = rows;
    this.#queued = queued;
  }

  queue(job: NewJob, now: number): void {
    const { priority, lane, runAt } = job;
    this.#queued.put(this.#rows.insert(job), { priority, lane, ...UNTRIED }, runAt, now);
  }
}
