import { keepMs, type OnceStore, Pruning, type TableOptions, tableName } from "./once.ts";

/** `DatabaseSync` of node:sqlite, or anything with the same methods. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: (string | number)[]): unknown;
    run(...values: (string | number)[]): unknown;
  };
}

/**
 * Remembers what was handled in a SQLite database, for one machine, across restarts.
 * @throws TypeError without a database, and when `table` cannot be the name of a table.
 * @example
 * const once = sqliteOnce(new DatabaseSync("app.db"));
 */
export function sqliteOnce(database: SqliteDatabase, options: TableOptions = {}): OnceStore {
  const keep = keepMs(options);
  const table = tableName(options);
  if (typeof database?.prepare !== "function")
    throw new TypeError('sqliteOnce needs an open database, such as new DatabaseSync("app.db")');
  const pruning = new Pruning();
  database.exec(
    `create table if not exists ${table} (id text primary key, claimed_until integer not null, done_at integer)`,
  );
  const claim = database.prepare(`
    insert into ${table} (id, claimed_until)
    values (?, ?)
    on conflict (id) do update
    set claimed_until = excluded.claimed_until
    where done_at is null and claimed_until <= ?
    returning id`);
  const find = database.prepare(`select done_at as "doneAt" from ${table} where id = ?`);
  const done = database.prepare(`
    insert into ${table} (id, claimed_until, done_at)
    values (?, ?, ?)
    on conflict (id) do update
    set done_at = excluded.done_at`);
  const release = database.prepare(
    `delete from ${table} where id = ? and claimed_until = ? and done_at is null`,
  );
  const prune = database.prepare(`delete from ${table} where done_at < ?`);
  return {
    async claim(id, now, until) {
      if (pruning.isDue(now)) prune.run(now - keep);
      if (claim.get(id, until, now) !== undefined) return "claimed";
      const found = find.get(id) as { readonly doneAt: number | null } | undefined; // as selected
      return found && found.doneAt !== null ? "done" : "busy";
    },
    async done(id, now) {
      done.run(id, now, now);
    },
    async release(id, until) {
      release.run(id, until);
    },
  };
}
