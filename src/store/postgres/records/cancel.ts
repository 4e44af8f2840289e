import { JobBusyError } from "../../../core/errors.ts";
import type { Tries } from "../../../core/job.ts";
import { expiryOf } from "../../../core/ties.ts";
import { afterCancel, afterCancelOfRunning } from "../../../core/transition.ts";
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
import type { Settlements } from "../queue/settle.ts";
import type { End, TiedJob, TiedJobs } from "../queue/tied-jobs.ts";

const CANCEL_QUEUED = statement<Tries>(`
  with due as (
    delete from posthorn.ready where job = $1 returning job, lane, attempts, failures, losses, started_at
  ),
  later as (
    delete from posthorn.scheduled where job = $1 returning job, lane, attempts, failures, losses, started_at
  ),
  held as (
    delete from posthorn.parked where job = $1 returning job, lane, attempts, failures, losses, started_at
  ),
  queued as (select * from due union all select * from later union all select * from held),
  ended as (
    insert into posthorn.finished (job, status, lane, attempts, started_at, finished_at, ended_late, expires_at)
    select job, 'cancelled', lane, attempts, started_at, $2::bigint, job < $4::uuid, $3::bigint
    from queued
  )
  select attempts, failures, losses
  from queued`);

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
      throw new JobBusyError(jobId);
    });
  }

  /** Undefined when it is queued no more. */
  async #cancelQueued(transaction: Transaction, job: TiedJob, now: number): Promise<End[] | undefined> {
    const today = firstUuidAt(dayOf(now));
    const [row] = await transaction.run(CANCEL_QUEUED, uuidOf(job.id), now, expiryOf(job.ties, now), today);
    return row && [{ job, transition: afterCancel(row) }];
  }

  /** Undefined when it runs no more. */
  async #cancelRunning(transaction: Transaction, uuid: string, now: number): Promise<End[] | undefined> {
    const lease = await this.#leases.ofJob(transaction, uuid);
    if (!lease) return undefined;
    const moves = [{ lease, transition: afterCancelOfRunning(lease, now) }];
    return endsOf(moves, await this.#settlements.move(transaction, moves, now));
  }
}
