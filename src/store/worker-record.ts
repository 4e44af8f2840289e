/** A worker process as others see it. */
export interface WorkerRecord {
  readonly id: string;
  /** The machine it runs on (more exactly, the pid namespace). */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Its leases hold until then. */
  readonly deadline: number;
  /** How many handlers it runs at once. */
  readonly concurrency: number;
  /** How many slots are held by handlers that are still running ten seconds or more after their attempts were given up. */
  readonly slotsHeld: number;
  /** Posthorn's version. */
  readonly version: string;
  /** The names of the tasks it handles. */
  readonly tasks: readonly string[];
}
