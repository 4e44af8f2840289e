import type { Database, Statement } from "../driver/database.ts";
import type { Live } from "./live.ts";

export const FIRST_TURN = 0;
export const LATER_TURN = 1;

/** Puts live jobs where they wait: `ready` when due, `scheduled` until then. */
export class Queued {
  readonly #ready: Statement;
  readonly #scheduled: Statement;

  constructor(db: Database) {
    this.#ready = db.prepare(`
      insert into ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#scheduled = db.prepare(`
      insert into scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  put(job: number, live: Live, runAt: number, now: number): void {
    const { priority, lane, attempts, failures, losses, started_at } = live;
    if (runAt > now) {
      this.#scheduled.run(runAt, job, priority, lane, attempts, failures, losses, started_at);
      return;
    }
    const turn = attempts === 0 ? FIRST_TURN : LATER_TURN;
    this.#ready.run(priority, turn, lane, runAt, job, attempts, failures, losses, started_at);
  }
}
