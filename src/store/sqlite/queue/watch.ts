import type { Database, Statement } from "../driver/database.ts";

/** Notices what other connections write: `data_version` changes with their commits, and only with theirs. */
export class Watch {
  readonly #version: Statement<{ data_version: number }>;
  #seen: number | undefined;

  constructor(db: Database) {
    this.#version = db.prepare("pragma data_version");
    this.changedElsewhere();
  }

  changedElsewhere(): boolean {
    const version = this.#version.get()?.data_version;
    const changed = version !== this.#seen;
    this.#seen = version;
    return changed;
  }
}
