import type { Attempt } from "../../../core/job.ts";
import type { Next } from "../../../core/transition.ts";
import type { Settlement } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { Leases } from "./leases.ts";
import type { Live } from "./live.ts";
import type { Queued } from "./queued.ts";
import type { TiedJob, TiedJobs } from "./tied-jobs.ts";

/** Records attempts and moves their jobs on. */
export class Settlements {
  readonly #queued: Queued;
  readonly #leases: Leases;
  readonly #tied: TiedJobs;
  readonly #record: Statement;
  readonly #succeed: Statement;
  readonly #finish: Statement;

  constructor(db: Database, queued: Queued, leases: Leases, tied: TiedJobs) {
    this.#queued = queued;
    this.#leases = leases;
    this.#tied = tied;
    this.#record = db.prepare(`
      insert into attempts
        (job, n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#succeed = db.prepare(`
      insert into finished
        (job, status, attempts, started_at, finished_at, result, began_at, duration_ms, code, class, excerpt)
      values (?, 'succeeded', ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#finish = db.prepare(`
      insert into finished (job, status, lane, attempts, started_at, finished_at, error)
      values (?, ?, ?, ?, ?, ?, ?)`);
  }

  /** False when the lease is no longer the settler's: the job was taken from it, and nothing is changed. */
  settle({ lease, attempt, next }: Settlement, now: number): boolean {
    const { handle, token, priority, attempts, startedAt } = lease;
    if (!this.#leases.end(handle, token)) return false;
    if (next.status === "succeeded") {
      const { durationMs, code, excerpt } = attempt;
      const begun = attempt.startedAt;
      const { result } = next;
      this.#succeed.run(
        handle,
        attempts,
        startedAt,
        now,
        result,
        begun,
        durationMs,
        code,
        attempt.class,
        excerpt,
      );
      this.#tied.ended(lease, { status: "succeeded", attempts, result, error: null }, now);
      return true;
    }
    const live = {
      priority,
      lane: lease.lane,
      attempts,
      failures: lease.failures,
      losses: 0,
      started_at: startedAt,
    };
    if (next.status === "queued" && next.uncounted) {
      const uncounted = { ...live, attempts: attempts - 1, losses: lease.losses };
      this.#queued.put(handle, uncounted, next.runAt, now);
      return true;
    }
    this.record(handle, attempt);
    this.moveOn(lease, { ...live, failures: lease.failures + 1 }, next, now);
    return true;
  }

  record(job: number, attempt: Attempt): void {
    const { n, outcome, startedAt, durationMs, error, code, excerpt, fingerprint, detail } = attempt;
    this.#record.run(
      job,
      n,
      outcome,
      startedAt,
      durationMs,
      error,
      code,
      attempt.class,
      excerpt,
      fingerprint,
      detail,
    );
  }

  /** After an attempt that did not succeed. */
  moveOn(job: TiedJob, live: Live, next: Exclude<Next, { status: "succeeded" }>, now: number): void {
    if (next.status === "queued") this.#queued.put(job.handle, live, next.runAt, now);
    else this.#end(job, live, "failed", now, next.error);
  }

  cancel(job: TiedJob, live: Live, now: number): void {
    this.#end(job, live, "cancelled", now, null);
  }

  #end(job: TiedJob, live: Live, status: "failed" | "cancelled", now: number, error: string | null): void {
    const { lane, attempts, started_at } = live;
    this.#finish.run(job.handle, status, lane, attempts, started_at, now, error);
    this.#tied.ended(job, { status, attempts, result: null, error }, now);
  }
}
