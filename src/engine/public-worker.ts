import { dateOf } from "../core/instant.ts";
import type { WorkerRecord } from "../store/worker-record.ts";
import { isDraining } from "./fleet/liveness.ts";

/** A process that claims and runs jobs, as others see it. */
export interface PublicWorker {
  readonly id: string;
  /** The machine it runs on (more exactly, the pid namespace). */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: Date;
  /** Until when its jobs are safe from other workers; it extends this while it is alive. */
  readonly deadline: Date;
  /** How many handlers it runs at once. */
  readonly concurrency: number;
  /** How many slots are held by handlers that are still running ten seconds or more after their attempts were given up. */
  readonly slotsHeld: number;
  /** Posthorn's version. */
  readonly version: string;
  /** Whether it is stopping: it starts no more jobs, and ends those that it runs. */
  readonly draining: boolean;
  /** The names of the tasks it handles; none while it is stopping. */
  readonly tasks: readonly string[];
}

export function publicWorker(worker: WorkerRecord): PublicWorker {
  const { startedAt, deadline, ...same } = worker;
  return { ...same, draining: isDraining(worker), startedAt: dateOf(startedAt), deadline: dateOf(deadline) };
}
