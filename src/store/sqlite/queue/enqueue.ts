import type { ClaimRound } from "../../claim-round.ts";
import type { Enqueue, Enqueued, NewJob } from "../../queue.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import type { Leases } from "./leases.ts";
import type { NewJobs } from "./new-jobs.ts";

/** Writes new jobs, with their idempotency records, in the caller's transaction. */
export class Enqueues {
  readonly #newJobs: NewJobs;
  readonly #leases: Leases;
  readonly #idempotency: IdempotencyKeys;

  constructor(newJobs: NewJobs, leases: Leases, idempotency: IdempotencyKeys) {
    this.#newJobs = newJobs;
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
    const holder = this.#newJobs.standIn(job);
    const jobId = holder ?? job.id;
    if (idempotency) this.#idempotency.keep(idempotency, jobId, null);
    if (holder !== undefined) return { kind: "existing", jobId };
    this.#place(this.#newJobs.write(job), job, now, round);
    return { kind: "created", jobId };
  }

  #place(handle: number, job: NewJob, now: number, round: ClaimRound | undefined): void {
    if (this.#newJobs.standInLine(handle, job, now)) return;
    if (
      job.runAt <= now &&
      job.parked === undefined &&
      round &&
      !round.cutShort &&
      round.roomOf(job.lane) > 0
    ) {
      const fresh = { attempts: 0, failures: 0, losses: 0, startedAt: now, dueAt: job.runAt };
      this.#leases.take({ ...job, ...fresh, handle, ties: job.ties, origin: job.origin }, round);
      return;
    }
    this.#newJobs.queue(handle, job, now);
  }
}
