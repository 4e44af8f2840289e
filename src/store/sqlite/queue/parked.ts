import type { Tries } from "../../../core/job.ts";
import { afterParking, afterUnparking, BEHIND, type Parked as Next } from "../../../core/transition.ts";
import { MOST_PARKED_AT_ONCE, type Parking } from "../../parking.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { Live, Place, Queued } from "./queued.ts";

interface WaitingRow extends Live {
  readonly job: number;
  readonly run_at: number;
}

/** Puts jobs where no claim comes to, and lets them back in. */
export class Parked implements Omit<Parking, "expire"> {
  readonly #db: Database;
  readonly #queued: Queued;
  readonly #put: Statement;
  readonly #nextPriority: Statement<{ priority: number }>;
  readonly #takeReady: Statement<WaitingRow>;
  readonly #takeHeld: Statement<WaitingRow>;
  readonly #takeHeldFor: Statement<WaitingRow>;
  readonly #takeBehind: Statement<WaitingRow>;
  readonly #nextLane: Statement<{ lane: string }>;

  constructor(db: Database, queued: Queued) {
    this.#db = db;
    this.#queued = queued;
    this.#put = db.prepare(`
      insert into parked
        (lane, run_at, job, reason, place, parked_at, priority, attempts, failures, losses, started_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#nextPriority = db.prepare(
      "select priority from ready where priority > ? order by priority limit 1",
    );
    this.#takeReady = db.prepare(`
      delete from ready
      where (priority, turn, lane, due_at, job) in (
        select priority, turn, lane, due_at, job
        from ready
        where priority = ? and turn = ? and lane = ?
        order by due_at, job
        limit ?
      )
      returning job, due_at as run_at, priority, lane, attempts, failures, losses, started_at`);
    const take = (which: string) =>
      db.prepare<WaitingRow>(`
        delete from parked
        where job in (select job from parked where lane = ?1 and ${which} limit ?2)
        returning job, run_at, priority, lane, attempts, failures, losses, started_at`);
    this.#takeHeld = take("place is null order by run_at, job");
    this.#takeHeldFor = take("place is null and reason = ?3 order by run_at, job");
    this.#takeBehind = take("place is not null order by place");
    this.#nextLane = db.prepare(
      "select lane from parked where place is null and lane > ? order by lane limit 1",
    );
  }

  put(job: number, place: Place, tries: Tries, startedAt: number | null, next: Next, now: number): void {
    const { priority, lane } = place;
    const { attempts, failures, losses } = tries;
    const { runAt, reason, place: behind = null } = next;
    this.#put.run(lane, runAt, job, reason, behind, now, priority, attempts, failures, losses, startedAt);
  }

  park(lane: string, reason: string, limit: number, now: number): Promise<number> {
    return this.#db.write(() => {
      let left = Math.min(limit, MOST_PARKED_AT_ONCE);
      let next = this.#nextPriority.get(Number.MIN_SAFE_INTEGER);
      for (; next && left > 0; next = this.#nextPriority.get(next.priority)) {
        for (const turn of [FIRST_TURN, LATER_TURN]) {
          const rows = this.#takeReady.all(next.priority, turn, lane, left);
          for (const row of rows) {
            const parked = afterParking({ ...row, runAt: row.run_at }, reason);
            this.put(row.job, row, parked, row.started_at, parked.next, now);
          }
          left -= rows.length;
        }
      }
      return Math.min(limit, MOST_PARKED_AT_ONCE) - left;
    });
  }

  unpark(lane: string, limit: number, now: number, reason?: string): Promise<number> {
    const most = Math.min(limit, MOST_PARKED_AT_ONCE);
    return this.#db.write(() => {
      const rows = this.#take(lane, most, reason);
      for (const row of rows) {
        const { next, ...tries } = afterUnparking({ ...row, runAt: row.run_at });
        this.#queued.put(row.job, row, tries, row.started_at, next.runAt, now);
      }
      return rows.length;
    });
  }

  async lanes(after: string, limit: number): Promise<string[]> {
    const found: string[] = [];
    let next = this.#nextLane.get(after);
    for (; next && found.length < limit; next = this.#nextLane.get(next.lane)) found.push(next.lane);
    return found;
  }

  #take(lane: string, limit: number, reason: string | undefined): WaitingRow[] {
    if (reason === undefined) return this.#takeHeld.all(lane, limit);
    return reason === BEHIND ? this.#takeBehind.all(lane, limit) : this.#takeHeldFor.all(lane, limit, reason);
  }
}
