import type { Attempt } from "../../../core/job.ts";
import type { Ties } from "../../../core/ties.ts";
import type { Next } from "../../../core/transition.ts";
import type { LeasedJob, Settlement } from "../../queue.ts";
import { columnOf, type Session, statement, storable } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";
import { dayOf, firstUuidAt } from "../partitions/partition-bounds.ts";

/** What becomes of a leased job. */
export interface Move {
  readonly lease: Held;
  /** As it is to be carried on. */
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  /** Undefined when it is not to be recorded. */
  readonly attempt: Attempt | undefined;
  readonly next: Next | { readonly status: "cancelled" };
}

/** What of a lease its end needs. */
export type Held = Pick<LeasedJob, "id" | "task" | "token" | "ties">;

// the fence: whoever shows another token than the lease's deletes nothing, and what is not deleted is not carried on
const MOVE = statement<{ token: number }>(`
  with moved as (
    delete from posthorn.leases l
    using unnest(
      $1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::text[], $9::text[], $10::bigint[],
      $11::text[], $12::bigint[], $13::int[], $14::int[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[]
    ) as m (
      job, token, status, attempts, failures, losses, run_at, result, error, expires_at,
      outcome, began_at, duration_ms, code, class, excerpt, attempt_error, fingerprint, detail
    )
    where l.job = m.job and l.token = m.token
    returning m.*, l.attempts as n, l.priority, l.lane, l.started_at
  ),
  ended as (
    insert into posthorn.finished
      (job, status, lane, attempts, started_at, finished_at, ended_late, expires_at, result, error, began_at, duration_ms,
        code, class, excerpt)
    select job, status, case when status <> 'succeeded' then lane end, attempts, started_at, $20::bigint, job < $21::uuid,
      expires_at, result, error,
      case when outcome = 'succeeded' then began_at end,
      case when outcome = 'succeeded' then duration_ms end,
      case when outcome = 'succeeded' then code end,
      case when outcome = 'succeeded' then class end,
      case when outcome = 'succeeded' then excerpt end
    from moved
    where status <> 'queued'
  ),
  recorded as (
    insert into posthorn.attempts 
      (job, n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail)
    select job, n, outcome, began_at, duration_ms, attempt_error, code, class, excerpt, fingerprint, detail
    from moved
    where outcome <> 'succeeded'
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
  )
  select token
  from moved`);

/** Records attempts and moves their jobs on. */
export class Settlements {
  /** In the order of `settlements`: whether the lease was still the settler's. */
  async settle(session: Session, settlements: readonly Settlement[], now: number): Promise<boolean[]> {
    // of two that show the same lease the first one counts
    const firsts = new Map(settlements.map((each) => [each.lease.token, each] as const).reverse());
    const moved = await this.move(session, [...firsts.values()].map(moveOf), now);
    return settlements.map((each) => moved.has(each.lease.token) && firsts.get(each.lease.token) === each);
  }

  /** The tokens of those whose leases were as shown; the others are left as they are. */
  async move(session: Session, moves: readonly Move[], now: number): Promise<ReadonlySet<number>> {
    const rows = await session.run(
      MOVE,
      columnOf(moves, ({ lease }) => uuidOf(lease.id)),
      columnOf(moves, ({ lease }) => lease.token),
      columnOf(moves, ({ next }) => next.status),
      columnOf(moves, ({ attempts }) => attempts),
      columnOf(moves, ({ failures }) => failures),
      columnOf(moves, ({ losses }) => losses),
      columnOf(moves, ({ next }) => (next.status === "queued" ? next.runAt : null)),
      columnOf(moves, ({ next }) => (next.status === "succeeded" ? storable(next.result) : null)),
      columnOf(moves, ({ next }) => (next.status === "failed" ? storable(next.error) : null)),
      columnOf(moves, ({ lease }) => expiryOf(lease.ties, now)),
      columnOf(moves, ({ attempt }) => attempt?.outcome ?? null),
      columnOf(moves, ({ attempt }) => attempt?.startedAt ?? null),
      columnOf(moves, ({ attempt }) => attempt?.durationMs ?? null),
      columnOf(moves, ({ attempt }) => attempt?.code ?? null),
      columnOf(moves, ({ attempt }) => attempt?.class ?? null),
      columnOf(moves, ({ attempt }) => storable(attempt?.excerpt ?? null)),
      columnOf(moves, ({ attempt }) => storable(attempt?.error ?? null)),
      columnOf(moves, ({ attempt }) => attempt?.fingerprint ?? null),
      columnOf(moves, ({ attempt }) => storable(attempt?.detail ?? null)),
      now,
      firstUuidAt(dayOf(now)),
    );
    return new Set(rows.map(({ token }) => token));
  }
}

/** When a job with a retention of its own is past it, having ended at `endedAt`. */
export function expiryOf(ties: Ties | undefined, endedAt: number): number | null {
  return ties?.retainMs === undefined ? null : endedAt + ties.retainMs;
}

export function moveOf({ lease, attempt, next }: Settlement): Move {
  const isUncounted = next.status === "queued" && next.uncounted === true;
  return {
    lease,
    attempts: isUncounted ? lease.attempts - 1 : lease.attempts,
    failures: isUncounted || next.status === "succeeded" ? lease.failures : lease.failures + 1,
    losses: isUncounted ? lease.losses : 0,
    attempt: isUncounted ? undefined : attempt,
    next,
  };
}
