import { stringifyTies } from "../../../core/ties.ts";
import type { NewJob } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";

/** Writes the rows of jobs: once each, and never again. */
export class JobRows {
  readonly #insert: Statement;

  constructor(db: Database) {
    this.#insert = db.prepare(`
      insert into jobs (id, task, lane, priority, options, payload, max_attempts, created_at, ties)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /** The job's key in all other tables. */
  insert({ id, task, lane, priority, options, payload, maxAttempts, createdAt, ties }: NewJob): number {
    const tied = stringifyTies(ties);
    return this.#insert.insert(id, task, lane, priority, options, payload, maxAttempts, createdAt, tied);
  }
}
