import type { ClaimRound } from "../../claim-round.ts";
import type { Enqueue, Enqueued, NewJob } from "../../queue.ts";
import { UNTRIED } from "./fresh-jobs.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
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
  readonly #idempotency: IdempotencyKeys;

  constructor(rows: JobRows, keys: LiveKeys, queued: Queued, leases: Leases, idempotency: IdempotencyKeys) {
    this.#rows = rows;
    this.#keys = keys;
    this.#queued = queued;
    this.#leases = leases;
    this.#idempotency = idempotency;
  }

  /**
   * @param round a claim that has walked all that was ready before: what room it has left, a job that is due may take at once,
   * without a stop in `ready`, for no job of its lane can be waiting there.
   */
  add({ job, idempotency }: Enqueue, now: number, round: ClaimRound | undefined): Enqueued {
    const first = idempotency && this.#idempotency.first(idempotency, now);
    if (first?.job) return { kind: first.kind, jobId: first.job };
    if (first) return { kind: "mismatch", jobId: job.id }; // a submission of several was asked for with the key
    const holder = job.ties?.key === undefined ? undefined : this.#keys.standIn(job);
    const jobId = holder ?? job.id;
    if (idempotency) this.#idempotency.keep(idempotency, jobId, null);
    if (holder !== undefined) return { kind: "existing", jobId };
    const key = this.#rows.insert(job);
    if (job.ties?.key !== undefined) this.#keys.take(job.task, job.ties.key, key);
    this.#place(key, job, now, round);
    return { kind: "created", jobId };
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
