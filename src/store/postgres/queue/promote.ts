import type { Database } from "../driver/database.ts";
import { statement } from "../driver/statement.ts";

const PROMOTE = statement<{ count: number }>(`
  with due as materialized (
    select ctid as at
    from posthorn.scheduled
    where run_at <= $1::bigint
    order by run_at, job
    limit $2::int
    for update skip locked
  ),
  gone as (
    delete from posthorn.scheduled
    where ctid = any (array(select at from due)) -- they are locked; a join would read all that sleeps
    returning *
  ),
  put as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
    select priority, (attempts > 0)::int, lane, run_at, job, attempts, failures, losses, started_at
    from gone
  )
  select count(*) as count
  from gone`);

const NEXT_DUE = statement<{ run_at: number }>(
  "select run_at from posthorn.scheduled order by run_at limit 1",
);

/** Moves jobs from `scheduled` to `ready` as they fall due, so that a claim never steps over what sleeps. */
export class Promotion {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  promote(now: number, limit: number): Promise<number> {
    return this.#db.write(async (transaction) => {
      const [row] = await transaction.run(PROMOTE, now, limit);
      const count = row?.count ?? 0;
      if (count > 0) transaction.tell("work");
      return count;
    });
  }

  async nextDue(): Promise<number | null> {
    const [next] = await this.#db.run(NEXT_DUE);
    return next ? next.run_at : null;
  }
}
