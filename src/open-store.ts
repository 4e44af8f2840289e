import { ConfigurationError } from "./core/errors.ts";
import type { Store } from "./store/store.ts";

export interface OpenStoreOptions {
  /** New jobs are refused once the SQLite file holds this many bytes. */
  readonly maxBytes?: number | undefined;
  /** Brings an older PostgreSQL schema up to date. Default false: an older one is refused. A SQLite file always is. */
  readonly migrate?: boolean;
  /** Told of trouble that is being mended, such as a lost connection. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Whether a database is named by a connection string; else it is the path of a SQLite file. */
export function isPostgres(database: string): boolean {
  return /^postgres(ql)?:\/\//i.test(database);
}

/**
 * Opens the store that keeps its jobs there. What it needs is loaded then: a program on SQLite loads no PostgreSQL client.
 * @param database the path of a SQLite file, or `postgres://…`.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError
 */
export async function openStore(database: string, options: OpenStoreOptions = {}): Promise<Store> {
  const { maxBytes, migrate = false, onTrouble } = options;
  if (!isPostgres(database)) {
    const { openSqliteStore } = await import("./store/sqlite/sqlite-store.ts");
    return openSqliteStore(maxBytes === undefined ? { file: database } : { file: database, maxBytes });
  }
  if (maxBytes !== undefined) {
    throw new ConfigurationError(
      "maxDatabaseBytes (--max-database-size) is for SQLite files; a PostgreSQL server has quotas of its own",
    );
  }
  const { openPostgresStore } = await import("./store/postgres/postgres-store.ts");
  return openPostgresStore({ url: database, migrate, ...(onTrouble && { onTrouble }) });
}

/** How a database is called in messages and logs: without its password. */
export function databaseName(database: string): string {
  return isPostgres(database)
    ? database.replace(/^([^:]+:\/\/)[^@/]*@/, "$1").replace(/\?.*$/, "")
    : database;
}

/** Beside what the key file of a database lies: beside its file, or in the working directory. */
export function keyFileBase(database: string): string {
  return isPostgres(database) ? "posthorn" : database;
}
