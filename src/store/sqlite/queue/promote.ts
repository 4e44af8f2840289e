import type { Database, Statement } from "../driver/database.ts";
import type { Live } from "./live.ts";
import type { Queued } from "./queued.ts";

interface DueRow extends Live {
  readonly run_at: number;
  readonly job: number;
}

/** Moves jobs from `scheduled` to `ready` as they fall due, so that a claim never steps over what sleeps. */
export class Promotion {
  readonly #queued: Queued;
  readonly #takeDue: Statement<DueRow>;
  readonly #nextDue: Statement<{ run_at: number }>;

  constructor(db: Database, queued: Queued) {
    this.#queued = queued;
    this.#takeDue = db.prepare(`
      delete from scheduled
      where (run_at, job) in (select run_at, job from scheduled where run_at <= ? order by run_at, job limit ?)
      returning run_at, job, priority, lane, attempts, failures, losses, started_at`);
    this.#nextDue = db.prepare("select run_at from scheduled order by run_at limit 1");
  }

  promote(now: number, limit: number): number {
    const due = this.#takeDue.all(now, limit);
    for (const row of due) this.#queued.put(row.job, row, row, row.started_at, row.run_at, now);
    return due.length;
  }

  nextDue(): number | null {
    return this.#nextDue.get()?.run_at ?? null;
  }
}
