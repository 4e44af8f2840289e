import type { Database, Statement } from "../driver/database.ts";

/** Which live job of a task has a key: at most one. */
export class LiveKeys {
  readonly #holder: Statement<{ id: string }>;
  readonly #take: Statement;
  readonly #free: Statement;

  constructor(db: Database) {
    this.#holder = db.prepare(`
      select j.id
      from live_keys k
      cross join jobs j on j.seq = k.job
      where k.task = ? and k.key = ?`);
    this.#take = db.prepare("insert into live_keys (task, key, job) values (?, ?, ?)");
    this.#free = db.prepare("delete from live_keys where task = ? and key = ? and job = ?");
  }

  /** The id of the live job that has it. */
  holder(task: string, key: string): string | undefined {
    return this.#holder.get(task, key)?.id;
  }

  take(task: string, key: string, job: number): void {
    this.#take.run(task, key, job);
  }

  /** Does nothing when another job has it. */
  free(task: string, key: string, job: number): void {
    this.#free.run(task, key, job);
  }
}
