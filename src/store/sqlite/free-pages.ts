import type { Database, Statement } from "./driver/database.ts";

/**
 * How much stays free in any file, and a fifth of a large one, so that the normal changes of a day do not make it shrink and grow again.
 */
const KEPT_FREE_BYTES = 64 * 1024 * 1024;
const KEPT_FREE_SHARE = 0.2;
/** Few enough that a step holds the database for some milliseconds. With one step a second, some two GiB an hour go back. */
const PAGES_AT_ONCE = 128;
/** The file only shrinks at a checkpoint, and while there is nothing to do, nothing else causes one. */
const STEPS_PER_CHECKPOINT = 64;

/**
 * Deleting leaves free pages in the file, which new jobs use first. If there are many, they are returned to the disk from the end of the
 * file: pages there move into free pages before them. Does nothing in a file that was created without `auto_vacuum`.
 */
export class FreePages {
  readonly #db: Database;
  readonly #keptBytes: number;
  readonly #sizes: Statement<{ pages: number; free: number; page_bytes: number }>;
  readonly #giveBack: Statement;
  readonly #checkpoint: Statement;
  #steps = 0;

  /** @param keptBytes what stays free, at least. */
  constructor(db: Database, keptBytes = KEPT_FREE_BYTES) {
    this.#db = db;
    this.#keptBytes = keptBytes;
    this.#sizes = db.prepare(`
      select page_count as pages, freelist_count as free, page_size as page_bytes
      from pragma_page_count, pragma_freelist_count, pragma_page_size
      where (select auto_vacuum from pragma_auto_vacuum) = 2`);
    this.#giveBack = db.prepare(`pragma incremental_vacuum(${PAGES_AT_ONCE})`);
    this.#checkpoint = db.prepare("pragma wal_checkpoint(passive)");
  }

  /** Takes one step, if there is one to take. */
  async giveBack(): Promise<void> {
    const isMuch = await this.#db.read(() => this.#isMuch());
    if (isMuch) await this.#db.writeUnsynced(() => this.#giveBack.all()); // each row is a page
    this.#steps += isMuch ? 1 : 0;
    if (this.#steps === 0 || (isMuch && this.#steps < STEPS_PER_CHECKPOINT)) return;
    this.#steps = 0;
    await this.#db.read(() => this.#checkpoint.all());
  }

  #isMuch(): boolean {
    const { pages, free, page_bytes } = this.#sizes.get() ?? { pages: 0, free: 0, page_bytes: 0 };
    return free * page_bytes > Math.max(this.#keptBytes, pages * page_bytes * KEPT_FREE_SHARE);
  }
}
