import type { Attempt } from "../../../core/job.ts";
import { isEnd, type JobSucceeded, type Transition } from "../../../core/transition.ts";
import type { Settlement } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { AttemptLog } from "../records/attempt-log.ts";
import type { Leases } from "./leases.ts";
import type { Parked } from "./parked.ts";
import type { Place, Queued } from "./queued.ts";
import type { TiedJob, TiedJobs } from "./tied-jobs.ts";

/** Records attempts and moves their jobs on. */
export class Settlements {
  readonly #queued: Queued;
  readonly #parked: Parked;
  readonly #leases: Leases;
  readonly #tied: TiedJobs;
  readonly #log: AttemptLog;
  readonly #record: Statement;
  readonly #finishWell: Statement;
  readonly #finish: Statement;

  constructor(db: Database, queued: Queued, parked: Parked, leases: Leases, tied: TiedJobs, log: AttemptLog) {
    this.#log = log;
    this.#queued = queued;
    this.#parked = parked;
    this.#leases = leases;
    this.#tied = tied;
    this.#record = db.prepare(`
      insert into attempts
        (job, n, outcome, started_at, duration_ms, error, code, class, excerpt, fingerprint, detail)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#finishWell = db.prepare(`
      insert into finished
        (job, status, attempts, started_at, finished_at, result, began_at, duration_ms, code, class, excerpt)
      values (?, 'succeeded', ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#finish = db.prepare(`
      insert into finished (job, status, lane, attempts, started_at, finished_at, error, fingerprint)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /** False when the lease is no longer the settler's: the job was taken from it, and nothing is changed. */
  settle({ lease, transition }: Settlement, now: number): boolean {
    if (!this.#leases.end(lease.handle, lease.token)) return false;
    this.write(lease, lease, lease.startedAt, transition, now);
    return true;
  }

  /** What happens to a job that stands in none of the tables of live or ended jobs. */
  write(job: TiedJob, place: Place, startedAt: number | null, transition: Transition, now: number): void {
    const { attempts, attempt, next } = transition;
    const begunAt = transition.forgetsStart ? null : startedAt;
    if (attempt) this.#log.ended(job.handle, place.lane, attempt);
    if (next.status === "succeeded") this.#succeed(job.handle, begunAt, attempts, next, attempt, now);
    else {
      if (attempt) this.#recordAttempt(job.handle, attempt);
      if (next.status === "queued") {
        this.#queued.put(job.handle, place, transition, begunAt, next.runAt, now);
        return;
      }
      if (next.status === "parked") {
        this.#parked.put(job.handle, place, transition, begunAt, next, now);
        return;
      }
      const error = next.status === "failed" ? next.error : (next.reason ?? null);
      const fingerprint = next.status === "failed" ? (attempt?.fingerprint ?? null) : null;
      this.#finish.run(job.handle, next.status, place.lane, attempts, begunAt, now, error, fingerprint);
    }
    if (job.ties && isEnd(transition)) this.#tied.ended(job, job.ties, place.lane, transition, now);
  }

  #succeed(
    job: number,
    startedAt: number | null,
    attempts: number,
    { result }: JobSucceeded,
    attempt: Attempt | undefined,
    now: number,
  ): void {
    this.#finishWell.run(
      job,
      attempts,
      startedAt,
      now,
      result,
      attempt?.startedAt ?? null,
      attempt?.durationMs ?? null,
      attempt?.code ?? null,
      attempt?.class ?? null,
      attempt?.excerpt ?? null,
    );
  }

  #recordAttempt(job: number, attempt: Attempt): void {
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
}
