import { parseTies } from "../../../core/ties.ts";
import type { LeasedJob } from "../../queue.ts";
import { heard, type Session, statement } from "../driver/statement.ts";
import { jobIdOf } from "../job-id.ts";
import { Horizon } from "../partitions/horizon.ts";
import type { ClaimRound } from "./claim-round.ts";
import { ORIGIN, originOf } from "./origin.ts";
import type { Tokens } from "./tokens.ts";

const FIRST_TURN = 0;
const LATER_TURN = 1;

/**
 * A walk, of first attempts or of later ones, passes this many lanes at the most: thousands of lanes that have work and no
 * room (at rest, say) would hold the claim up for 10 µs each.
 */
const MAX_STEPS = 500;

const PEEK = statement<{ is_there: boolean }>("select exists (select from posthorn.ready) as is_there");

/**
 * One pass over the lanes of a priority, in one statement:
 *
 *     walk:   lane after lane, one index seek each, once round from where the last walk stopped, for each turn
 *     stops:  those with room, first and later attempts by turns
 *     picked: the oldest jobs of each stop, its share of the limit, those that others are taking passed over
 *     taken:  as many of these as the bytes allow; from ready into leases
 *
 * Jobs older than $11 are left lying, and told of: so only the partitions of the last days are opened, see Horizon.
 *
 * Always gives one row more than jobs were taken, which tells of the walk itself.
 *
 * 240 jobs from 60 lanes beside a lane of 100 000 take about 3 ms; the joins go by ctid because the rows are locked.
 */
const TAKE = statement<WalkRow & Partial<TakenRow>>(`
  with recursive
  level as materialized (
    select priority
    from posthorn.ready
    where priority >= $1::int
    order by priority
    limit 1
  ),
  begun (turn, stopped_at) as (
    select turn, coalesce($2::jsonb ->> concat_ws(' ', priority, turn), '') collate "C"
    from level
    cross join (values (${FIRST_TURN}::smallint), (${LATER_TURN}::smallint)) as turns (turn)
  ),
  first_turn as materialized (select coalesce(1 - ($3::jsonb ->> priority::text)::int, 0) as turn from level),
  walk (turn, stopped_at, lane, is_second_half, steps, found) as (
    select turn, stopped_at, stopped_at, stopped_at = '', 0, 0
    from begun
    union all
    select w.turn, w.stopped_at, next.lane, w.is_second_half or next.lane <= w.lane, w.steps + 1,
      w.found + (coalesce(($4::jsonb ->> next.lane)::bigint, $5::bigint) > 0)::int
    from walk w
    cross join lateral (
      select coalesce(
        (select r.lane from posthorn.ready r
          where r.priority = (select priority from level) and r.turn = w.turn and r.lane > w.lane
          order by r.lane limit 1),
        case when not w.is_second_half then
          (select r.lane from posthorn.ready r
            where r.priority = (select priority from level) and r.turn = w.turn and r.lane > ''
            order by r.lane limit 1)
        end
      ) as lane
    ) next
    where w.steps < ${MAX_STEPS} and w.found < $6::int and next.lane is not null
      and not ((w.is_second_half or next.lane <= w.lane) and w.stopped_at <> '' and next.lane > w.stopped_at)
  ),
  in_turn as (
    select turn, lane, coalesce(($4::jsonb ->> lane)::bigint, $5::bigint) as room,
      row_number() over (partition by turn order by steps) as round
    from walk
    where steps > 0 and coalesce(($4::jsonb ->> lane)::bigint, $5::bigint) > 0
  ),
  -- a lane's room is for its first and its later attempts together
  shared as (
    select turn, lane, round,
      (room + count(*) over (partition by lane)
        - row_number() over (partition by lane order by round, turn <> (select turn from first_turn)))
        / count(*) over (partition by lane) as room
    from in_turn
  ),
  stops as materialized (
    select turn, lane, room, row_number() over (order by round, turn <> (select turn from first_turn)) as place
    from shared
    where room > 0
    order by place
    limit $6::int
  ),
  -- rounded down, so that each stop gives something before any gives more; the rest comes in the next pass
  share as materialized (select greatest(1, $6::int / greatest(1, count(*)))::int as jobs from stops),
  picked as materialized (
    select s.place, least(s.room, (select jobs from share)) as wanted, r.*
    from stops s
    cross join lateral (
      select r.ctid as at, r.*
      from posthorn.ready r
      where r.priority = (select priority from level) and r.turn = s.turn and r.lane = s.lane
      order by r.due_at, r.job
      limit least(s.room, (select jobs from share))
      for update skip locked
    ) r
  ),
  weighed as (
    select p.*, j.id, j.task, j.options, j.payload, j.max_attempts, j.created_at, j.ties, ${ORIGIN},
      row_number() over by_place - 1 as n,
      coalesce(sum(octet_length(j.payload)) over (by_place rows between unbounded preceding and 1 preceding), 0) as before
    from picked p
    join posthorn.jobs j on j.id = p.job and j.id >= $11::uuid
    window by_place as (order by p.place, p.due_at, p.job)
  ),
  taken as materialized (select * from weighed where before < $7::bigint),
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
      exists (select from posthorn.ready where priority > (select priority from level)) as has_more,
      (select job from picked where job < $11::uuid order by job limit 1) as older,
      (select lane from walk where turn = ${FIRST_TURN} and steps = ${MAX_STEPS}) as first_cut_at,
      (select lane from walk where turn = ${LATER_TURN} and steps = ${MAX_STEPS}) as later_cut_at
  )
  select walked.*, t.id, t.task, t.lane, t.priority, t.turn, t.options, t.payload, t.max_attempts, t.created_at, t.ties,
    t.origin,
    t.started_at, t.attempts, t.failures, t.losses, t.n, t.wanted
  from walked
  left join taken t on true
  order by t.n`);

interface WalkRow {
  readonly level: number | null;
  /** The oldest of those left lying because they are older than the pass looked. */
  readonly older: string | null;
  /** There are lower priorities. */
  readonly has_more: boolean;
  readonly first_cut_at: string | null;
  readonly later_cut_at: string | null;
}

interface TakenRow {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly priority: number;
  readonly turn: number;
  readonly options: string;
  readonly payload: string;
  readonly max_attempts: number;
  readonly created_at: number;
  readonly ties: string | null;
  readonly origin: string | null;
  readonly started_at: number | null;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly n: number;
  readonly wanted: number;
}

const LOWEST = -2_147_483_648;

/**
 * Claims jobs by walking the lanes that have work, a few jobs from each, from where the last claim stopped: a lane with
 * 100 000 jobs costs its neighbours nothing.
 */
export class Claims {
  readonly #tokens: Tokens;
  /** By priority and turn: the lane at which the last walk stopped. */
  readonly #stoppedAt = new Map<string, string>();
  /** By priority: whose turn it was last. */
  readonly #lastTurn = new Map<number, number>();
  readonly #horizon = new Horizon();
  #expectsWork = true;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** Whether something was ready when it was last looked for, or a commit of this process has made something ready since. */
  get expectsWork(): boolean {
    return this.#expectsWork;
  }

  /** Something was made ready, or seen to be. */
  expectWork(): void {
    this.#expectsWork = true;
  }

  /** Whether anything is ready: a tenth of the cost of a walk that finds nothing. */
  look(session: Session): Promise<boolean> {
    return heard(session.run(PEEK).then(([look]) => look?.is_there === true));
  }

  /** Takes what it may. Unless it was cut short, what room it leaves is in lanes that have nothing ready. */
  async walk(session: Session, round: ClaimRound): Promise<void> {
    if (!this.#expectsWork && !(await this.look(session))) return;
    let from = LOWEST;
    while (round.left > 0) {
      const walked = await this.#pass(session, round, from);
      if (!walked && from === LOWEST) this.#expectsWork = false;
      if (!walked) break;
      from = walked.isUnfinished ? walked.priority : walked.priority + 1;
      if (!walked.isUnfinished && !walked.hasMore) break;
    }
  }

  /** Undefined when nothing is ready at this priority or a lower one. */
  async #pass(session: Session, round: ClaimRound, from: number) {
    const { request, left } = round;
    const first = await this.#tokens.take(session, left);
    const { now } = round;
    const rows = await session.run(
      TAKE,
      from,
      JSON.stringify(Object.fromEntries(this.#stoppedAt)),
      JSON.stringify(Object.fromEntries(this.#lastTurn)),
      round.rooms(),
      request.room.byDefault,
      left,
      round.bytesLeft,
      first,
      request.worker.id,
      now,
      this.#horizon.from(round.now),
    );
    const priority = rows[0]?.level;
    if (priority === null || priority === undefined) return undefined;
    const { first_cut_at, later_cut_at, has_more, older } = rows[0] ?? {};
    if (older) this.#horizon.reach(older, round.now);
    const taken = rows.filter((row): row is WalkRow & TakenRow => typeof row.id === "string");
    for (const row of taken) round.took(this.#leased(row, first + row.n, now));
    this.#remember(priority, taken);
    if (first_cut_at) this.#stoppedAt.set(`${priority} ${FIRST_TURN}`, first_cut_at);
    if (later_cut_at) this.#stoppedAt.set(`${priority} ${LATER_TURN}`, later_cut_at);
    if (first_cut_at || later_cut_at) round.cutShort = true;
    const mayHaveMore = hasFullStop(taken) && taken.some(({ lane }) => round.roomOf(lane) > 0);
    const isUnfinished = mayHaveMore || typeof older === "string";
    return { priority, isUnfinished, hasMore: has_more === true };
  }

  /** Where the next walk goes on. */
  #remember(priority: number, taken: readonly TakenRow[]): void {
    for (const { turn, lane } of taken) {
      this.#stoppedAt.set(`${priority} ${turn}`, lane);
      this.#lastTurn.set(priority, turn);
    }
  }

  #leased(row: TakenRow, token: number, now: number): LeasedJob {
    return {
      handle: token,
      id: jobIdOf(row.id),
      task: row.task,
      lane: row.lane,
      priority: row.priority,
      options: row.options,
      payload: row.payload,
      maxAttempts: row.max_attempts,
      createdAt: row.created_at,
      startedAt: row.started_at ?? now,
      token,
      attempts: row.attempts + 1,
      failures: row.failures,
      losses: row.losses,
      ties: parseTies(row.ties),
      origin: originOf(row.origin),
    };
  }
}

/** Whether a stop gave all that was asked of it, and so may have more. */
function hasFullStop(taken: readonly TakenRow[]): boolean {
  const counts = new Map<string, number>();
  return taken.some(({ turn, lane, wanted }) => {
    const stop = `${turn} ${lane}`;
    const count = (counts.get(stop) ?? 0) + 1;
    counts.set(stop, count);
    return count >= wanted;
  });
}
