import type { Database } from "../driver/database.ts";
import { isLockTimeout, isNotAllowed } from "../driver/postgres-errors.ts";
import { adHoc, type Session, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { type Span, spanOf } from "./partition-bounds.ts";
import { daysMissing } from "./partition-plan.ts";

/** The tables that are cut, always at the same moments. */
export const PARTITIONED = ["jobs", "job_tags", "finished", "attempts"] as const;

/** A span of each of these tables. */
export interface Partition extends Span {
  /** What comes after the table's name. */
  readonly suffix: string;
  /** About how many jobs, by the server's statistics. */
  readonly jobs: number;
}

export interface Layout {
  /** By the database's clock. */
  readonly now: number;
  /** In the order of time; they cover all of it. */
  readonly partitions: readonly Partition[];
}

interface PartitionRow {
  readonly now: number;
  readonly suffix: string;
  readonly bounds: string;
  readonly jobs: number;
}

const LAYOUT = statement<PartitionRow>(`
  select (extract(epoch from clock_timestamp()) * 1000)::bigint as now, substr(c.relname, length('jobs_') + 1) as suffix,
    pg_get_expr(c.relpartbound, c.oid) as bounds,
    greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint as jobs
  from pg_inherits i
  join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'posthorn.jobs'::regclass and c.relname like 'jobs\\_%'`);

export async function readLayout(session: Session): Promise<Layout> {
  const rows = await session.run(LAYOUT);
  const partitions = rows.flatMap(({ suffix, bounds, jobs }) => {
    const span = spanOf(bounds);
    return span ? [{ ...span, suffix, jobs }] : [];
  });
  return { now: rows[0]?.now ?? 0, partitions: partitions.sort((a, b) => (a.from < b.from ? -1 : 1)) };
}

/** For those who look after the database. */
export interface PartitionFacts extends Layout {
  /** Of today and the days that should be ready: how many share a partition with others. None, as a rule. */
  readonly daysMissing: number;
}

export async function partitionFacts(session: Session): Promise<PartitionFacts> {
  const layout = await readLayout(session);
  return { ...layout, daysMissing: daysMissing(layout.partitions, layout.now) };
}

// any number will do that others do not use, another for each schema
const TRY_LOCK = statement<{ is_ours: boolean }>(
  "select pg_try_advisory_xact_lock(hashtextextended('posthorn.', 7378697630)) as is_ours",
);
// others queue up behind this lock, so it waits only briefly for a table's present holder
const BRIEFLY = adHoc("select set_config('lock_timeout', '100ms', true)");

/**
 * Changes partitions, unless another process is about it. False as well when a table was not to be had in a moment, or when
 * this user may not: what partitions there are do for now, and the owner, or the next look, does it.
 */
export async function changePartitions(
  db: Database,
  change: (transaction: Transaction) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await db.write(async (transaction) => {
      void transaction.run(BRIEFLY);
      const [lock] = await transaction.run(TRY_LOCK);
      return lock?.is_ours === true && (await change(transaction));
    });
  } catch (error) {
    if (isLockTimeout(error) || isNotAllowed(error)) return false;
    throw error;
  }
}
