import type { Firing } from "../../shelves/schedules.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { FreshJobs } from "./fresh-jobs.ts";

/** A fire is one compare-and-set of when a schedule is next due, so that of all processes one makes the jobs. */
export class Fires {
  readonly #db: Database;
  readonly #fresh: FreshJobs;
  readonly #moveOn: Statement;
  readonly #fired: Statement;

  constructor(db: Database, fresh: FreshJobs) {
    this.#db = db;
    this.#fresh = fresh;
    this.#moveOn = db.prepare(`
      update schedules set next_at = ? where name = ? and next_at = ? and paused = 0`);
    this.#fired = db.prepare("update schedules set last_at = ? where name = ?");
  }

  fire({ name, dueAt, nextAt, jobs }: Firing, now: number): Promise<boolean> {
    return this.#db.write(() => {
      if (this.#moveOn.run(nextAt, name, dueAt) === 0) return false;
      const made = jobs.filter((job) => this.#fresh.queue(job, now));
      if (made.length > 0) this.#fired.run(now, name);
      return true;
    });
  }
}
