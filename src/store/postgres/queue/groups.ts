import { followUpJob } from "../../../core/follow-up.ts";
import type { FollowUp } from "../../../core/ties.ts";
import type { Group, GroupRecords } from "../../job-records.ts";
import type { NewGroup, NewJob } from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import { arrayOf, columnOf, type Session, statement } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";

interface GroupRow {
  readonly id: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly created_at: number;
  readonly settled_at: number | null;
}

const ADD = statement(`
  insert into posthorn.groups (id, on_settled, total, pending, succeeded, failed, cancelled, created_at, settled_at)
  select id, on_settled, total, total, 0, 0, 0, $4::bigint, case when total = 0 then $4::bigint end
  from unnest($1::text[], $2::text[], $3::int[]) as added (id, on_settled, total)`);

// what of these this transaction has ended; locked in the order of their ids first, or two commits that end jobs of the same groups would wait for each other
const COUNT = statement<GroupRow & { on_settled: string; is_over: boolean }>(`
  with ended as materialized (
    select t.id,
      count(*) filter (where f.status = 'succeeded')::int as succeeded,
      count(*) filter (where f.status = 'failed')::int as failed,
      count(*) filter (where f.status = 'cancelled')::int as cancelled
    from unnest($2::text[], $3::uuid[]) as t (id, job)
    join posthorn.finished f on f.job = t.job
    where f.xmin = pg_current_xact_id()::xid
    group by t.id
  ),
  locked as materialized (
    select g.id, g.settled_at
    from posthorn.groups g
    where g.id = any ($1::text[])
    order by g.id
    for update
  )
  update posthorn.groups g
  set
    pending = g.pending - e.succeeded - e.failed - e.cancelled,
    succeeded = g.succeeded + e.succeeded,
    failed = g.failed + e.failed,
    cancelled = g.cancelled + e.cancelled,
    settled_at = case
      when g.settled_at is null and g.pending = e.succeeded + e.failed + e.cancelled then $4::bigint
      else g.settled_at
    end
  from ended e
  join locked l on l.id = e.id
  where g.id = e.id
  returning g.id, g.on_settled, g.total, g.succeeded, g.failed, g.cancelled, g.created_at, g.settled_at,
    l.settled_at is null and g.settled_at is not null as is_over`);

const REOPEN = statement(`
  update posthorn.groups
  set
    pending = pending + 1,
    failed = failed - (case when $2 = 'failed' then 1 else 0 end),
    cancelled = cancelled - (case when $2 = 'cancelled' then 1 else 0 end)
  where id = $1`);

const GET = statement<GroupRow>(`
  select id, total, succeeded, failed, cancelled, created_at, settled_at
  from posthorn.groups
  where id = $1`);

/** Counts how many of a group's jobs have ended, and makes its follow-up when all have for the first time. */
export class Groups implements GroupRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * @param totals how many jobs of each were made; those with none are settled at once.
   * @returns the jobs to be queued for those.
   */
  async add(session: Session, totals: ReadonlyMap<NewGroup, number>, now: number): Promise<NewJob[]> {
    const groups = [...totals.keys()];
    await session.run(
      ADD,
      columnOf(groups, ({ id }) => id),
      columnOf(groups, ({ onSettled }) => JSON.stringify(onSettled)),
      arrayOf([...totals.values()]),
      now,
    );
    const nothing = { total: 0, succeeded: 0, failed: 0, cancelled: 0 };
    return groups
      .filter((group) => totals.get(group) === 0)
      .map(({ id, onSettled }) => followUpJob(onSettled, { groupId: id, ...nothing }, now));
  }

  /** Of these jobs, those that this transaction has ended. @returns the jobs to be queued for groups whose last job this was. */
  async ended(
    session: Session,
    ends: readonly { readonly groupId: string; readonly jobId: string }[],
    now: number,
  ): Promise<NewJob[]> {
    const ids = [...new Set(ends.map(({ groupId }) => groupId))];
    const rows = await session.run(
      COUNT,
      arrayOf(ids),
      columnOf(ends, ({ groupId }) => groupId),
      columnOf(ends, ({ jobId }) => uuidOf(jobId)),
      now,
    );
    return rows
      .filter((row) => row.is_over)
      .map(({ id: groupId, on_settled, total, succeeded, failed, cancelled }) => {
        const followUp = JSON.parse(on_settled) as FollowUp; // only `add` writes it
        return followUpJob(followUp, { groupId, total, succeeded, failed, cancelled }, now);
      });
  }

  /** One of its jobs is live again. */
  reopened(session: Session, id: string, status: "failed" | "cancelled"): Promise<unknown> {
    return session.run(REOPEN, id, status);
  }

  async get(id: string): Promise<Group | undefined> {
    const [row] = await this.#db.run(GET, id);
    if (!row) return undefined;
    const { total, succeeded, failed, cancelled } = row;
    return {
      id,
      total,
      succeeded,
      failed,
      cancelled,
      createdAt: row.created_at,
      settledAt: row.settled_at,
    };
  }
}
