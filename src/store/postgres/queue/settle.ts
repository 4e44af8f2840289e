import type { Tries } from "../../../core/job.ts";
import { expiryOf } from "../../../core/ties.ts";
import { afterRelease, type JobSucceeded, type Next, type Transition } from "../../../core/transition.ts";
import type { LeasedJob, Settlement } from "../../queue.ts";
import { columnOf, heard, type Session, statement, storable } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";
import { dayOf, firstUuidAt } from "../partitions/partition-bounds.ts";
import { laneHash } from "../records/lane-hash.ts";

/** What happens to a leased job. */
export interface Move<To extends Next = Next> {
  readonly lease: Held;
  readonly transition: Transition<To>;
}

/** What of a lease its end needs. */
export type Held = Pick<LeasedJob, "id" | "task" | "lane" | "token" | "ties">;

/** Those whose leases were as shown, in one row: reading one for each costs more than all else about an answer. */
interface Tokens {
  readonly tokens: string | null;
}

// the fence: a worker that shows another token than the lease's deletes nothing, and what is not deleted is not carried on.
// nearly every move is a success, which has half the columns and one place to go to
const SUCCEED = statement<Tokens>(`
  with moved as (
    delete from posthorn.leases l
    using unnest(
      $1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::int[], $8::int[], $9::text[], $10::text[]
    ) as m (job, token, attempts, result, expires_at, began_at, duration_ms, code, class, excerpt)
    where l.job = m.job and l.token = m.token
    returning m.*, l.started_at, ${laneHash("l.lane")} as lane_hash
  ),
  ended as (
    insert into posthorn.finished
      (job, status, attempts, started_at, finished_at, ended_late, expires_at, result, began_at, duration_ms, code, class, excerpt,
        lane_hash)
    select job, 'succeeded', attempts, started_at, $11::bigint, job < $12::uuid, expires_at, result, began_at, duration_ms,
      code, class, excerpt, lane_hash
    from moved
  )
  select string_agg(token::text, ',') as tokens
  from moved`);

const MOVE = statement<Tokens>(`
  with moved as (
    delete from posthorn.leases l
    using unnest(
      $1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::text[], $9::bigint[],
      $10::text[], $11::bigint[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
      $19::boolean[]
    ) as m (
      job, token, status, attempts, failures, losses, run_at, error, expires_at,
      outcome, began_at, duration_ms, code, class, excerpt, attempt_error, fingerprint, detail, forgets_start
    )
    where l.job = m.job and l.token = m.token
    returning m.*, l.attempts as n, l.priority, l.lane, case when m.forgets_start then null else l.started_at end as started_at
  ),
  ended as (
    insert into posthorn.finished
      (job, status, lane, attempts, started_at, finished_at, ended_late, expires_at, error, fingerprint)
    select job, status, lane, attempts, started_at, $20::bigint, job < $21::uuid, expires_at, error,
      case when status = 'failed' then fingerprint end
    from moved
    where status not in ('queued', 'parked')
  ),
  recorded as (
    insert into posthorn.attempts
      (job, n, lane_hash, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail)
    select job, n, ${laneHash("lane")}, outcome, began_at, duration_ms, attempt_error, code, class, excerpt, fingerprint, detail
    from moved
    where outcome is not null
  ),
  due as (
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
    select priority, (attempts > 0)::int, lane, run_at, job, attempts, failures, losses, started_at
    from moved
    where status = 'queued' and run_at <= $20::bigint
  ),
  later as (
    insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at)
    select run_at, job, priority, lane, attempts, failures, losses, started_at
    from moved
    where status = 'queued' and run_at > $20::bigint
  ),
  parked as (
    insert into posthorn.parked (lane, run_at, job, reason, parked_at, priority, attempts, failures, losses, started_at)
    select lane, run_at, job, error, $20::bigint, priority, attempts, failures, losses, started_at
    from moved
    where status = 'parked'
  )
  select string_agg(token::text, ',') as tokens
  from moved`);

/** Why it failed, was cancelled, or is parked. */
function reasonOf(next: Next): string | null {
  if (next.status === "failed") return next.error;
  return "reason" in next ? (next.reason ?? null) : null;
}

/** Records attempts and moves their jobs on. */
export class Settlements {
  /** In the order of `settlements`: whether the lease was still the settler's. */
  async settle(session: Session, settlements: readonly Settlement[], now: number): Promise<boolean[]> {
    // of two that show the same lease the first one counts
    const firsts = new Map<number, Settlement>();
    for (const each of settlements) if (!firsts.has(each.lease.token)) firsts.set(each.lease.token, each);
    const moved = await this.move(session, [...firsts.values()], now);
    return settlements.map((each) => moved.has(each.lease.token) && firsts.get(each.lease.token) === each);
  }

  /** Gives back leases of jobs that were not begun. */
  release(session: Session, leases: readonly (Held & Tries)[], now: number): Promise<unknown> {
    const moves = leases.map((lease) => ({ lease, transition: afterRelease(lease, now) }));
    return heard(this.move(session, moves, now));
  }

  /** The tokens of those whose leases were as shown; the others are left as they are. */
  async move(session: Session, moves: readonly Move[], now: number): Promise<ReadonlySet<number>> {
    const successes = moves.filter(isSuccess);
    const others = successes.length < moves.length ? moves.filter((move) => !isSuccess(move)) : [];
    const answers = [
      ...(successes.length > 0 ? [succeed(session, successes, now)] : []),
      ...(others.length > 0 ? [moveOn(session, others, now)] : []),
    ];
    const tokens = new Set<number>();
    for (const [row] of await Promise.all(answers))
      for (const token of row?.tokens?.split(",") ?? []) tokens.add(Number(token));
    return tokens;
  }
}

function isSuccess(move: Move): move is Move<JobSucceeded> {
  return move.transition.next.status === "succeeded";
}

function succeed(session: Session, moves: readonly Move<JobSucceeded>[], now: number): Promise<Tokens[]> {
  return session.run(
    SUCCEED,
    columnOf(moves, ({ lease }) => uuidOf(lease.id)),
    columnOf(moves, ({ lease }) => lease.token),
    columnOf(moves, ({ transition }) => transition.attempts),
    columnOf(moves, ({ transition: { next } }) => storable(next.result)),
    columnOf(moves, ({ lease }) => expiryOf(lease.ties, now)),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.startedAt ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.durationMs ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.code ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.class ?? null),
    columnOf(moves, ({ transition: { attempt } }) => storable(attempt?.excerpt ?? null)),
    now,
    firstUuidAt(dayOf(now)),
  );
}

function moveOn(session: Session, moves: readonly Move[], now: number): Promise<Tokens[]> {
  return session.run(
    MOVE,
    columnOf(moves, ({ lease }) => uuidOf(lease.id)),
    columnOf(moves, ({ lease }) => lease.token),
    columnOf(moves, ({ transition }) => transition.next.status),
    columnOf(moves, ({ transition }) => transition.attempts),
    columnOf(moves, ({ transition }) => transition.failures),
    columnOf(moves, ({ transition }) => transition.losses),
    columnOf(moves, ({ transition: { next } }) => ("runAt" in next ? next.runAt : null)),
    columnOf(moves, ({ transition: { next } }) => storable(reasonOf(next))),
    columnOf(moves, ({ lease }) => expiryOf(lease.ties, now)),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.outcome ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.startedAt ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.durationMs ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.code ?? null),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.class ?? null),
    columnOf(moves, ({ transition: { attempt } }) => storable(attempt?.excerpt ?? null)),
    columnOf(moves, ({ transition: { attempt } }) => storable(attempt?.error ?? null)),
    columnOf(moves, ({ transition: { attempt } }) => attempt?.fingerprint ?? null),
    columnOf(moves, ({ transition: { attempt } }) => storable(attempt?.detail ?? null)),
    columnOf(moves, ({ transition }) => (transition.forgetsStart ? true : null)),
    now,
    firstUuidAt(dayOf(now)),
  );
}
