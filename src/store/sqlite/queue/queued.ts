import type { Tries } from "../../../core/job.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import type { Database, Statement } from "../driver/database.ts";

/** Where a live job waits for its turn. */
export interface Place {
  readonly priority: number;
  readonly lane: string;
}

/** What a live job carries through ready, scheduled and leases, as these tables name it. */
export interface Live extends Tries, Place {
  /** When a worker first claimed it. */
  readonly started_at: number | null;
}

/** Puts live jobs where they wait: `ready` when due, `scheduled` until then. */
export class Queued {
  readonly #ready: Statement;
  readonly #scheduled: Statement;

  constructor(db: Database) {
    this.#ready = db.prepare(`
      insert into ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#scheduled = db.prepare(`
      insert into scheduled (run_at, job, priority, lane, attempts, failures, losses, started_at, since)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  put(job: number, place: Place, tries: Tries, startedAt: number | null, runAt: number, now: number): void {
    const { priority, lane } = place;
    const { attempts, failures, losses } = tries;
    if (runAt > now) {
      this.#scheduled.run(runAt, job, priority, lane, attempts, failures, losses, startedAt, now);
      return;
    }
    const turn = attempts === 0 ? FIRST_TURN : LATER_TURN;
    this.#ready.run(priority, turn, lane, runAt, job, attempts, failures, losses, startedAt);
  }
}
