import type { Ties } from "../../../core/ties.ts";
import { BEHIND } from "../../../core/transition.ts";
import { arrayOf, columnOf, heard, type Session, statement } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";

/** A job that may be of an ordered lane. */
export interface InLane {
  readonly id: string;
  readonly lane: string;
  readonly ties?: Ties | undefined;
}

// each transaction that lets jobs into such lanes, or ends some, waits for the one before it; always in one order
const LOCK = statement(`
  select pg_advisory_xact_lock(key)
  from (
    select distinct hashtextextended(lane, 0) as key
    from unnest($1::text::text[]) as l (lane)
    order by key
  ) as keys`);

// they wait already, as if their lane were free; those that are not first are put in line
const ENTER = statement(`
  with given as materialized (
    select *
    from unnest($1::text::text[], $2::text::uuid[]) with ordinality as g (lane, job, n)
  ),
  entered as (
    insert into posthorn.ordered_lanes as o (lane, head, last_place)
    select lane, (array_agg(job order by n))[1], count(*) - 1
    from given
    group by lane
    order by lane
    on conflict (lane) do update set last_place = o.last_place + excluded.last_place + 1
    returning lane, head, last_place
  ),
  behind as materialized (
    select g.job,
      e.last_place - count(*) over (partition by g.lane) + row_number() over (partition by g.lane order by g.n) as place,
      g.job = e.head as is_head
    from given g
    join entered e on e.lane = g.lane
  ),
  due as (
    delete from posthorn.ready
    where job = any (array(select job from behind where not is_head))
    returning job, lane, due_at as run_at, priority, attempts, failures, losses, started_at
  ),
  later as (
    delete from posthorn.scheduled
    where job = any (array(select job from behind where not is_head))
    returning job, lane, run_at, priority, attempts, failures, losses, started_at
  ),
  put as (
    insert into posthorn.parked (lane, run_at, job, reason, place, parked_at, priority, attempts, failures, losses, started_at)
    select lane, run_at, job, '${BEHIND}', place, $3::text::bigint, priority, attempts, failures, losses, started_at
    from (select * from due union all select * from later) as waiting
    join behind using (job)
  )
  update posthorn.parked p
  set reason = '${BEHIND}', place = b.place
  from behind b
  where p.job = b.job and not b.is_head`);

// whether they have ended, and were the heads of their lanes, is found in what was written
const MOVE_ON = statement<{ count: number }>(`
  with ended as materialized (
    select o.lane
    from unnest($1::text::text[], $2::text::uuid[]) as e (lane, job)
    join posthorn.ordered_lanes o on o.lane = e.lane and o.head = e.job
    where exists (select from posthorn.finished f where f.job = e.job)
  ),
  next as materialized (
    select p.*
    from ended e
    cross join lateral (
      select p.ctid as at, p.*
      from posthorn.parked p
      where p.lane = e.lane and p.place is not null
      order by p.place
      limit 1
      for update
    ) p
  ),
  gone as (
    delete from posthorn.parked
    where ctid = any (array(select at from next))
  ),
  moved as (
    update posthorn.ordered_lanes o
    set head = n.job
    from next n
    where o.lane = n.lane
  ),
  left_free as (
    delete from posthorn.ordered_lanes
    where lane = any (array(select lane from ended except select lane from next))
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
    select priority, (attempts > 0)::int, lane, run_at, job, attempts, failures, losses, started_at
    from next
    where run_at <= $3::bigint
  ),
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at)
    select run_at, job, priority, lane, attempts, failures, losses, started_at
    from next
    where run_at > $3::bigint
  )
  select count(*) as count
  from next`);

/**
 * To be called first in a transaction that lets jobs into ordered lanes or ends some: two that met later could wait for each other.
 * In a transaction of ours its answer need not be waited for.
 */
export function lockLanes(session: Session, jobs: readonly InLane[]): Promise<unknown> {
  const lanes = lanesOf(jobs);
  return lanes === undefined ? NOTHING : heard(session.run(LOCK, lanes));
}

export function lockLane(session: Session, lane: string): Promise<unknown> {
  return heard(session.run(LOCK, arrayOf([lane])));
}

/** Jobs that wait since just now, new or once more, in the order in which they come: those whose lane is not free are put in line. */
export function enterLanes(session: Session, jobs: readonly InLane[], now: number): Promise<unknown> {
  const lanes = lanesOf(jobs);
  return lanes === undefined ? NOTHING : heard(session.run(ENTER, lanes, idsOf(jobs), String(now)));
}

/** Of these, the ones that have ended and were heads: the next of their lanes have their turns. */
export function moveOn(session: Session, jobs: readonly InLane[], now: number): Promise<unknown> {
  const lanes = lanesOf(jobs);
  return lanes === undefined ? NOTHING : heard(session.run(MOVE_ON, lanes, idsOf(jobs), now));
}

const NOTHING: Promise<unknown> = Promise.resolve();

export function isOrdered({ ties }: Pick<InLane, "ties">): boolean {
  return ties?.ordered === true;
}

/** Undefined where none of them is ordered. */
function lanesOf(jobs: readonly InLane[]): string | undefined {
  return jobs.some(isOrdered) ? columnOf(jobs.filter(isOrdered), ({ lane }) => lane) : undefined;
}

function idsOf(jobs: readonly InLane[]): string {
  return columnOf(jobs.filter(isOrdered), ({ id }) => uuidOf(id));
}
