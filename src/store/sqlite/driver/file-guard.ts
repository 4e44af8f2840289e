import { statSync } from "node:fs";
import { resolve } from "node:path";
import { StoreUnavailableError } from "../../../core/errors.ts";

/** A look costs 4 µs of processor. */
const LOOK_EVERY_MS = 5;
/** At the files next to it, which are harmed less often. */
const LOOK_AT_COMPANIONS_EVERY_MS = 100;

/**
 * Notices when the path no longer leads to the file that was opened. SQLite does not, and whatever it writes then is lost with the file. A
 * lost log (-wal) would lose data at the next crash, and without its index (-shm) processes no longer see each other's locks.
 */
export class FileGuard {
  readonly #path: string;
  readonly #opened: string | undefined;
  readonly #everyMs: number;
  readonly #companionsEveryMs: number;
  /** What they were when they were first seen. */
  readonly #companions = new Map<string, string>();
  #lookedAt = performance.now();
  #lookedAtCompanionsAt = Number.NEGATIVE_INFINITY;

  constructor(file: string, everyMs = LOOK_EVERY_MS) {
    this.#path = resolve(file);
    this.#opened = file === ":memory:" ? undefined : identityOf(this.#path);
    this.#everyMs = everyMs;
    this.#companionsEveryMs = everyMs === 0 ? 0 : LOOK_AT_COMPANIONS_EVERY_MS;
  }

  /** @throws StoreUnavailableError */
  check(): void {
    if (this.#opened === undefined) return;
    const now = performance.now();
    if (now - this.#lookedAt < this.#everyMs) return;
    const found = identityOf(this.#path);
    if (found !== this.#opened) throw new MovedFileError(this.#path, found !== undefined);
    if (now - this.#lookedAtCompanionsAt >= this.#companionsEveryMs) this.#checkCompanions(now);
    this.#lookedAt = now; // not before: once the file is gone, each check has to report it
  }

  #checkCompanions(now: number): void {
    for (const path of [`${this.#path}-wal`, `${this.#path}-shm`]) {
      const found = identityOf(path);
      const known = this.#companions.get(path);
      if (known !== undefined && found !== known) throw new MovedFileError(path, found !== undefined);
      if (found !== undefined) this.#companions.set(path, found);
    }
    this.#lookedAtCompanionsAt = now;
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
