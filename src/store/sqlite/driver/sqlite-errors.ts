import {
  isError,
  PosthornError,
  StoreUnavailableError,
  StoreUnusableError,
  TransactionError,
} from "../../../core/errors.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The upper bits refine a primary code. */
const BUSY_SNAPSHOT = BUSY | (2 << 8);

function codeOf(thrown: unknown): number | undefined {
  if (!isError(thrown) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return undefined;
  return thrown.errcode;
}

function primaryCode(thrown: unknown): number | undefined {
  const code = codeOf(thrown);
  return code === undefined ? undefined : code & 0xff;
}

/** Whether another connection holds the lock: waiting may help. */
export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === BUSY || code === LOCKED;
}

/** Whether it is for the disk: full, broken, read-only, or the file as large as it may be. */
export function isOfTheDisk(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === FULL || code === IOERR || code === READONLY;
}

/** Whether the file itself is broken. */
export function isDamage(thrown: unknown): boolean {
  return primaryCode(thrown) === CORRUPT;
}

/** What SQLite threw, as what the rest of Posthorn knows, in a sentence that says what to do. */
export function explain(thrown: unknown, file: string): Error {
  if (thrown instanceof PosthornError) return thrown;
  const cause = { cause: thrown };
  if (codeOf(thrown) === BUSY_SNAPSHOT) {
    return new TransactionError(
      `this transaction read from ${file} before another one wrote to it, so it can no longer write; ` +
        'roll it back, and begin it with "begin immediate"',
      cause,
    );
  }
  switch (primaryCode(thrown)) {
    case BUSY:
    case LOCKED:
      return new StoreUnavailableError(
        `the database ${file} is locked by another process; stop it, or wait until it is done`,
        cause,
      );
    case READONLY:
      return new StoreUnavailableError(
        `the database ${file} cannot be written; make the file and its folder writable for this user`,
        cause,
      );
    case FULL:
      return new StoreUnavailableError(
        `no space is left for the database ${file}; free disk space, or raise --max-database-size`,
        cause,
      );
    case IOERR:
      return new StoreUnavailableError(
        `reading or writing the database ${file} failed; check the disk`,
        cause,
      );
    case CANTOPEN:
      return new StoreUnusableError(
        `the database ${file} cannot be opened; its folder must exist and be writable for this user`,
        cause,
      );
    case NOTADB:
      return new StoreUnusableError(
        `${file} is not a SQLite database; name another file with --database`,
        cause,
      );
    case CORRUPT:
      return new StoreUnusableError(
        `the database ${file} is damaged; restore it from a backup, or salvage it with sqlite3's .recover`,
        cause,
      );
    default:
      return isError(thrown) ? thrown : new Error(String(thrown));
  }
}

/** What was thrown while a database was copied. A copy writes to nothing else: a disk that is full is the copy's. */
export function explainCopying(thrown: unknown, file: string, folder: string): Error {
  const cause = { cause: thrown };
  switch (primaryCode(thrown)) {
    case FULL:
      return new StoreUnavailableError(
        `no space is left in ${folder} for a copy of ${file}; free some space there, or name another disk`,
        cause,
      );
    case IOERR:
      return new StoreUnavailableError(
        `copying ${file} to ${folder} failed; check both disks, and whether this user may write that much there`,
        cause,
      );
    default:
      return explain(thrown, file);
  }
}
