import type { Database, Statement } from "../driver/database.ts";
import type { Live, Queued } from "./queued.ts";

interface DueRow extends Live {
  readonly run_at: number;
  readonly job: number;
}

/** Moves jobs from `scheduled` to `ready` as they fall due, so that a claim never steps over what sleeps. */
export class Promotion {
  readonly #db: Database;
  readonly #queued: Queued;
  readonly #takeDue: Statement<DueRow>;
  readonly #nextDue: Statement<{ run_at: number }>;

  constructor(db: Database, queued: Queued) {
    this.#db = db;
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

  /** Of every job that waits, so it is prepared only when it is needed. */
  followClock(now: number, byMs: number | undefined): number {
    const setBackMs = byMs ?? this.#newestJobIn(now);
    if (setBackMs <= 0) return 0;
    const follow = this.#db.prepare(`
      update scheduled
      set run_at = run_at - ?, since = since - ?
      where since > ?`);
    return follow.run(setBackMs, setBackMs, now);
  }

  /** How far in the future. */
  #newestJobIn(now: number): number {
    const newest = this.#db
      .prepare<{ created_at: number }>("select created_at from jobs order by seq desc limit 1")
      .get();
    return (newest?.created_at ?? now) - now;
  }

  nextDue(): number | null {
    return this.#nextDue.get()?.run_at ?? null;
  }
}
