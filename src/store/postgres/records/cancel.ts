import { NO_EVIDENCE } from "../../../core/outcome.ts";
import type { Changed } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import { findableUuid, uuidOf } from "../job-id.ts";
import { dayOf, firstUuidAt } from "../partitions/partition-bounds.ts";
import { endsOf, unclaimed } from "../queue/ends.ts";
import { jobState } from "../queue/job-state.ts";
import type { Leases } from "../queue/leases.ts";
import type { NewJobs } from "../queue/new-jobs.ts";
import { expiryOf, type Settlements } from "../queue/settle.ts";
import type { End, TiedJob, TiedJobs } from "../queue/tied-jobs.ts";

const CANCEL_QUEUED = statement<{ attempts: number }>(`
  with due as (delete from posthorn.ready where job = $1 returning job, lane, attempts, started_at),
  later as (delete from posthorn.scheduled where job = $1 returning job, lane, attempts, started_at)
  insert into posthorn.finished (job, status, lane, attempts, started_at, finished_at, ended_late, expires_at)
  select job, 'cancelled', lane, attempts, started_at, $2::bigint, job < $4::uuid, $3::bigint
  from (select * from due union all select * from later) as queued
  returning attempts`);

/** A job may be claimed, or come back, between the look and the change. */
const TRIES = 10;

/** Ends live jobs by hand. */
export class Cancellation {
  readonly #db: Database;
  readonly #leases: Leases;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;
  readonly #newJobs: NewJobs;

  constructor(db: Database, leases: Leases, settlements: Settlements, tied: TiedJobs, newJobs: NewJobs) {
    this.#db = db;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
    this.#newJobs = newJobs;
  }

  async cancel(jobId: string, now: number): Promise<Changed | undefined> {
    const uuid = findableUuid(jobId);
    if (uuid === undefined) return undefined;
    return this.#db.write(async (transaction) => {
      for (let tries = 1; tries <= TRIES; tries++) {
        const job = await jobState(transaction, uuid);
        if (!job) return undefined;
        const { status: from } = job;
        if (from !== "queued" && from !== "running") return { from, changed: false };
        const ends =
          from === "queued"
            ? await this.#cancelQueued(transaction, job, now)
            : await this.#cancelRunning(transaction, uuid, now);
        if (!ends) continue;
        transaction.tell("change");
        const followUps = await this.#tied.ended(transaction, ends, now);
        if (followUps.length > 0) {
          transaction.tell("work");
          void this.#newJobs.insert(transaction, unclaimed(followUps), now);
        }
        return { from, changed: true };
      }
      throw new Error(`the job ${jobId} changes hands too quickly to be cancelled`);
    });
  }

  /** Undefined when it is queued no more. */
  async #cancelQueued(transaction: Transaction, job: TiedJob, now: number): Promise<End[] | undefined> {
    const today = firstUuidAt(dayOf(now));
    const [row] = await transaction.run(CANCEL_QUEUED, uuidOf(job.id), now, expiryOf(job.ties, now), today);
    return row && [{ job, status: "cancelled", attempts: row.attempts, result: null, error: null }];
  }

  /** Undefined when it runs no more. */
  async #cancelRunning(transaction: Transaction, uuid: string, now: number): Promise<End[] | undefined> {
    const lease = await this.#leases.ofJob(transaction, uuid);
    if (!lease) return undefined;
    const { attempts, failures, losses, leasedAt } = lease;
    const attempt = {
      n: attempts,
      outcome: "cancelled",
      startedAt: leasedAt,
      durationMs: Math.max(0, now - leasedAt),
      error: "cancelled by hand",
      ...NO_EVIDENCE,
    } as const;
    const moves = [{ lease, attempts, failures, losses, attempt, next: { status: "cancelled" } }] as const;
    return endsOf(moves, await this.#settlements.move(transaction, moves, now));
  }
}
