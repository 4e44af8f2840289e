import type { Firing } from "../../shelves/schedules.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { NewJobs } from "./new-jobs.ts";

/** A fire is one compare-and-set of when a schedule is next due, so that of all processes one makes the jobs. */
export class Fires {
  readonly #db: Database;
  readonly #newJobs: NewJobs;
  readonly #moveOn: Statement;
  readonly #fired: Statement;

  constructor(db: Database, newJobs: NewJobs) {
    this.#db = db;
    this.#newJobs = newJobs;
    this.#moveOn = db.prepare(`
      update schedules set next_at = ? where name = ? and next_at = ? and paused = 0`);
    this.#fired = db.prepare("update schedules set last_at = ? where name = ?");
  }

  fire({ name, dueAt, nextAt, jobs }: Firing, now: number): Promise<number | undefined> {
    return this.#db.write(() => {
      if (this.#moveOn.run(nextAt, name, dueAt) === 0) return undefined;
      const made = jobs.filter((job) => this.#newJobs.make(job, now));
      if (made.length > 0) this.#fired.run(now, name);
      return made.length;
    });
  }
}
