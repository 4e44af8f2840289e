import type { Enqueue, Enqueued, IdempotencyClaim, NewJob } from "../store.ts";
import type { ClaimRound } from "./claim-round.ts";
import type { Database, Statement } from "./database.ts";
import type { Leases } from "./leases.ts";
import type { Queued } from "./queued.ts";

/** Writes new jobs, with their idempotency records, in the caller's transaction. */
export class Enqueues {
  readonly #queued: Queued;
  readonly #leases: Leases;
  readonly #usedKey: Statement<{ fingerprint: string; job: string; expires_at: number }>;
  readonly #keepKey: Statement;
  readonly #keepJob: Statement;

  constructor(db: Database, queued: Queued, leases: Leases) {
    this.#queued = queued;
    this.#leases = leases;
    this.#usedKey = db.prepare(
      "select fingerprint, job, expires_at from idempotency_keys where scope = ? and key = ?",
    );
    this.#keepKey = db.prepare(`
      insert or replace into idempotency_keys (scope, key, fingerprint, job, expires_at) values (?, ?, ?, ?, ?)`);
    this.#keepJob = db.prepare(`
      insert into jobs (id, task, lane, priority, options, payload, max_attempts, created_at)
      values (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /**
   * @param round a claim that has walked all that was ready before: what room it has left, a job that is due may take at once,
   * without a stop in `ready`, for no job of its lane can be waiting there.
   */
  add({ job, idempotency }: Enqueue, now: number, round: ClaimRound | undefined): Enqueued {
    const earlier = idempotency && this.#earlier(idempotency, now);
    if (earlier) return earlier;
    if (idempotency) {
      const { scope, key, fingerprint, expiresAt } = idempotency;
      this.#keepKey.run(scope, key, fingerprint, job.id, expiresAt);
    }
    this.#place(this.#insert(job), job, now, round);
    return { kind: "created", jobId: job.id };
  }

  #earlier(claim: IdempotencyClaim, now: number): Enqueued | undefined {
    const used = this.#usedKey.get(claim.scope, claim.key);
    if (!used || used.expires_at <= now) return undefined;
    return { kind: used.fingerprint === claim.fingerprint ? "replayed" : "mismatch", jobId: used.job };
  }

  #insert({ id, task, lane, priority, options, payload, maxAttempts, createdAt }: NewJob): number {
    return this.#keepJob.insert(id, task, lane, priority, options, payload, maxAttempts, createdAt);
  }

  #place(key: number, job: NewJob, now: number, round: ClaimRound | undefined): void {
    if (job.runAt <= now && round && !round.cutShort && round.roomOf(job.lane) > 0) {
      const fresh = { attempts: 0, failures: 0, losses: 0, startedAt: now };
      this.#leases.take({ ...job, ...fresh, key }, round);
      return;
    }
    const { priority, lane } = job;
    this.#queued.put(
      key,
      { priority, lane, attempts: 0, failures: 0, losses: 0, started_at: null },
      job.runAt,
      now,
    );
  }
}
