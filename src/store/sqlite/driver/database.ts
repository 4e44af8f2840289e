import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError, StoreUnusableError } from "../../../core/errors.ts";
import { FileGuard, MovedFileError } from "./file-guard.ts";
import { explain, isBusy, isOfTheDisk } from "./sqlite-errors.ts";

/** A statement prepared once. `Row` names the columns that its text selects or returns. */
export class Statement<Row = never> {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    // a caller's own connection may have other defaults
    statement.setReadBigInts(false);
    statement.setReturnArrays(false);
    this.#statement = statement;
  }

  get(...values: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...values) as Row | undefined; // the columns stand in the text it was prepared from
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values) as Row[]; // as in get
  }

  /** The key of the row it inserted. */
  insert(...values: SQLInputValue[]): number {
    return Number(this.#statement.run(...values).lastInsertRowid);
  }

  /** How many rows it changed. */
  run(...values: SQLInputValue[]): number {
    return Number(this.#statement.run(...values).changes);
  }
}

/**
 * SQLite plans by what is bound to a limit, if it is a parameter and nothing else, and so compiles the statement again for each
 * execution (`sqlite3ExprIsInteger`, `sqlite3VdbeSetVarmask`): 15 to 50 µs each time. An expression it does not look into.
 */
const BARE_LIMIT = /\blimit (\?\d*)/g;

/** How long a write waits for another process's lock before its caller is told, and between two tries. */
const LOCK_PATIENCE_MS = 5_000;
const LOCK_RETRY_MS = 20;

/**
 * The one connection of a process. A transaction never spans a turn of the event loop, so none is seen half done,
 * and reads need none.
 */
export class Database {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #onRollback: (() => void)[] = [];
  readonly #beforeCommit: (() => void)[] = [];
  readonly #lockPatienceMs: number;
  readonly #guard: FileGuard;
  #hasFailedToWrite = false;

  constructor(
    connection: DatabaseSync,
    file: string,
    lockPatienceMs = LOCK_PATIENCE_MS,
    guard = new FileGuard(file),
  ) {
    this.#connection = connection;
    this.#lockPatienceMs = lockPatienceMs;
    this.#guard = guard;
    this.file = file;
    this.#begin = this.prepare("begin immediate");
    this.#commit = this.prepare("commit");
    this.#rollback = this.prepare("rollback");
  }

  /** The disk refused a write, and no write has succeeded since. */
  get hasFailedToWrite(): boolean {
    return this.#hasFailedToWrite;
  }

  canWriteAgain(): void {
    this.#hasFailedToWrite = false;
  }

  /** Called on rollback: in-memory copies of a transaction's writes have to be discarded. */
  onRollback(undo: () => void): void {
    this.#onRollback.push(undo);
  }

  /** What memory has gathered in a transaction may be written at its end, all at once. */
  beforeCommit(work: () => void): void {
    this.#beforeCommit.push(work);
  }

  prepare<Row = never>(sql: string): Statement<Row> {
    return new Statement<Row>(this.#connection.prepare(sql.replaceAll(BARE_LIMIT, "limit $1 + 0")));
  }

  /** Runs `work` in a transaction, synced to disk when the promise resolves; nothing is changed when it rejects. */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#write(() => this.#transaction(work));
  }

  /**
   * Like `write`, but a power cut may take it back, with nothing that was synced before it or after: the next sync takes it along. The
   * end of a process takes nothing back.
   */
  writeUnsynced<Result>(work: () => Result): Promise<Result> {
    return this.#write(() => {
      this.#connection.exec("pragma synchronous = normal");
      try {
        return this.#transaction(work);
      } finally {
        this.#connection.exec("pragma synchronous = full");
      }
    });
  }

  async #write<Result>(transaction: () => Result): Promise<Result> {
    const begun = performance.now(); // SQLite's own wait for the lock counts too
    for (;;) {
      try {
        return transaction();
      } catch (error) {
        const waitedMs = performance.now() - begun;
        if (!isBusy(error) || waitedMs >= this.#lockPatienceMs) throw this.#explain(error);
      }
      await sleep(LOCK_RETRY_MS);
    }
  }

  async read<Result>(work: () => Result): Promise<Result> {
    try {
      this.checkFile();
      return work();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** @throws StoreUnavailableError when the file was removed or replaced. */
  checkFile(): void {
    this.#guard.check();
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #transaction<Result>(work: () => Result): Result {
    this.#begin.run();
    try {
      const result = work();
      for (const last of this.#beforeCommit) last();
      this.checkFile();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors (disk full, I/O)
      if (this.#connection.isTransaction) this.#rollback.run();
      for (const undo of this.#onRollback) undo();
      throw error;
    }
  }

  #explain(error: unknown): Error {
    if (isOfTheDisk(error)) this.#hasFailedToWrite = true;
    if (error instanceof MovedFileError) this.#emptyLog();
    const explained = explain(error, this.file);
    if (!(explained instanceof StoreUnusableError)) return explained;
    // it could be used before: what is asked for is worth another try, once a person has looked after it
    return new StoreUnavailableError(explained.message, { cause: explained.cause });
  }

  /** So that a file which was put in the place of this one is not overwritten, when it is opened, with what is in its WAL. */
  #emptyLog(): void {
    try {
      this.#connection.exec("pragma wal_checkpoint(truncate)");
    } catch {
      // another process is at it, or there is no disk any more
    }
  }
}
