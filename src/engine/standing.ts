import type { Clock } from "../core/clock.ts";
import type { Job } from "../core/job.ts";
import type { JobStanding } from "../store/job-records.ts";
import { tenantOf } from "../store/lane-order.ts";
import type { LeasedJob } from "../store/queue.ts";
import type { Limits } from "./lanes/limits.ts";
import type { LaneLimits, Task } from "./task.ts";

/** Where a live job stands, as far as this process knows. */
export interface Standing extends JobStanding {
  /** The limits of its lane; undefined: none, or its task has no handler here. */
  readonly limits: LaneLimits | undefined;
  /** When the rate lets its lane's next job start; undefined if no rate holds it up, or another worker keeps it. */
  readonly nextPlaceAt: number | undefined;
  /** When its attempt is out of time; undefined unless it runs, and its task has a handler here. */
  readonly timesOutAt: number | undefined;
}

export interface StandingParts {
  readonly clock: Clock;
  readonly limits: Limits;
  task(name: string): Task | undefined;
}

/** What holds a live job up, and until when it may run: what is stored of it, and what its task and its lane's limits say. */
export async function standingOf(
  job: Job,
  stored: JobStanding,
  { clock, limits, task: taskOf }: StandingParts,
): Promise<Standing> {
  const unknown = { limits: undefined, nextPlaceAt: undefined, timesOutAt: undefined };
  const task = taskOf(job.task);
  if (!task) return { ...stored, ...unknown };
  const leased = asLeased(job);
  if (task.isPrepared?.(leased) === false) await task.prepare?.([leased]);
  const now = clock.now();
  const tenant = tenantOf(job.lane);
  const waitMs = Math.max(
    limits.lanes.waitMs(job.lane, now),
    tenant === undefined ? 0 : limits.tenants.waitMs(tenant, now),
  );
  const isHeldUp = job.status === "queued" && waitMs > 0 && waitMs < Number.POSITIVE_INFINITY;
  return {
    ...stored,
    limits: task.limitsOf?.(leased),
    nextPlaceAt: isHeldUp ? now + waitMs : undefined,
    timesOutAt: stored.leasedAt === null ? undefined : stored.leasedAt + task.timeoutMs(leased),
  };
}

/** As tasks are asked about it. It is no lease: no store has one with this token. */
function asLeased(job: Job): LeasedJob {
  const { id, task, lane, options, attempts, maxAttempts, createdAt, ties, origin } = job;
  return {
    ...{ id, task, lane, options, attempts, maxAttempts, createdAt, ties, origin },
    ...{ handle: 0, token: 0, payload: "", priority: 0, failures: 0, losses: 0 },
    dueAt: job.runAt ?? createdAt,
    startedAt: job.startedAt ?? createdAt,
  };
}
