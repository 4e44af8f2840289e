import { type FinishedWeight, ROW_BYTES } from "../retention.ts";
import type { Database } from "./driver/database.ts";
import { statement } from "./driver/statement.ts";
import { jobIdOf, uuidOf } from "./job-id.ts";
import { LAST_UUID } from "./records/filter.ts";

interface WeightRow {
  readonly job: string;
  readonly created_at: number;
  readonly has_succeeded: boolean;
  readonly bytes: number;
}

// sizes as they are stored, which are known without reading the values
const PAGE = statement<WeightRow>(`
  select f.job, j.created_at, f.status = 'succeeded' as has_succeeded,
    (pg_column_size(j.payload) + coalesce(pg_column_size(f.result), 0) + coalesce(pg_column_size(f.error), 0)
      + coalesce(pg_column_size(f.excerpt), 0) + coalesce(a.bytes, 0) + coalesce(e.bytes, 0))::float8 as bytes
  from (
    select job, status, result, error, excerpt
    from posthorn.finished
    where job < $1::uuid and expires_at is null
    order by job desc
    limit $2::int
  ) f
  join lateral (select created_at, payload, event from posthorn.jobs where id = f.job) j on true
  left join lateral (
    select sum(coalesce(pg_column_size(error), 0) + coalesce(pg_column_size(excerpt), 0) + coalesce(pg_column_size(detail), 0)) as bytes
    from posthorn.attempts
    where job = f.job
  ) a on true
  left join lateral (
    select pg_column_size(payload) / greatest(jobs, 1) as bytes
    from posthorn.events
    where id = j.event
  ) e on true
  order by f.job desc`);

/** How much finished jobs hold, the youngest first. */
export async function weightsOf(
  db: Database,
  after: string | null,
  limit: number,
): Promise<readonly FinishedWeight[]> {
  const rows = await db.run(PAGE, after === null ? LAST_UUID : uuidOf(after), limit);
  return rows.map((row) => ({
    mark: jobIdOf(row.job),
    createdAt: row.created_at,
    hasSucceeded: row.has_succeeded,
    bytes: row.bytes + ROW_BYTES,
  }));
}
