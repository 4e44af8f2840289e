import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isPostgres, openStore } from "../open-store.ts";
import { shownDatabase, withStore } from "./database.ts";
import { type GlobalOptions, type Io, printJson } from "./terminal/io.ts";

/** Brings the database to this release's schema, making it if it does not exist. A server does the same when it starts. */
export async function migrateDatabase(options: GlobalOptions, io: Io): Promise<void> {
  if (isPostgres(options.database)) return migratePostgres(options, io);
  const { schemaVersion } = await import("../store/sqlite/migrate.ts");
  const database = resolve(options.database);
  const from = existsSync(database) ? (schemaVersion(database) ?? 0) : 0;
  await withStore(database, async () => {});
  const to = schemaVersion(database) ?? 0;
  if (options.json) printJson(io.stdout, { database, from, to });
  else if (from === to) io.stdout.write(`${database} is up to date (schema ${to})\n`);
  else io.stdout.write(`${database} migrated from schema ${from} to ${to}\n`);
}

/** What is running on the database carries on meanwhile. */
async function migratePostgres(options: GlobalOptions, io: Io): Promise<void> {
  const store = await openStore(options.database, { migrate: true });
  await store.close();
  const database = shownDatabase(options.database);
  if (options.json) printJson(io.stdout, { database });
  else io.stdout.write(`${database} is up to date\n`);
}
