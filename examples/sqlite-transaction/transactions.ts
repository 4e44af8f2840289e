import type { DatabaseSync } from "node:sqlite";

/**
 * Transactions on one connection, one after the other. A transaction that awaits lets other requests run meanwhile; without this
 * queue they would write into it, or wait for its lock and hold up the event loop that it needs to come to its end.
 */
export class Transactions {
  readonly #db: DatabaseSync;
  #last: Promise<unknown> = Promise.resolve();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Commits what `work` did once it has come to its end; when it throws, none of it was done. */
  run<Result>(work: (tx: DatabaseSync) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#run(work));
    this.#last = result.catch(() => {}); // its caller is told; the next one begins all the same
    return result;
  }

  async #run<Result>(work: (tx: DatabaseSync) => Promise<Result>): Promise<Result> {
    this.#db.exec("begin immediate");
    try {
      const result = await work(this.#db);
      this.#db.exec("commit");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("rollback");
      throw error;
    }
  }
}
