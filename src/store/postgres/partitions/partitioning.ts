import type { Database } from "../driver/database.ts";
import { adHoc, columnOf, type Session, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { FIRST_UUID } from "../records/filter.ts";
import { boundsOf, firstUuidAt, type Span, suffixOf } from "./partition-bounds.ts";
import { cutAhead, mergeEmpty, oldOnes, type Recut } from "./partition-plan.ts";
import { changePartitions, PARTITIONED, type Partition, readLayout } from "./partitions.ts";

const LOOK_MS = 60_000;
/** Rows that are carried from an old partition to a new one take half a second at most. */
const MOST_CARRIED = 10_000;

// not by `exists`, which might become a join
const EMPTY_ONES = statement<{ n: number }>(`
  select n - 1 as n
  from unnest($1::uuid[], $2::uuid[]) with ordinality as span (lower, upper, n)
  where (select id from posthorn.jobs where id >= lower and id < upper limit 1) is null
    and (select job from posthorn.finished where job >= lower and job < upper limit 1) is null
    and (select job from posthorn.attempts where job >= lower and job < upper limit 1) is null`);

/**
 * Keeps the partitions of jobs and what belongs to them: a day each, made ahead; old ones that retention has emptied are merged.
 *
 *     past │ … │ 1123 │ 1124 │ today │ +1 │ +2 │ +3 │ future
 *
 * Together they hold every id that there can be, whatever the clock that made it, and whether or not anybody comes to cut
 * the next day. There is no default partition: with one, PostgreSQL cannot read the others one after the other in the order of
 * ids (a list would begin in all of them), and checks all its rows for each partition that is added.
 *
 * A cut takes about 60 ms, in which nobody else gets at the tables, once a day; and it happens only if they can be locked
 * at once. Nothing is lost while they are not: the jobs are in `future` then, and are carried over.
 */
export class Partitioning {
  readonly #db: Database;
  #lookAt = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** As `change`, unless it was looked a moment ago. */
  async run(): Promise<boolean> {
    if (performance.now() < this.#lookAt) return false;
    const changed = await this.change();
    if (!changed) this.#lookAt = performance.now() + LOOK_MS;
    return changed;
  }

  /** One change at most; false when there is none to make, or it was not to be made now. */
  async change(): Promise<boolean> {
    if (!(await nextRecut(this.#db))) return false;
    return changePartitions(this.#db, async (transaction) => {
      await transaction.run(adHoc(`lock table ${allOf("only posthorn.?")} in access exclusive mode`));
      const recut = await nextRecut(transaction); // another process may have been first
      return recut !== undefined && perform(transaction, recut);
    });
  }
}

async function nextRecut(session: Session): Promise<Recut<Partition> | undefined> {
  const { partitions, now } = await readLayout(session);
  const ahead = cutAhead(partitions, now);
  const old = oldOnes(partitions, now);
  if (ahead || old.length < 2) return ahead;
  const rows = await session.run(
    EMPTY_ONES,
    columnOf(old, ({ from }) => (from < 0 ? FIRST_UUID : firstUuidAt(from))),
    columnOf(old, ({ to }) => firstUuidAt(to)),
  );
  const empty = new Set(rows.map(({ n }) => old[n]));
  return mergeEmpty(old, (partition) => empty.has(partition));
}

/** Whether there was not too much in them. */
async function perform(transaction: Transaction, { old, pieces }: Recut<Partition>): Promise<boolean> {
  const carried: string[] = [];
  for (const table of PARTITIONED) {
    const rows = old.map(({ suffix }) => `select * from posthorn.${table}_${suffix}`).join(" union all ");
    const COUNT = adHoc<{ n: number }>(
      `select count(*) as n from (select from (${rows}) as r limit ${MOST_CARRIED + 1}) as counted`,
    );
    const n = (await transaction.run(COUNT))[0]?.n ?? 0;
    if (n > MOST_CARRIED) return false;
    if (n === 0) continue;
    carried.push(table);
    void transaction.run(adHoc(`create temporary table carried_${table} on commit drop as ${rows}`));
  }
  for (const { suffix } of old) void transaction.run(adHoc(`drop table ${allOf(`posthorn.?_${suffix}`)}`));
  for (const piece of pieces)
    for (const table of PARTITIONED) void transaction.run(adHoc(createPartition(table, piece)));
  for (const table of carried)
    void transaction.run(adHoc(`insert into posthorn.${table} select * from pg_temp.carried_${table}`));
  return true;
}

// space that batched deletion frees should be reusable long before a fifth of a partition is dead
function createPartition(table: string, span: Span): string {
  return `
    create table posthorn.${table}_${suffixOf(span)}
    partition of posthorn.${table}
    for values ${boundsOf(span)}
    with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000)`;
}

/** @param name with `?` for the table. */
function allOf(name: string): string {
  return PARTITIONED.map((table) => name.replace("?", table)).join(", ");
}
