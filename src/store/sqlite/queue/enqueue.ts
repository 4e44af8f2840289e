import type { ClaimRound } from "../../claim-round.ts";
import type { Enqueue, Enqueued, IdempotencyClaim, NewJob } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import { UNTRIED } from "./fresh-jobs.ts";
import type { JobRows } from "./job-rows.ts";
import type { Leases } from "./leases.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { Queued } from "./queued.ts";

/** Writes new jobs, with their idempotency records, in the caller's transaction. */
export class Enqueues {
  readonly #rows: JobRows;
  readonly #keys: LiveKeys;
  readonly #queued: Queued;
  readonly #leases: Leases;
  readonly #usedKey: Statement<{ fingerprint: string; job: string; expires_at: number }>;
  readonly #keepKey: Statement;

  constructor(db: Database, rows: JobRows, keys: LiveKeys, queued: Queued, leases: Leases) {
    this.#rows = rows;
    this.#keys = keys;
    this.#queued = queued;
    this.#leases = leases;
    this.#usedKey = db.prepare(
      "select fingerprint, job, expires_at from idempotency_keys where scope = ? and key = ?",
    );
    this.#keepKey = db.prepare(`
      insert or replace into idempotency_keys (scope, key, fingerprint, job, expires_at) values (?, ?, ?, ?, ?)`);
  }

  /**
   * @param round a claim that has walked all that was ready before: what room it has left, a job that is due may take at once,
   * without a stop in `ready`, for no job of its lane can be waiting there.
   */
  add({ job, idempotency }: Enqueue, now: number, round: ClaimRound | undefined): Enqueued {
    const earlier = idempotency && this.#earlier(idempotency, now);
    if (earlier) return earlier;
    const holder = job.ties?.key === undefined ? undefined : this.#keys.holder(job.task, job.ties.key);
    const jobId = holder ?? job.id;
    if (idempotency) {
      const { scope, key, fingerprint, expiresAt } = idempotency;
      this.#keepKey.run(scope, key, fingerprint, jobId, expiresAt);
    }
    if (holder !== undefined) return { kind: "existing", jobId };
    const key = this.#rows.insert(job);
    if (job.ties?.key !== undefined) this.#keys.take(job.task, job.ties.key, key);
    this.#place(key, job, now, round);
    return { kind: "created", jobId };
  }

  #earlier(claim: IdempotencyClaim, now: number): Enqueued | undefined {
    const used = this.#usedKey.get(claim.scope, claim.key);
    if (!used || used.expires_at <= now) return undefined;
    return { kind: used.fingerprint === claim.fingerprint ? "replayed" : "mismatch", jobId: used.job };
  }

  #place(key: number, job: NewJob, now: number, round: ClaimRound | undefined): void {
    if (job.runAt <= now && round && !round.cutShort && round.roomOf(job.lane) > 0) {
      const fresh = { attempts: 0, failures: 0, losses: 0, startedAt: now };
      this.#leases.take({ ...job, ...fresh, handle: key, ties: job.ties, origin: job.origin }, round);
      return;
    }
    this.#queued.put(key, job, UNTRIED, null, job.runAt, now);
  }
}
