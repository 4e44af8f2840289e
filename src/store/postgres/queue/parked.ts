import { BEHIND } from "../../../core/transition.ts";
import { MOST_PARKED_AT_ONCE, type Parking } from "../../parking.ts";
import type { Database } from "../driver/database.ts";
import { statement } from "../driver/statement.ts";
import { lockLane } from "./ordered-lanes.ts";

// there is no index by lane alone: the few priorities are gone through
const PARK = statement<{ count: number }>(`
  with recursive levels (priority) as (
    (select priority from posthorn.ready order by priority limit 1)
    union all
    select (select r.priority from posthorn.ready r where r.priority > l.priority order by r.priority limit 1)
    from levels l
    where l.priority is not null
  ),
  taken as materialized (
    select r.*
    from levels l
    cross join (values (0::smallint), (1::smallint)) as turns (turn)
    cross join lateral (
      select r.ctid as at, r.*
      from posthorn.ready r
      where r.priority = l.priority and r.turn = turns.turn and r.lane = $1::text
      order by r.due_at, r.job
      limit $3::int
      for update skip locked
    ) r
    limit $3::int
  ),
  gone as (
    delete from posthorn.ready
    where ctid = any (array(select at from taken))
  ),
  put as (
    insert into posthorn.parked (lane, run_at, job, reason, parked_at, priority, attempts, failures, losses, started_at)
    select lane, due_at, job, $2::text, $4::bigint, priority, attempts, failures, losses, started_at
    from taken
  )
  select count(*) as count
  from taken`);

/** @param which condition and order. */
function unpark(which: string) {
  return statement<{ count: number }>(`
  with taken as materialized (
    select p.ctid as at, p.*
    from posthorn.parked p
    where p.lane = $1::text and ${which}
    limit $2::int
    for update skip locked
  ),
  gone as (
    delete from posthorn.parked
    where ctid = any (array(select at from taken))
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
    select priority, (attempts > 0)::int, lane, run_at, job, attempts, failures, losses, started_at
    from taken
    where run_at <= $3::bigint
  ),
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at)
    select run_at, job, priority, lane, attempts, failures, losses, started_at
    from taken
    where run_at > $3::bigint
  )
  select count(*) as count
  from taken`);
}

const UNPARK = unpark("p.place is null and p.reason = coalesce($4::text, p.reason) order by p.run_at, p.job");
const UNPARK_BEHIND = unpark("p.place is not null and $4::text is not null order by p.place");

const LANES = statement<{ lane: string }>(`
  with recursive lanes (lane) as (
    (select lane from posthorn.parked where place is null and lane > $1::text order by lane limit 1)
    union all
    select (select p.lane from posthorn.parked p where p.place is null and p.lane > l.lane order by p.lane limit 1)
    from lanes l
    where l.lane is not null
  )
  select lane
  from lanes
  where lane is not null
  limit $2::int`);

/** Puts jobs where no claim comes to, and lets them back in, as `afterParking` and `afterUnparking` say. */
export class Parked implements Omit<Parking, "expire"> {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async park(lane: string, reason: string, limit: number, now: number): Promise<number> {
    const most = Math.min(limit, MOST_PARKED_AT_ONCE);
    const [parked] = await this.#db.run(PARK, lane, reason, most, now);
    return parked?.count ?? 0;
  }

  unpark(lane: string, limit: number, now: number, reason?: string): Promise<number> {
    const most = Math.min(limit, MOST_PARKED_AT_ONCE);
    const isBehind = reason === BEHIND;
    return this.#db.write(async (transaction) => {
      transaction.tell("work");
      if (isBehind) void lockLane(transaction, lane);
      const statement = isBehind ? UNPARK_BEHIND : UNPARK;
      const [unparked] = await transaction.run(statement, lane, most, now, reason ?? null);
      return unparked?.count ?? 0;
    });
  }

  async lanes(after: string, limit: number): Promise<string[]> {
    const found = await this.#db.run(LANES, after, limit);
    return found.map(({ lane }) => lane);
  }
}
