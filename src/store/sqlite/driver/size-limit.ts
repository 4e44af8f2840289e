import { StoreUnavailableError } from "../../../core/errors.ts";
import type { Database, Statement } from "./database.ts";

/** Kept free below the hard limit, so that attempts under way can be recorded and old jobs pruned. */
const RESERVE_BYTES = 8 * 1024 * 1024;

/** The hard limit in pages for `pragma max_page_count`: what was asked for, and the reserve. */
export function hardLimitBytes(maxBytes: number): number {
  return maxBytes + RESERVE_BYTES;
}

/** Refuses new jobs once the file holds as much as it may. Pages freed by pruning count as room. */
export class SizeLimit {
  readonly #maxBytes: number | undefined;
  readonly #pages: Statement<{ page_count: number }>;
  readonly #free: Statement<{ freelist_count: number }>;
  readonly #pageSize: number;
  readonly #file: string;

  constructor(db: Database, maxBytes: number | undefined) {
    this.#maxBytes = maxBytes;
    this.#file = db.file;
    this.#pages = db.prepare("pragma page_count");
    this.#free = db.prepare("pragma freelist_count");
    this.#pageSize = db.prepare<{ page_size: number }>("pragma page_size").get()?.page_size ?? 4096;
  }

  /** @throws StoreUnavailableError when it is full. */
  check(): void {
    if (this.#maxBytes === undefined) return;
    const used = (this.#pages.get()?.page_count ?? 0) - (this.#free.get()?.freelist_count ?? 0);
    if (used * this.#pageSize < this.#maxBytes) return;
    throw new StoreUnavailableError(
      `the database ${this.#file} holds the ${this.#maxBytes} bytes it may (--max-database-size); raise the limit or shorten --retain-jobs`,
    );
  }
}
