import type { Clock } from "../core/clock.ts";
import type { AttemptRecords } from "./attempt-records.ts";
import type { Backups } from "./backups.ts";
import type { BulkJobs } from "./bulk.ts";
import type { ByHand } from "./by-hand.ts";
import type { Inspection } from "./facts.ts";
import type { GroupRecords, JobRecords } from "./job-records.ts";
import type { Parking } from "./parking.ts";
import type { JobQueue } from "./queue.ts";
import type { Retention } from "./retention.ts";
import type { Shelves } from "./shelves/shelves.ts";
import type { Transfer } from "./transfer.ts";
import type { WorkerRegister } from "./worker-register.ts";

/**
 * What Posthorn needs of a database, in parts. Every method is one transaction, durable when its promise resolves.
 * Times are milliseconds since the epoch and come from the caller, who reads them from the store's clock, or from a test's.
 *
 * @throws StoreUnavailableError from any method when the database cannot be written or reached now; nothing was changed.
 */
export interface Store extends Shelves {
  /** The clock of everyone who works on it: if they are on several machines, the database's. */
  readonly clock: Clock;
  /** Whether processes of other machines may work on it too: then workers send heartbeats even while idle. */
  readonly isShared: boolean;
  /** How many `queue.commit`s are worth running at once: one with a single writer, more if each waits for a server. */
  readonly commitsAtOnce: number;
  readonly queue: JobQueue;
  readonly records: JobRecords;
  readonly attempts: AttemptRecords;
  readonly groups: GroupRecords;
  readonly byHand: ByHand;
  readonly bulkJobs: BulkJobs;
  readonly parking: Parking;
  readonly workers: WorkerRegister;
  readonly retention: Retention;
  readonly transfer: Transfer;
  readonly inspection: Inspection;
  readonly backups: Backups;
  /** Whether the database answers; throws what is wrong when it does not. */
  check(): Promise<void>;
  close(): Promise<void>;
}
