import { keepMs, type OnceStore, Pruning, type TableOptions, tableName } from "./once.ts";

/** A pool or a client of `pg`, or anything with the same method. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Another process makes the same table at this moment: `create … if not exists` does not exclude that. */
const MADE_MEANWHILE: ReadonlySet<unknown> = new Set(["23505", "42P07", "42710"]);

/**
 * Remembers what was handled in a PostgreSQL database, for any number of processes.
 * @throws TypeError without a database, and when `table` cannot be the name of a table.
 * @example
 * const once = postgresOnce(new pg.Pool());
 */
export function postgresOnce(database: PostgresQueries, options: TableOptions = {}): OnceStore {
  const keep = keepMs(options);
  const table = tableName(options);
  if (typeof database?.query !== "function")
    throw new TypeError("postgresOnce needs a pool or a client of pg, such as new pg.Pool()");
  const pruning = new Pruning();
  let made: Promise<unknown> | undefined;
  const make = () =>
    database
      .query(
        `create table if not exists ${table} (id text primary key, claimed_until bigint not null, done_at bigint)`,
      )
      .catch((error: unknown) => {
        if (!MADE_MEANWHILE.has((error as { readonly code?: unknown }).code)) throw error; // pg's errors have one
      });
  const query = async (text: string, values: unknown[]): Promise<readonly unknown[]> => {
    made ??= make().catch((error: unknown) => {
      made = undefined; // tried again with the next webhook
      throw error;
    });
    await made;
    return (await database.query(text, values)).rows;
  };
  return {
    async claim(id, now, until) {
      if (pruning.isDue(now)) await query(`delete from ${table} where done_at < $1`, [now - keep]);
      const claimed = await query(
        `
        insert into ${table} as kept (id, claimed_until)
        values ($1, $2)
        on conflict (id) do update
        set claimed_until = excluded.claimed_until
        where kept.done_at is null and kept.claimed_until <= $3
        returning id`,
        [id, until, now],
      );
      if (claimed.length > 0) return "claimed";
      const found = await query(`select id from ${table} where id = $1 and done_at is not null`, [id]);
      return found.length > 0 ? "done" : "busy";
    },
    async done(id, now) {
      await query(
        `
        insert into ${table} (id, claimed_until, done_at)
        values ($1, $2, $2)
        on conflict (id) do update
        set done_at = excluded.done_at`,
        [id, now],
      );
    },
    async release(id, until) {
      await query(`delete from ${table} where id = $1 and claimed_until = $2 and done_at is null`, [
        id,
        until,
      ]);
    },
  };
}
