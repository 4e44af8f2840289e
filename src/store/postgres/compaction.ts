import type { Database, Transaction } from "./database.ts";
import { isLockTimeout } from "./postgres-errors.ts";
import { adHoc, statement } from "./statement.ts";

/** Tables in which rows come and go with every job, and claims and promotions look for the first that is alive. */
type Hot = "ready" | "scheduled";

/** A claim steps over so many dead rows in some tens of milliseconds; fewer are left to autovacuum. */
const MANY_DEAD = 30_000;
/** So many are rewritten in some tens of milliseconds; while there are more alive, the dead ones hardly matter. */
const FEW_ALIVE = 10_000;
/** Dead or alive, a row and its index entries take more than this. */
const ROW_BYTES = 50;
const LOOK_MS = 5_000;
/** A table that somebody holds (a dump holds all of them to its end) is not asked for again so soon: claims wait behind who asks. */
const HELD_MS = 60_000;

const WORN = statement<{ name: Hot }>(`
  select relname as name
  from pg_stat_user_tables
  where schemaname = 'posthorn' and relname in ('ready', 'scheduled') and n_dead_tup >= $1::int
    and n_live_tup < ${FEW_ALIVE}`);

// whoever holds the table now is waited for no longer than others should wait behind this
const BRIEFLY = adHoc("select set_config('lock_timeout', '100ms', true)");

/**
 * Frees the hot tables of dead rows where vacuum cannot: a transaction that someone holds open (a forgotten session, a long
 * report) keeps every row that was alive when it began or came since, and each claim would step over all that were
 * used up. Here the few rows that are alive are put into the emptied table. TRUNCATE gives it a new file, whatever is still
 * open (https://www.postgresql.org/docs/current/sql-truncate.html); to that old transaction the table looks empty.
 *
 * With 800 jobs a second through `ready` and a snapshot held open, deliveries took 12 ms at first and 50 to 75 ms after a minute,
 * with 48 000 dead rows; so it would have gone on.
 */
export class Compaction {
  readonly #db: Database;
  readonly #manyDead: number;
  #lookAt = 0;

  constructor(db: Database, manyDead = MANY_DEAD) {
    this.#db = db;
    this.#manyDead = manyDead;
  }

  /** Does one table, at most; false when there is none to do, or it was looked at a moment ago. */
  async run(): Promise<boolean> {
    if (performance.now() < this.#lookAt) return false;
    this.#lookAt = performance.now() + LOOK_MS; // the server's counts are behind by a second or so, too
    const [worn] = await this.#db.run(WORN, this.#manyDead);
    if (!worn) return false;
    const isDone = await this.rewrite(worn.name);
    if (!isDone) this.#lookAt = performance.now() + HELD_MS;
    return isDone;
  }

  /** Whether it was worth it still, and the table was to be had. */
  async rewrite(table: Hot): Promise<boolean> {
    try {
      return await this.#db.write((transaction) => rewrite(transaction, table, this.#manyDead * ROW_BYTES));
    } catch (error) {
      if (isLockTimeout(error)) return false; // the next look tries again
      throw error;
    }
  }
}

async function rewrite(transaction: Transaction, table: Hot, leastBytes: number): Promise<boolean> {
  await transaction.run(BRIEFLY);
  await transaction.run(adHoc(`lock table posthorn.${table} in access exclusive mode`));
  // another process may have been first, or much work may have come
  const isWorn = adHoc<{ is_worn: boolean }>(`
    select pg_relation_size('posthorn.${table}') >= ${leastBytes}
      and (select count(*) from (select from posthorn.${table} limit ${FEW_ALIVE}) r) < ${FEW_ALIVE} as is_worn`);
  const [found] = await transaction.run(isWorn);
  if (!found?.is_worn) return false;
  await transaction.run(
    adHoc(`create temporary table kept on commit drop as select * from posthorn.${table}`),
  );
  await transaction.run(adHoc(`truncate posthorn.${table}`));
  await transaction.run(adHoc(`insert into posthorn.${table} select * from pg_temp.kept`));
  return true;
}
