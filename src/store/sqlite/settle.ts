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
  readonly #finish: Statement;

  constructor(db: Database, queued: Queued, leases: Leases) {
    this.#queued = queued;
    this.#leases = leases;
    this.#record = db.prepare(`
      insert into attempts (job, n, outcome, started_at, duration_ms, error, http_status, response)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#finish = db.prepare(`
      insert into finished (job, status, lane, attempts, started_at, finished_at, result, error)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /** False when the lease is no longer the settler's: the job was taken from it, and nothing is changed. */
  settle({ lease, attempt, next }: Settlement, now: number): boolean {
    const { key, token, priority, lane, attempts, startedAt } = lease;
    if (!this.#leases.end(key, token)) return false;
    this.record(key, attempt);
    const failures = lease.failures + (attempt.outcome === "failed" ? 1 : 0);
    this.moveOn(key, { priority, lane, attempts, failures, losses: 0, started_at: startedAt }, next, now);
    return true;
  }

  record(job: number, attempt: Attempt): void {
    const { n, outcome, startedAt, durationMs, error, httpStatus, response } = attempt;
    this.#record.run(job, n, outcome, startedAt, durationMs, error, httpStatus, response);
  }

  moveOn(job: number, live: Live, next: Next, now: number): void {
    if (next.status === "queued") this.#queued.put(job, live, next.runAt, now);
    else if (next.status === "succeeded") this.#insert(job, live, "succeeded", now, next.result, null);
    else this.#insert(job, live, "failed", now, null, next.error);
  }

  cancel(job: number, live: Live, now: number): void {
    this.#insert(job, live, "cancelled", now, null, null);
  }

  #insert(
    job: number,
    { lane, attempts, started_at }: Live,
    status: "succeeded" | "failed" | "cancelled",
    now: number,
    result: string | null,
    error: string | null,
  ): void {
    const indexedLane = status === "succeeded" ? null : lane;
    this.#finish.run(job, status, indexedLane, attempts, started_at, now, result, error);
  }
}
