import { stringifyTies } from "../../../core/ties.ts";
import type { NewJob } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";

/** Writes the rows of jobs: once each, and never again. */
export class JobRows {
  readonly #insert: Statement;
  readonly #insertWithOrigin: Statement;

  constructor(db: Database) {
    const columns = "id, task, lane, priority, options, payload, max_attempts, created_at, ties";
    this.#insert = db.prepare(`insert into jobs (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertWithOrigin = db.prepare(`
      insert into jobs (${columns}, tenant, event, bulk, trigger, scheduled_for, tags, meta)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /** The job's key in all other tables. */
  insert(job: NewJob): number {
    const { id, task, lane, priority, options, payload, maxAttempts, createdAt, origin } = job;
    const ties = stringifyTies(job.ties);
    if (!origin) {
      return this.#insert.insert(id, task, lane, priority, options, payload, maxAttempts, createdAt, ties);
    }
    const {
      tenant = null,
      event = null,
      bulk = null,
      trigger = null,
      scheduledFor = null,
      meta = null,
    } = origin;
    const tags = origin.tags ? JSON.stringify(origin.tags) : null;
    return this.#insertWithOrigin.insert(
      id,
      task,
      lane,
      priority,
      options,
      payload,
      maxAttempts,
      createdAt,
      ties,
      tenant,
      event,
      bulk,
      trigger,
      scheduledFor,
      tags,
      meta,
    );
  }
}
