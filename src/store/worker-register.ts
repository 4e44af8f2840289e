import type { Attempt } from "../core/job.ts";
import type { JobFailed, Loss, Queued, Transition } from "../core/transition.ts";
import type { LeasedJob } from "./queue.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** A job whose worker was lost. */
export interface LostJob extends Pick<LeasedJob, "id" | "task" | "lane" | "attempts"> {
  /** The id of the tenant that it belongs to. */
  readonly tenant: string | null;
  /** The id of the bulk run that made it, or queued it again last. */
  readonly bulk: string | null;
  /** The attempt, as it is recorded. */
  readonly attempt: Attempt | undefined;
  /** Why the job failed because of it; undefined if it was queued again. */
  readonly failedWith: string | undefined;
}

export function lostJob(
  job: Omit<LostJob, "failedWith" | "attempt">,
  { attempt, next }: Transition<JobFailed | Queued>,
): LostJob {
  const { id, task, lane, attempts, tenant, bulk } = job;
  const failedWith = next.status === "failed" ? next.error : undefined;
  return { id, task, lane, attempts, tenant, bulk, attempt, failedWith };
}

/** Who may hold leases. Liveness is the worker's, never a job's age. */
export interface WorkerRegister {
  /** Registers the worker, or extends its leases to its deadline and stores which tasks it handles now. */
  announce(worker: WorkerRecord): Promise<void>;
  /** Extends all the worker's leases; false when it is not registered (any more), and holds none. */
  heartbeat(workerId: string, deadline: number): Promise<boolean>;
  /** The jobs that the worker still holds a lease on. */
  leasesOf(workerId: string): Promise<ReadonlySet<string>>;
  /** Gives back leased jobs that were not begun: queued at once, no attempt counted. */
  release(leases: readonly LeasedJob[], now: number): Promise<void>;
  /** The worker leaves; whatever it still holds goes back as `release` does. */
  retire(workerId: string, now: number): Promise<void>;
  /** The registered workers: those that have claimed, and neither left nor died since. */
  list(): Promise<WorkerRecord[]>;
  /**
   * Declares a worker lost, unless it has extended its leases since it was seen: its jobs are queued again (or end, see
   * `afterLoss`) with an attempt recorded as lost.
   */
  reclaim(worker: WorkerRecord, now: number, loss: Loss): Promise<readonly LostJob[]>;
  /** Notes that the job's worker runs nothing else, or does again: should it be lost while it runs nothing else, that tells. False when it has lost the lease. */
  isolate(lease: LeasedJob, isAlone: boolean): Promise<boolean>;
}
