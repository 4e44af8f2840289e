import {
  afterLoss,
  afterRelease,
  type Ended,
  type Loss,
  type Queued,
  type Transition,
} from "../../../core/transition.ts";
import type { LeasedJob } from "../../queue.ts";
import type { WorkerRecord } from "../../worker-record.ts";
import { type LostJob, lostJob, type WorkerRegister } from "../../worker-register.ts";
import type { Database } from "../driver/database.ts";
import { heldOf, type LeaseRow, type Leases } from "./leases.ts";
import type { Settlements } from "./settle.ts";
import type { TiedJobs } from "./tied-jobs.ts";
import type { Workers } from "./workers.ts";

/** Who works on the store, and what happens to leases that end without an outcome: given back, or their worker was lost. */
export class Register implements WorkerRegister {
  readonly #db: Database;
  readonly #workers: Workers;
  readonly #leases: Leases;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;

  constructor(db: Database, workers: Workers, leases: Leases, settlements: Settlements, tied: TiedJobs) {
    this.#db = db;
    this.#workers = workers;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
  }

  announce(worker: WorkerRecord): Promise<void> {
    return this.#db.write(() => this.#workers.announce(worker));
  }

  heartbeat(workerId: string, deadline: number): Promise<boolean> {
    return this.#db.write(() => this.#workers.heartbeat(workerId, deadline));
  }

  list(): Promise<WorkerRecord[]> {
    return this.#db.read(() => this.#workers.list());
  }

  leasesOf(workerId: string): Promise<ReadonlySet<string>> {
    return this.#db.read(() => this.#leases.idsOfWorker(workerId));
  }

  /** Not begun, so no attempt counts. */
  release(leases: readonly LeasedJob[], now: number): Promise<void> {
    return this.#db.write(() => {
      for (const lease of leases)
        this.#settlements.settle({ lease, transition: afterRelease(lease, now) }, now);
    });
  }

  retire(workerId: string, now: number): Promise<void> {
    return this.#db.write(() => {
      for (const lease of this.#leases.ofWorker(workerId)) this.#end(lease, afterRelease(lease, now), now);
      this.#workers.remove(workerId);
    });
  }

  reclaim(worker: WorkerRecord, now: number, loss: Loss): Promise<LostJob[]> {
    return this.#db.write(() => {
      // of several processes that see it dead, the one that removes it does the rest
      if (!this.#workers.removeUnchanged(worker)) return [];
      return this.#leases.ofWorker(worker.id).map((lease) => {
        const transition = afterLoss(heldOf(lease), now, loss);
        this.#end(lease, transition, now);
        return lostJob(lease, transition);
      });
    });
  }

  isolate(lease: LeasedJob, isAlone: boolean): Promise<boolean> {
    return this.#db.write(() => this.#leases.isolate(lease, isAlone));
  }

  #end(lease: LeaseRow, transition: Transition<Ended | Queued>, now: number): void {
    this.#leases.end(lease.job, lease.token);
    const job = this.#tied.find(lease.job);
    if (job) this.#settlements.write(job, lease, lease.started_at, transition, now);
  }
}
