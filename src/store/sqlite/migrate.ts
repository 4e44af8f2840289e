import { DatabaseSync } from "node:sqlite";
import { StoreUnusableError } from "../../core/errors.ts";
import { JOBS } from "./migrations/0001-jobs.ts";
import { WEBHOOKS } from "./migrations/0001-webhooks.ts";

/** "PHRN": marks the file as ours (`pragma application_id`). */
const APPLICATION_ID = 0x5048524e;

/** In order: each brings the schema to the next version. Imported, not read from files, so that bundlers find them. */
const MIGRATIONS: readonly string[] = [`${JOBS}${WEBHOOKS}`];

/** The version this release works with: the number of the last migration. */
export function latestVersion(): number {
  return MIGRATIONS.length;
}

/** Undefined for a file that is not a Posthorn database: opening it as a store explains best what is wrong with it. */
export function schemaVersion(database: string): number | undefined {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(database, { readOnly: true });
    if (!isOurs(connection)) return undefined;
    return pragma(connection, "user_version");
  } catch {
    return undefined;
  } finally {
    connection?.close();
  }
}

/** Applies what is outstanding, in one transaction, so that a file is never left between two versions. */
export function migrate(connection: DatabaseSync, file: string): void {
  if (pragma(connection, "user_version") === latestVersion() && isOurs(connection)) return;
  connection.exec("begin immediate");
  try {
    const version = pragma(connection, "user_version");
    refuseForeign(connection, file); // once more, now that no other process can write
    for (const migration of MIGRATIONS.slice(version)) connection.exec(migration);
    connection.exec(
      `pragma user_version = ${latestVersion()}; pragma application_id = ${APPLICATION_ID}; commit`,
    );
  } catch (error) {
    if (connection.isTransaction) connection.exec("rollback");
    throw error;
  }
}

/**
 * To be called before anything is changed, the journal mode included: another program's file stays as it is.
 * @throws StoreUnusableError
 */
export function refuseForeign(connection: DatabaseSync, file: string): void {
  const tables = Number(connection.prepare("select count(*) as n from sqlite_schema").get()?.n);
  const version = pragma(connection, "user_version");
  if ((tables > 0 || version > 0) && !isOurs(connection)) {
    throw new StoreUnusableError(
      `${file} is a database of another program; name another file with --database`,
    );
  }
  if (version > latestVersion()) {
    throw new StoreUnusableError(
      `${file} was written by a newer Posthorn (schema ${version}, this one knows ${latestVersion()}); install that release or a later one`,
    );
  }
}

function isOurs(connection: DatabaseSync): boolean {
  return pragma(connection, "application_id") === APPLICATION_ID;
}

function pragma(connection: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(connection.prepare(`pragma ${name}`).get()?.[name]);
}
