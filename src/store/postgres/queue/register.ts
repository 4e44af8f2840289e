import { afterLoss, type Loss } from "../../../core/transition.ts";
import type { LeasedJob } from "../../queue.ts";
import type { WorkerRecord } from "../../worker-record.ts";
import { type LostJob, lostJob, type WorkerRegister } from "../../worker-register.ts";
import type { Database } from "../driver/database.ts";
import { endsOf, unclaimed } from "./ends.ts";
import type { Leases } from "./leases.ts";
import type { NewJobs } from "./new-jobs.ts";
import { lockLanes } from "./ordered-lanes.ts";
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
  readonly #newJobs: NewJobs;

  constructor(
    db: Database,
    workers: Workers,
    leases: Leases,
    settlements: Settlements,
    tied: TiedJobs,
    newJobs: NewJobs,
  ) {
    this.#db = db;
    this.#workers = workers;
    this.#leases = leases;
    this.#settlements = settlements;
    this.#tied = tied;
    this.#newJobs = newJobs;
  }

  async announce(worker: WorkerRecord): Promise<void> {
    await this.#workers.announce(this.#db, worker);
  }

  heartbeat(workerId: string, deadline: number): Promise<boolean> {
    return this.#workers.heartbeat(workerId, deadline);
  }

  list(): Promise<WorkerRecord[]> {
    return this.#workers.list();
  }

  leasesOf(workerId: string): Promise<ReadonlySet<string>> {
    return this.#leases.idsOfWorker(workerId);
  }

  release(leases: readonly LeasedJob[], now: number): Promise<void> {
    return this.#db.write(async (transaction) => {
      transaction.tell("work");
      await this.#settlements.release(transaction, leases, now);
    });
  }

  retire(workerId: string, now: number): Promise<void> {
    return this.#db.write(async (transaction) => {
      transaction.tell("work");
      const leases = await this.#leases.ofWorker(transaction, workerId);
      if (leases.length > 0) void this.#settlements.release(transaction, leases, now);
      void this.#workers.remove(transaction, workerId);
    });
  }

  reclaim(worker: WorkerRecord, now: number, loss: Loss): Promise<LostJob[]> {
    return this.#db.write(async (transaction) => {
      // of several processes that see it dead, the one that removes it does the rest
      if (!(await this.#workers.removeUnchanged(transaction, worker))) return [];
      transaction.tell("work");
      const leases = await this.#leases.ofWorker(transaction, worker.id);
      if (leases.length === 0) return [];
      const moves = leases.map((lease) => ({ lease, transition: afterLoss(lease, now, loss) }));
      void lockLanes(transaction, leases);
      const moved = await this.#settlements.move(transaction, moves, now);
      const followUps = await this.#tied.ended(transaction, endsOf(moves, moved), now);
      if (followUps.length > 0) void this.#newJobs.insert(transaction, unclaimed(followUps), now);
      return moves.map(({ lease, transition }) => lostJob(lease, transition));
    });
  }

  isolate(lease: LeasedJob, isAlone: boolean): Promise<boolean> {
    return this.#leases.isolate(lease, isAlone);
  }
}
