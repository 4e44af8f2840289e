import { MAX_STEPS } from "../../claim-round.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import { statement } from "../driver/statement.ts";
import { ORIGIN } from "./origin.ts";

/** What the lanes of its tenant begin with, see lane-order.ts; null for one that belongs to nobody else. */
const tenantOf = (lane: string) =>
  `case when left(${lane}, 4) = 'app_' and substr(${lane}, 31, 1) = '/' then left(${lane}, 31) end`;

const afterTenant = (tenant: string) => `(left(${tenant}, 30) || '0')`;

/** The first lane that there could be after another one. */
const after = (lane: string) => `(${lane} || chr(1))`;

/** The first lane with work that is not before `from`, and before `end` where that is given: one seek. */
const seek = (turn: string, from: string, end?: string) => `(
  select r.lane from posthorn.ready r
  where r.priority = (select priority from level) and r.turn = ${turn} and r.lane >= ${from}
    ${end === undefined ? "" : `and r.lane < ${end}`}
  order by r.lane limit 1)`;

/** Of a lane, and of a tenant; null where that has no limit. */
const roomOf = (lane: string) =>
  `least(coalesce(($4::jsonb ->> ${lane})::bigint, $5::bigint), ${roomOfTenant(tenantOf(lane))})`;
const roomOfTenant = (tenant: string) => `($4::jsonb ->> ${tenant})::bigint`;

/** The lanes of a tenant with their room, once round from where its last turn came to, as far as they are read; then a null. */
const lanesOf = (turn: string, tenant: string) => `
  with recursive inside (start, lane, is_second_half, n) as (
    select b.start, f.lane, b.start = ${tenant} or f.lane < b.start, 1
    from (
      select coalesce($12::jsonb ->> concat_ws(' ', (select priority from level), ${turn}, ${tenant}), ${tenant}) collate "C" as start
      where ${tenant} is not null
    ) b
    cross join lateral (
      select coalesce(
        ${seek(turn, "b.start", afterTenant(tenant))},
        ${seek(turn, tenant, afterTenant(tenant))}
      ) as lane
      offset 0
    ) f
    union all
    select i.start, case when (i.is_second_half or f.lane <= i.lane) and i.start <> ${tenant} and f.lane >= i.start then null else f.lane end,
      i.is_second_half or f.lane <= i.lane, i.n + 1
    from inside i
    cross join lateral (
      select coalesce(
        ${seek(turn, after("i.lane"), afterTenant(tenant))},
        case when not i.is_second_half then ${seek(turn, tenant, afterTenant(tenant))} end
      ) as lane
      offset 0
    ) f
    where i.n < ${MAX_STEPS} and i.lane is not null
  )
  select lane, n, case when lane is null then 0 else ${roomOf("lane")} end as room
  from inside`;

/**
 * One pass over the lanes of a priority, in one statement:
 *
 *     walk:   tenant after tenant, once round from where the last walk stopped, for each turn, to the first lane with room of each;
 *             one index seek for a lane that is nobody's, or its tenant's only one, and three for a tenant of several
 *     visits: those that have such a lane, first and later attempts by turns
 *     stops:  their lanes: of tenants of several further ones, where the visits are fewer than the jobs to be taken
 *     picked: the oldest jobs of each stop, its share of the limit, those that others are taking passed over
 *     taken:  as many of these as the bytes allow; from ready into leases
 *
 * Jobs older than $11 are left lying, and told of: so only the partitions of the last days are opened, see Horizon.
 *
 * Always gives one row more than jobs were taken, which tells of the walk itself.
 *
 * Each `offset 0` keeps the planner from putting the seek of a lateral where its result is read, once for each place.
 *
 * 240 jobs from 60 lanes next to a lane of 100 000 take about 3 ms; the joins go by ctid because the rows are locked.
 */
export const TAKE = statement<WalkRow & Partial<TakenRow>>(`
  with recursive
  level as materialized (
    select priority
    from posthorn.ready
    where priority >= $1::int
    order by priority
    limit 1
  ),
  -- not within a tenant, which may have had one lane then, and several now: it would have two turns, and its jobs be taken twice
  begun (turn, start) as (
    select turn, coalesce(${afterTenant(tenantOf("stopped"))}, stopped) collate "C"
    from level
    cross join (values (${FIRST_TURN}::smallint), (${LATER_TURN}::smallint)) as turns (turn)
    cross join lateral (select coalesce($2::jsonb ->> concat_ws(' ', priority, turn), '') as stopped) s
  ),
  first_turn as materialized (select coalesce(1 - ($3::jsonb ->> priority::text)::int, 0) as turn from level),
  walk (turn, start, goes_on_at, ahead, tenant, lane, has_room, is_second_half, steps, found) as (
    select turn, start, start, null::text collate "C", null::text collate "C", null::text collate "C", false, start = '', 0, 0
    from begun
    union all
    select w.turn, w.start, m.goes_on_at, m.ahead, m.tenant, i.lane, i.has_room,
      w.is_second_half or c.lane < w.goes_on_at, w.steps + i.n, w.found + i.has_room::int
    from walk w
    cross join lateral (
      select coalesce(
        w.ahead,
        ${seek("w.turn", "w.goes_on_at")},
        case when not w.is_second_half then ${seek("w.turn", "''")} end
      ) as lane
      offset 0
    ) c
    cross join lateral (select ${tenantOf("c.lane")} as tenant) t
    -- of a tenant of one lane, the look for another has found the one that is next
    cross join lateral (
      select case when t.tenant is not null then ${seek("w.turn", after("c.lane"))} end as lane
      offset 0
    ) second
    cross join lateral (
      select ${afterTenant("t.tenant")} as goes_on_at, null as ahead, t.tenant where starts_with(second.lane, t.tenant)
      union all
      select ${after("c.lane")}, second.lane, null where starts_with(second.lane, t.tenant) is not true
    ) m
    cross join lateral (
      select c.lane, ${roomOf("c.lane")} > 0 as has_room, 1 as n where m.tenant is null
      union all
      select null, false, 1 where ${roomOfTenant("m.tenant")} <= 0
      union all
      (
        select lane, room > 0, n
        from (${lanesOf("w.turn", "m.tenant")}) as lanes
        where (room > 0 or lane is null or n = ${MAX_STEPS}) and (${roomOfTenant("m.tenant")} <= 0) is not true
        limit 1
      )
    ) i
    where w.steps < ${MAX_STEPS} and w.found < $6::int and c.lane is not null
      and not ((w.is_second_half or c.lane < w.goes_on_at) and w.start <> '' and c.lane >= w.start)
  ),
  visits as materialized (
    select turn, tenant, lane, goes_on_at, row_number() over (order by round, turn <> (select turn from first_turn)) as visit
    from (select *, row_number() over (partition by turn order by steps) as round from walk where has_room) as with_room
    order by visit
    limit $6::int
  ),
  -- rounded down, so that each gives something before any gives more; the rest comes in the next pass
  share as materialized (select greatest(1, $6::int / greatest(1, count(*)))::int as jobs from visits),
  lanes as (
    select v.*, ${roomOf("v.lane")} as room, 1 as nth
    from visits v
    where v.tenant is null
    union all
    select v.turn, v.tenant, l.lane, v.goes_on_at, v.visit, l.room, l.nth
    from visits v
    cross join lateral (
      select lane, room, row_number() over () as nth
      from (${lanesOf("v.turn", "v.tenant")}) as lanes
      where room > 0
      limit (select jobs from share)
    ) l
    where v.tenant is not null
  ),
  -- a lane's room is for its first and its later attempts together
  shared as (
    select turn, tenant, lane, goes_on_at, visit, nth,
      (room + count(*) over (partition by lane)
        - row_number() over (partition by lane order by nth, visit))
        / count(*) over (partition by lane) as room
    from lanes
  ),
  stops as materialized (
    select *, greatest(1, (select jobs from share) / count(*) over (partition by visit))::int as most,
      row_number() over (order by nth, visit) as place
    from shared
    where room > 0
    order by place
    limit $6::int
  ),
  picked as materialized (
    select s.place, s.visit, s.tenant, s.goes_on_at, least(s.room, s.most) as wanted, r.*
    from stops s
    cross join lateral (
      select r.ctid as at, r.*
      from posthorn.ready r
      where r.priority = (select priority from level) and r.turn = s.turn and r.lane = s.lane
      order by r.due_at, r.job
      limit least(s.room, s.most)
      for update skip locked
    ) r
  ),
  weighed as (
    select p.*, row_number() over (partition by ${tenantOf("p.lane")} order by p.place, p.due_at, p.job) as nth_of_tenant, j.id, j.task, j.options, j.payload, j.max_attempts, j.created_at, j.ties, ${ORIGIN},
      row_number() over by_place - 1 as n,
      coalesce(sum(octet_length(j.payload)) over (by_place rows between unbounded preceding and 1 preceding), 0) as before
    from picked p
    cross join lateral (select * from posthorn.jobs where id = p.job and id >= $11::uuid limit 1) j
    window by_place as (order by p.place, p.due_at, p.job)
  ),
  taken as materialized (
    select *
    from weighed
    where before < $7::bigint and (nth_of_tenant > ${roomOfTenant(tenantOf("lane"))}) is not true
  ),
  gone as (
    delete from posthorn.ready
    where ctid = any (array(select at from taken))
  ),
  leased as (
    insert into posthorn.leases
      (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
    select id, $8::bigint + n, $9, priority, lane, attempts + 1, failures, losses, coalesce(started_at, $10::bigint), $10::bigint
    from taken
  ),
  walked as (
    select
      (select priority from level) as level,
      (select priority from posthorn.ready where priority > (select priority from level) order by priority limit 1) is not null as has_more,
      (select job from picked where job < $11::uuid order by job limit 1) as older,
      (select goes_on_at from walk where turn = ${FIRST_TURN} and steps >= ${MAX_STEPS} limit 1) as first_cut_at,
      (select goes_on_at from walk where turn = ${LATER_TURN} and steps >= ${MAX_STEPS} limit 1) as later_cut_at,
      (
        select json_object_agg(concat_ws(' ', turn, tenant), lane)
        from walk
        where tenant is not null and not has_room and lane is not null
      ) as tenants_cut_at
  )
  select walked.*, t.id, t.task, t.lane, t.priority, t.turn, t.options, t.payload, t.max_attempts, t.created_at, t.due_at, t.ties,
    t.origin,
    t.started_at, t.attempts, t.failures, t.losses, t.n, t.wanted, t.visit, t.tenant, t.goes_on_at
  from walked
  left join taken t on true
  order by t.n`);

export interface WalkRow {
  readonly level: number | null;
  /** The oldest of those left lying because they are older than the pass looked. */
  readonly older: string | null;
  /** There are lower priorities. */
  readonly has_more: boolean;
  /** Where a walk that passed too many lanes is to go on, of each turn; and where within tenants, by turn and tenant. */
  readonly first_cut_at: string | null;
  readonly later_cut_at: string | null;
  readonly tenants_cut_at: Readonly<Record<string, string>> | null;
}

export interface TakenRow {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly priority: number;
  readonly turn: number;
  readonly options: string;
  readonly payload: string;
  readonly max_attempts: number;
  readonly created_at: number;
  readonly due_at: number;
  readonly ties: string | null;
  readonly origin: string | null;
  readonly started_at: number | null;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly n: number;
  readonly wanted: number;
  /** Whose turn it was: the place in the walk, and the tenant, of one of several lanes. */
  readonly visit: number;
  readonly tenant: string | null;
  /** Where the walk goes on after it. */
  readonly goes_on_at: string;
}
