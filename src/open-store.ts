import { ConfigurationError } from "./core/errors.ts";
import { withoutSecrets } from "./store/postgres/driver/hosts.ts";
import { withSchema } from "./store/postgres/driver/schema.ts";
import type { Store } from "./store/store.ts";

export interface OpenStoreOptions {
  /** New jobs are refused once the SQLite file holds this many bytes. */
  readonly maxBytes?: number | undefined;
  /** Where the tables are in a PostgreSQL database. Default `posthorn`. */
  readonly schema?: string | undefined;
  /** Brings an older PostgreSQL schema up to date. Default false: an older one is refused. A SQLite file always is. */
  readonly migrate?: boolean;
  /** Told of trouble that is being dealt with, such as a lost connection. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told of what limits the use of the database on this machine, once it is open. */
  readonly onCaution?: (caution: string) => void;
}

/** What no path has: it is a connection string of another product, or one of ours with a mistake in it. */
const NO_PATH = [
  /:\/\//,
  /^(?![a-z]:[\\/])([^/\\:]+:|:.*@|\/\/.*@)/i, // a scheme, or user:password; C:\app.db is a path
  /(pass\w*|pwd|^\s*(host|hostaddr|user|dbname|service)|\?.*)\s*=/i, // libpq's name=value, or a URL's parameters
];

/**
 * Whether a database is named by a connection string; else it is the path of a SQLite file.
 * @throws ConfigurationError when it is neither. It is not repeated, for it may hold a password.
 */
export function isPostgres(database: string): boolean {
  if (/^postgres(ql)?:\/\//i.test(database)) return true;
  if (NO_PATH.some((pattern) => pattern.test(database))) {
    throw new ConfigurationError(
      "the database (--database, POSTHORN_DATABASE) is neither a path nor a connection string that Posthorn knows; it is " +
        "not repeated here, since it may hold a password. Write postgres://user:password@host:5432/name, or the path of " +
        "a SQLite file, with ./ before a name that has a colon in it",
    );
  }
  return false;
}

/**
 * Opens the store that keeps its jobs there. Its code is loaded only now: a program on SQLite loads no PostgreSQL client.
 * @param database the path of a SQLite file, or `postgres://…`.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError
 */
export async function openStore(database: string, options: OpenStoreOptions = {}): Promise<Store> {
  const { maxBytes, migrate = false, onTrouble, onCaution } = options;
  const named = options.schema === undefined ? database : inNamedSchema(database, options.schema);
  if (!isPostgres(database)) {
    const { openSqliteStore } = await import("./store/sqlite/sqlite-store.ts");
    const { sharingCaution } = await import("./store/sqlite/sharing.ts");
    const store = await openSqliteStore({ file: database, ...(maxBytes !== undefined && { maxBytes }) });
    const caution = sharingCaution(database);
    if (caution !== undefined) onCaution?.(caution);
    return store;
  }
  if (maxBytes !== undefined) {
    throw new ConfigurationError(
      "maxDatabaseBytes (--max-database-size) is for SQLite files; a PostgreSQL server has quotas of its own",
    );
  }
  const { openPostgresStore } = await import("./store/postgres/postgres-store.ts");
  return openPostgresStore({ url: named, migrate, ...(onTrouble && { onTrouble }) });
}

/**
 * A database that names its schema as well.
 * @throws ConfigurationError for a SQLite file, which has none, and for a name that cannot be one.
 */
export function inNamedSchema(database: string, schema: string): string {
  if (isPostgres(database)) return withSchema(database, schema);
  throw new ConfigurationError(
    "schema (--schema, POSTHORN_SCHEMA) is for PostgreSQL; a SQLite file holds one Posthorn: name another file",
  );
}

interface RetainedSizes {
  readonly retainBytes?: number | undefined;
  readonly retainSucceededBytes?: number | undefined;
  readonly retainFailedBytes?: number | undefined;
}

/**
 * How much a database may hold before the oldest of what has ended goes.
 * @throws ConfigurationError for what is not a number of bytes; on PostgreSQL, for what all of it may take.
 */
export function retainedSizes(
  database: string,
  { retainBytes, retainSucceededBytes, retainFailedBytes }: RetainedSizes,
) {
  for (const [name, bytes] of Object.entries({ retainBytes, retainSucceededBytes, retainFailedBytes })) {
    if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0))
      throw new ConfigurationError(`${name} must be a whole number of bytes above 0, not ${bytes}`);
  }
  if (retainBytes !== undefined && isPostgres(database))
    throw new ConfigurationError(
      "retainBytes (--retain-size) is for SQLite files; a PostgreSQL server gives room back by whole days, so set how long jobs are kept, or how much of each kind (--retain-succeeded-size, --retain-failed-size)",
    );
  return {
    mostBytes: retainBytes,
    succeededBytes: retainSucceededBytes,
    failedBytes: retainFailedBytes,
  };
}

/** The name of a database in messages and logs: without user, password and parameters. */
export function databaseName(database: string): string {
  return isPostgres(database) ? withoutSecrets(database) : database;
}

/**
 * Where the key file of a database is: next to its file, or in the working directory. Only the first is made when it is
 * missing: a working directory may be a container's, gone tomorrow with the key that the database's secrets need.
 */
export function keyFileOf(database: string): { readonly database: string; readonly isMade: boolean } {
  return isPostgres(database) ? { database: "posthorn", isMade: false } : { database, isMade: true };
}
