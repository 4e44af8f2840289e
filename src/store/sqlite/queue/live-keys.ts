import { parseAgain, stringifyAgain } from "../../again.ts";
import type { NewJob } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";

/** Which live job of a task has a key: at most one. */
export class LiveKeys {
  readonly #holder: Statement<{ id: string; is_running: number }>;
  readonly #take: Statement;
  readonly #free: Statement<{ again: string | null }>;
  readonly #keepAgain: Statement;

  constructor(db: Database) {
    this.#holder = db.prepare(`
      select j.id, exists (select 1 from leases l where l.job = k.job) as is_running
      from live_keys k
      cross join jobs j on j.seq = k.job
      where k.task = ? and k.key = ?`);
    this.#take = db.prepare(`
      insert into live_keys (task, key, job) values (?, ?, ?)
      on conflict (task, key) do update set job = excluded.job`);
    this.#free = db.prepare("delete from live_keys where task = ? and key = ? and job = ? returning again");
    this.#keepAgain = db.prepare("update live_keys set again = ? where task = ? and key = ?");
  }

  /** The id of the live job that has it. */
  holder(task: string, key: string): string | undefined {
    return this.#holder.get(task, key)?.id;
  }

  /** The id of the live job that stands in for a new one; undefined if the new one has to be created, and takes the key. */
  standIn(job: NewJob): string | undefined {
    const { key, unique } = job.ties ?? {};
    const holder = key === undefined ? undefined : this.#holder.get(job.task, key);
    if (!holder || key === undefined) return undefined;
    const isRunning = holder.is_running === 1;
    if (isRunning && unique === "queued") return undefined;
    if (isRunning && unique === "again") this.#keepAgain.run(stringifyAgain(job), job.task, key);
    return holder.id;
  }

  /** From a running job as well, whose end then frees nothing. */
  take(task: string, key: string, job: number): void {
    this.#take.run(task, key, job);
  }

  /** Does nothing if another job has the key. Returns the job that has to be created now that this one has ended. */
  free(task: string, key: string, job: number, now: number): NewJob | undefined {
    const again = this.#free.get(task, key, job)?.again;
    return again ? parseAgain(again, now) : undefined;
  }
}
