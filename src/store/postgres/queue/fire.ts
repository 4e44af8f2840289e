import type { Firing } from "../../shelves/schedules.ts";
import type { Database } from "../driver/database.ts";
import { statement } from "../driver/statement.ts";
import { unclaimed } from "./ends.ts";
import type { Enqueues } from "./enqueue.ts";
import type { NewJobs } from "./new-jobs.ts";
import { lockLanes } from "./ordered-lanes.ts";

const FIRE = statement<{ name: string }>(`
  update posthorn.schedules
  set next_at = $3::bigint
  where name = $1 and next_at = $2::bigint and not paused
  returning name`);

const FIRED = statement("update posthorn.schedules set last_at = $2::bigint where name = $1");

/**
 * A fire is one compare-and-set of when a schedule is next due, so that of all processes one makes the jobs. These times are
 * moments of the calendar, the same for every process, and are kept as they come.
 */
export class Fires {
  readonly #db: Database;
  readonly #enqueues: Enqueues;
  readonly #newJobs: NewJobs;

  constructor(db: Database, enqueues: Enqueues, newJobs: NewJobs) {
    this.#db = db;
    this.#enqueues = enqueues;
    this.#newJobs = newJobs;
  }

  fire({ name, dueAt, nextAt, jobs }: Firing, now: number): Promise<number | undefined> {
    return this.#db.write(async (transaction) => {
      const fired = await transaction.run(FIRE, name, dueAt, nextAt);
      if (fired.length === 0) return undefined;
      transaction.tell("work");
      void lockLanes(transaction, jobs);
      const { jobs: made } = await this.#enqueues.decide(
        transaction,
        { enqueues: jobs.map((job) => ({ job })) },
        now,
      );
      if (made.length === 0) return 0;
      void transaction.run(FIRED, name, now);
      void this.#newJobs.insert(transaction, unclaimed(made), now);
      return made.length;
    });
  }
}
