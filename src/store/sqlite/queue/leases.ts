import type { Held } from "../../../core/transition.ts";
import type { ClaimRound } from "../../claim-round.ts";
import type { LeasedJob, ProgressReport } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { Live } from "./queued.ts";
import type { Workers } from "./workers.ts";

/**
 * A process sets tokens aside in bulk, so that the row which counts them is not written with every claim. Unused tokens leave a gap when
 * the process ends, which does no harm: tokens only have to be unique.
 */
const TOKENS_SET_ASIDE = 100_000;

/** A lease as it stands in its table. */
export interface LeaseRow extends Live {
  readonly job: number;
  readonly id: string;
  readonly task: string;
  readonly token: number;
  readonly started_at: number;
  readonly leased_at: number;
  readonly is_alone: number;
  readonly tenant: string | null;
  readonly bulk: string | null;
}

/** As core knows it. */
export function heldOf(lease: LeaseRow): Held {
  const { task, lane, attempts, failures, losses, leased_at: leasedAt } = lease;
  return { task, lane, attempts, failures, losses, leasedAt, isAlone: lease.is_alone === 1 };
}

/** A job before this attempt: what a lease is made from. */
export type Leasable = Omit<LeasedJob, "token">;

/** Who runs what: given with a fencing token, ended only by who can show it. */
export class Leases {
  readonly #workers: Workers;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #ofWorker: Statement<LeaseRow>;
  readonly #idsOfWorker: Statement<{ id: string }>;
  readonly #ofJob: Statement<LeaseRow>;
  readonly #tokens: Statement<{ token: number }>;
  readonly #progress: Statement;
  readonly #isolate: Statement;

  #token = 0;
  #setAside = 0;

  constructor(db: Database, workers: Workers) {
    this.#workers = workers;
    // the row that counts them was rolled back too, and another process may get the same ones
    db.onRollback(() => {
      this.#setAside = 0;
    });
    this.#insert = db.prepare(`
      insert into leases (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#delete = db.prepare("delete from leases where job = ? and token = ?");
    const select = `
      select l.job, j.id, j.task, l.token, l.priority, l.lane, l.attempts, l.failures, l.losses, l.started_at, l.leased_at,
        l.is_alone, j.tenant, j.bulk
      from leases l
      cross join jobs j on j.seq = l.job`;
    this.#ofWorker = db.prepare(`${select} where l.worker = ?`);
    this.#ofJob = db.prepare(`${select} where l.job = ?`);
    this.#idsOfWorker = db.prepare(
      "select j.id from leases l cross join jobs j on j.seq = l.job where l.worker = ?",
    );
    this.#isolate = db.prepare("update leases set is_alone = ? where job = ? and token = ?");
    this.#progress = db.prepare(
      "update leases set progress = ?, progress_note = ? where job = ? and token = ?",
    );
    this.#tokens = db.prepare("update fence set token = token + ? where only = 1 returning token");
  }

  take(job: Leasable, round: ClaimRound): void {
    // only a claim that finds something writes
    if (round.claimed.length === 0) this.#begin(round);
    const { handle, lane, priority, failures, losses, startedAt } = job;
    const attempts = job.attempts + 1;
    const { now } = round;
    const token = this.#nextToken();
    const worker = round.request.worker.id;
    this.#insert.run(handle, token, worker, priority, lane, attempts, failures, losses, startedAt, now);
    round.took({
      handle,
      id: job.id,
      task: job.task,
      lane,
      priority,
      options: job.options,
      payload: job.payload,
      maxAttempts: job.maxAttempts,
      createdAt: job.createdAt,
      dueAt: job.dueAt,
      startedAt,
      token,
      attempts,
      failures,
      losses,
      ties: job.ties,
      origin: job.origin,
    });
  }

  /** The fence: false for a worker that shows another token than the lease's. */
  end(job: number, token: number): boolean {
    return this.#delete.run(job, token) === 1;
  }

  /** Fenced as `end` is. */
  progressed({ lease, progress }: ProgressReport): void {
    this.#progress.run(progress.fraction, progress.note, lease.handle, lease.token);
  }

  /** Fenced as `end` is. */
  isolate({ handle, token }: LeasedJob, isAlone: boolean): boolean {
    return this.#isolate.run(isAlone ? 1 : 0, handle, token) === 1;
  }

  ofJob(job: number): LeaseRow | undefined {
    return this.#ofJob.get(job);
  }

  ofWorker(workerId: string): LeaseRow[] {
    return this.#ofWorker.all(workerId);
  }

  idsOfWorker(workerId: string): ReadonlySet<string> {
    return new Set(this.#idsOfWorker.all(workerId).map(({ id }) => id));
  }

  #nextToken(): number {
    this.#token += 1;
    this.#setAside -= 1;
    return this.#token;
  }

  #begin(round: ClaimRound): void {
    this.#workers.announce(round.request.worker);
    if (this.#setAside < round.request.limit) {
      this.#token = (this.#tokens.get(TOKENS_SET_ASIDE)?.token ?? 0) - TOKENS_SET_ASIDE; // the row is made by the migration
      this.#setAside = TOKENS_SET_ASIDE;
    }
  }
}
