import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "../../core/errors.ts";
import { Database } from "./driver/database.ts";
import { hardLimitBytes } from "./driver/size-limit.ts";
import { explain, isBusy } from "./driver/sqlite-errors.ts";
import { migrate, refuseForeign } from "./migrate.ts";
import { isSafeToShare, nodeThatShares, SQLITE_VERSION } from "./sharing.ts";

export interface SqliteOptions {
  /** Its path, or `:memory:`. Made when it does not exist. */
  readonly file: string;
  /** New jobs are refused once the file holds this much; what runs can still be recorded. */
  readonly maxBytes?: number;
}

/** How long SQLite itself waits for a lock, blocking the process; longer waits happen between turns (see Database). */
const BUSY_TIMEOUT_MS = 5;
const CACHE_KIB = 16_384;
/** Fewer, larger checkpoints: the WAL grows to about 16 MiB between two. */
const CHECKPOINT_PAGES = 4_000;
const WAL_KEPT_BYTES = 64 * 1024 * 1024;

/** Another process may hold the lock to migrate or to recover; it is waited for this often and this long. */
const LOCK_TRIES = 100;
const LOCK_RETRY_MS = 50;

/**
 * Opens the file, sets it up for durability (WAL, synchronous=FULL) and applies outstanding migrations.
 * @throws StoreUnusableError, StoreUnavailableError
 */
export async function openDatabase(options: SqliteOptions): Promise<Database> {
  for (let tries = 1; ; tries++) {
    try {
      return tryToOpen(options);
    } catch (error) {
      if (!isBusy(error)) throw explain(error, options.file);
      if (!isSafeToShare(SQLITE_VERSION)) throw inUse(options.file, error);
      if (tries >= LOCK_TRIES) throw explain(error, options.file);
    }
    await sleep(LOCK_RETRY_MS);
  }
}

function tryToOpen({ file, maxBytes }: SqliteOptions): Database {
  makePrivate(file);
  const connection = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
  try {
    // the lock is then held from the first read on, so that a second process is turned away
    if (!isSafeToShare(SQLITE_VERSION)) connection.exec("pragma locking_mode = exclusive");
    refuseForeign(connection, file);
    configure(connection, maxBytes);
    migrate(connection, file);
    // changes nothing, but it is better to notice now than at the first job that a file cannot be written
    connection.exec("update fence set token = token where only = 1");
    return new Database(connection, file);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Whether a second connection of this process may read the file. */
export function mayReadAside(file: string): boolean {
  return file !== ":memory:" && isSafeToShare(SQLITE_VERSION);
}

/** A new file is for its owner alone: it holds payloads. SQLite gives its WAL the same mode. */
function makePrivate(file: string): void {
  if (file === ":memory:") return;
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch {
    // it exists already, or it cannot be created, and SQLite will say why
  }
}

/** Space can only be returned to the disk if the file was created with `auto_vacuum`; in other files this does nothing. */
function configure(connection: DatabaseSync, maxBytes: number | undefined): void {
  connection.exec(`
    pragma auto_vacuum = incremental;
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma cache_size = -${CACHE_KIB};
    pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
    pragma journal_size_limit = ${WAL_KEPT_BYTES};
    pragma temp_store = memory;
  `);
  if (maxBytes !== undefined) {
    const page = connection.prepare("pragma page_size").get();
    connection.exec(
      `pragma max_page_count = ${Math.max(1, Math.floor(hardLimitBytes(maxBytes) / Number(page?.page_size)))}`,
    );
  }
}

function inUse(file: string, cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(
    `the database ${file} is in use by another process, and the SQLite ${SQLITE_VERSION} of this Node cannot share a file ` +
      `safely (its WAL-reset bug); stop the other process, or run both on Node ${nodeThatShares()} or later`,
    { cause },
  );
}
