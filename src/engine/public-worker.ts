import { dateOf } from "../core/instant.ts";
import type { WorkerRecord } from "../store/worker-record.ts";

/** A process that claims and runs jobs, as others see it. */
export interface PublicWorker {
  readonly id: string;
  /** Tells processes of one machine (one pid namespace) from those of another. */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: Date;
  /** Its jobs are its own until then. */
  readonly deadline: Date;
  /** How many handlers it runs at once. */
  readonly concurrency: number;
  /** Slots that are held by handlers which outlived their attempts, for ten seconds or more. */
  readonly slotsHeld: number;
  /** Posthorn's version. */
  readonly version: string;
  /** The names of the tasks that it handles. */
  readonly tasks: readonly string[];
}

export function publicWorker({ startedAt, deadline, ...same }: WorkerRecord): PublicWorker {
  return { ...same, startedAt: dateOf(startedAt), deadline: dateOf(deadline) };
}
