import type { Attempt } from "../../core/job.ts";
import type { Next } from "../../core/transition.ts";
import type { Settlement } from "../store.ts";
import type { Database, Statement } from "./database.ts";
import type { Leases } from "./leases.ts";
import type { Live } from "./live.ts";
import type { Queued } from "./queued.ts";

/** Records attempts and moves their jobs on. */
export class Settlements {
  readonly #queued: Queued;
  readonly #leases: Leases;
  readonly #record: Statement;
  readonly #succeed: Statement;
  readonly #finish: Statement;

  constructor(db: Database, queued: Queued, leases: Leases) {
    this.#queued = queued;
    this.#leases = leases;
    this.#record = db.prepare(`
      insert into attempts (job, n, outcome, started_at, duration_ms, error, http_status, response)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#succeed = db.prepare(`
      insert into finished
        (job, status, attempts, started_at, finished_at, result, began_at, duration_ms, http_status, response)
      values (?, 'succeeded', ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#finish = db.prepare(`
      insert into finished (job, status, lane, attempts, started_at, finished_at, error)
      values (?, ?, ?, ?, ?, ?, ?)`);
  }

  /** False when the lease is no longer the settler's: the job was taken from it, and nothing is changed. */
  settle({ lease, attempt, next }: Settlement, now: number): boolean {
    const { key, token, priority, lane, attempts, startedAt } = lease;
    if (!this.#leases.end(key, token)) return false;
    if (next.status === "succeeded") {
      const { durationMs, httpStatus, response } = attempt;
      const begun = attempt.startedAt;
      this.#succeed.run(key, attempts, startedAt, now, next.result, begun, durationMs, httpStatus, response);
      return true;
    }
    this.record(key, attempt);
    const failures = lease.failures + 1;
    this.moveOn(key, { priority, lane, attempts, failures, losses: 0, started_at: startedAt }, next, now);
    return true;
  }

  record(job: number, attempt: Attempt): void {
    const { n, outcome, startedAt, durationMs, error, httpStatus, response } = attempt;
    this.#record.run(job, n, outcome, startedAt, durationMs, error, httpStatus, response);
  }

  /** After an attempt that did not succeed. */
  moveOn(job: number, live: Live, next: Exclude<Next, { status: "succeeded" }>, now: number): void {
    if (next.status === "queued") this.#queued.put(job, live, next.runAt, now);
    else this.#end(job, live, "failed", now, next.error);
  }

  cancel(job: number, live: Live, now: number): void {
    this.#end(job, live, "cancelled", now, null);
  }

  #end(job: number, { lane, attempts, started_at }: Live, status: string, now: number, error: string | null) {
    this.#finish.run(job, status, lane, attempts, started_at, now, error);
  }
}
