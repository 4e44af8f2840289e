import type { NewJob } from "../../queue.ts";
import type { JobRows } from "./job-rows.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { Queued } from "./queued.ts";

/** Before a job's first attempt. */
export const UNTRIED = { attempts: 0, failures: 0, losses: 0 } as const;

/** Jobs that the database itself makes, in the transaction that calls for them: follow-ups, and what schedules bring. */
export class FreshJobs {
  readonly #rows: JobRows;
  readonly #keys: LiveKeys;
  readonly #queued: Queued;

  constructor(rows: JobRows, keys: LiveKeys, queued: Queued) {
    this.#rows = rows;
    this.#keys = keys;
    this.#queued = queued;
  }

  /** False when a live job has its key, and it was not made. */
  queue(job: NewJob, now: number): boolean {
    const { task, runAt, ties } = job;
    if (ties?.key !== undefined && this.#keys.standIn(job) !== undefined) return false;
    const key = this.#rows.insert(job);
    if (ties?.key !== undefined) this.#keys.take(task, ties.key, key);
    this.#queued.put(key, job, UNTRIED, null, runAt, now);
    return true;
  }
}
