import { statSync } from "node:fs";
import { resolve } from "node:path";
import { StoreUnavailableError } from "../../../core/errors.ts";

/** A look costs 4 µs of processor. */
const LOOK_EVERY_MS = 5;

/**
 * Tells when the path no longer leads to the file that was opened: SQLite does not notice, and whatever it writes then is lost
 * with the file.
 */
export class FileGuard {
  readonly #path: string;
  readonly #opened: string | undefined;
  readonly #everyMs: number;
  #lookedAt = performance.now();

  constructor(file: string, everyMs = LOOK_EVERY_MS) {
    this.#path = resolve(file);
    this.#opened = file === ":memory:" ? undefined : identityOf(this.#path);
    this.#everyMs = everyMs;
  }

  /** @throws StoreUnavailableError */
  check(): void {
    if (this.#opened === undefined) return;
    const now = performance.now();
    if (now - this.#lookedAt < this.#everyMs) return;
    const found = identityOf(this.#path);
    if (found !== this.#opened) throw new MovedFileError(this.#path, found !== undefined);
    this.#lookedAt = now; // only then: once it is gone, each look is to tell so
  }
}

export class MovedFileError extends StoreUnavailableError {
  constructor(path: string, isReplaced: boolean) {
    super(
      `the database file ${path} was ${isReplaced ? "replaced by another one" : "removed"} while it was in use, so nothing can be kept; ` +
        "stop every process that uses it, put the right file in its place without -wal and -shm files of another, and start again",
    );
  }
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
