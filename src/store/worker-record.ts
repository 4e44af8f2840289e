/** A worker process as others see it. */
export interface WorkerRecord {
  readonly id: string;
  /** Tells processes of one machine (one pid namespace) from those of another. */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Its leases hold until then. */
  readonly deadline: number;
  /** How many handlers it runs at once. */
  readonly concurrency: number;
  /** Slots that are held by handlers which outlived their attempts, for ten seconds or more. */
  readonly slotsHeld: number;
  /** Posthorn's version. */
  readonly version: string;
  /** The names of the tasks that it handles. */
  readonly tasks: readonly string[];
}
