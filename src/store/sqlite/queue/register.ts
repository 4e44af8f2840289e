import { NO_EVIDENCE } from "../../../core/outcome.ts";
import { afterLoss, LOST_ERROR } from "../../../core/transition.ts";
import type { LeasedJob } from "../../queue.ts";
import type { WorkerRecord } from "../../worker-record.ts";
import type { WorkerRegister } from "../../worker-register.ts";
import type { Database } from "../driver/database.ts";
import type { LeaseRow, Leases } from "./leases.ts";
import type { Live } from "./live.ts";
import type { Queued } from "./queued.ts";
import type { Settlements } from "./settle.ts";
import type { TiedJobs } from "./tied-jobs.ts";
import type { Workers } from "./workers.ts";

/** Who works on the store, and what becomes of leases that end without an outcome: given back, or their worker died. */
export class Register implements WorkerRegister {
  readonly #db: Database;
  readonly #workers: Workers;
  readonly #leases: Leases;
  readonly #queued: Queued;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;

  constructor(
    db: Database,
    workers: Workers,
    leases: Leases,
    queued: Queued,
    settlements: Settlements,
    tied: TiedJobs,
  ) {
    this.#db = db;
    this.#workers = workers;
    this.#leases = leases;
    this.#queued = queued;
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
      for (const { handle, token, startedAt, ...lease } of leases) {
        if (this.#leases.end(handle, token)) this.#giveBack(handle, { ...lease, started_at: startedAt }, now);
      }
    });
  }

  retire(workerId: string, now: number): Promise<void> {
    return this.#db.write(() => {
      for (const lease of this.#leases.ofWorker(workerId)) {
        this.#leases.end(lease.job, lease.token);
        this.#giveBack(lease.job, lease, now);
      }
      this.#workers.remove(workerId);
    });
  }

  reclaim(worker: WorkerRecord, now: number): Promise<string[]> {
    return this.#db.write(() => {
      // of several processes that see it dead, the one that removes it does the rest
      if (!this.#workers.removeUnchanged(worker)) return [];
      const leases = this.#leases.ofWorker(worker.id);
      for (const lease of leases) this.#lose(lease, now);
      return leases.map(({ id }) => id);
    });
  }

  #giveBack(job: number, live: Live, now: number): void {
    const attempts = live.attempts - 1;
    const started_at = attempts === 0 ? null : live.started_at;
    this.#queued.put(job, { ...live, attempts, started_at }, now, now);
  }

  #lose(lease: LeaseRow, now: number): void {
    this.#leases.end(lease.job, lease.token);
    this.#settlements.record(lease.job, {
      n: lease.attempts,
      outcome: "lost",
      startedAt: lease.leased_at,
      durationMs: Math.max(0, now - lease.leased_at),
      error: LOST_ERROR,
      ...NO_EVIDENCE,
    });
    const job = this.#tied.find(lease.job);
    if (job)
      this.#settlements.moveOn(job, { ...lease, losses: lease.losses + 1 }, afterLoss(lease, now), now);
  }
}
