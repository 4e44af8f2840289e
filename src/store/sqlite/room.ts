import { firstIdAt } from "../../core/id.ts";
import type { Database, Statement } from "./driver/database.ts";

/** As large as a large payload: less may fit where a job does not. */
const PROBE_BYTES = 262_144;

const KEY = ["", "posthorn: is there room?"] as const;

/**
 * Checks whether there is room for jobs again after the disk refused a write. A small write that succeeds proves nothing, so this writes as
 * much as a job may need, and deletes it. If it cannot be deleted, it has expired already and will be pruned.
 */
export class Room {
  readonly #db: Database;
  readonly #keep: Statement;
  readonly #drop: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#keep = db.prepare(`
      insert into idempotency_keys (scope, key, fingerprint, job, expires_at)
      values (?, ?, hex(randomblob(${PROBE_BYTES / 2})), ?, 0)
      on conflict do update set fingerprint = excluded.fingerprint`);
    this.#drop = db.prepare("delete from idempotency_keys where scope = ? and key = ?");
  }

  /** @throws StoreUnavailableError when there is none. */
  async check(): Promise<void> {
    if (!this.#db.hasFailedToWrite) return;
    await this.#db.write(() => this.#keep.run(...KEY, firstIdAt("job", 0)));
    await this.#db.write(() => this.#drop.run(...KEY));
    this.#db.canWriteAgain();
  }
}
