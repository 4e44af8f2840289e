import { afterCancel, afterCancelOfRunning, canCancel } from "../../../core/transition.ts";
import type { Changed } from "../../job-records.ts";
import type { Database, Statement } from "../driver/database.ts";
import { heldOf, type Leases } from "../queue/leases.ts";
import type { Live } from "../queue/queued.ts";
import type { Settlements } from "../queue/settle.ts";
import type { TiedJob, TiedJobs } from "../queue/tied-jobs.ts";
import type { Records } from "./records.ts";

/** Ends live jobs. */
export class Cancellation {
  readonly #db: Database;
  readonly #records: Records;
  readonly #leases: Leases;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;
  readonly #leaveReady: Statement<Live>;
  readonly #leaveScheduled: Statement<Live>;
  readonly #leaveParked: Statement<Live>;

  constructor(db: Database, records: Records, leases: Leases, settlements: Settlements, tied: TiedJobs) {
    this.#db = db;
    this.#records = records;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
    const live = "priority, lane, attempts, failures, losses, started_at";
    this.#leaveReady = db.prepare(`delete from ready where job = ? returning ${live}`);
    this.#leaveScheduled = db.prepare(`delete from scheduled where job = ? returning ${live}`);
    this.#leaveParked = db.prepare(`delete from parked where job = ? returning ${live}`);
  }

  cancel(jobId: string, now: number): Promise<Changed | undefined> {
    return this.#db.write(() => {
      const found = this.#records.find(jobId);
      if (!found) return undefined;
      const { key, status: from } = found;
      const job = this.#tied.find(key);
      if (job && from === "running") this.#cancelRunning(job, now);
      if (job && from === "queued") {
        const live = this.#leaveReady.get(key) ?? this.#leaveScheduled.get(key) ?? this.#leaveParked.get(key);
        if (live) this.#settlements.write(job, live, live.started_at, afterCancel(live), now);
      }
      return { from, changed: canCancel(from) };
    });
  }

  #cancelRunning(job: TiedJob, now: number): void {
    const { handle } = job;
    const lease = this.#leases.ofJob(handle);
    if (!lease) return;
    this.#leases.end(handle, lease.token);
    const transition = afterCancelOfRunning(heldOf(lease), now);
    this.#settlements.write(job, lease, lease.started_at, transition, now);
  }
}
