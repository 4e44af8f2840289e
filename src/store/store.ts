import type { Clock } from "../core/clock.ts";
import type { Attempt, Job, JobStatus, Progress, Tries } from "../core/job.ts";
import type { FollowUp, Ties } from "../core/ties.ts";
import type { Next } from "../core/transition.ts";
import type { Inspection } from "./facts.ts";
import type { Transfer } from "./transfer.ts";

/**
 * What Posthorn asks of a database. Every method is one transaction, durable when its promise resolves.
 * Times are milliseconds since the epoch and come from the caller, who reads them off the store's clock, or tests with one.
 *
 * @throws StoreUnavailableError from any method when the database cannot be written or reached now; nothing was changed.
 */
export interface Store
  extends JobQueue,
    JobRecords,
    WorkerRegister,
    ScheduleShelf,
    Retention,
    KeyRing,
    SecretShelf,
    Transfer,
    Inspection {
  /** The one that all who work on it go by: where they are on several machines, the database's. */
  readonly clock: Clock;
  /** Whether processes of other machines may work on it too: then workers say that they live also while idle. */
  readonly isShared: boolean;
  /** How many `commit`s are worth having under way: one where there is one writer, more where each waits for a server. */
  readonly commitsAtOnce: number;
  /** Whether the database answers; throws what is wrong when it does not. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The hot path. */
export interface JobQueue {
  /**
   * All that was asked in one turn of the event loop, in one transaction; this is what makes a disk sync cheap.
   * The claim also sees the jobs enqueued with it.
   */
  commit(batch: Batch): Promise<Committed>;
  /**
   * Writes jobs in a transaction of the caller's own, on the caller's connection; they are there once the caller commits, and
   * never were when it rolls back. No claim sees them before.
   * @param transaction what the database's driver, or a query builder on it, hands out for a transaction.
   * @throws TransactionError when it is no transaction, or one of another database.
   */
  enqueueWithin(transaction: unknown, enqueues: readonly Enqueue[], now: number): Promise<Enqueued[]>;
  /** Makes at most `limit` of the jobs due by `now` ready to be claimed; how many it was. */
  promote(now: number, limit: number): Promise<number>;
  /** When the next scheduled job falls due, or null. */
  nextDue(): Promise<number | null>;
  /** Whether another process has written since the last call (a cheap look, made often). */
  changedElsewhere(): Promise<boolean>;
  /**
   * Calls `changed` soon after another process has made something ready to be claimed, where the database can tell; the look
   * above is the floor. Until the returned function is called.
   */
  onChange(changed: () => void): () => void;
}

export interface Batch {
  readonly now: number;
  readonly enqueues: readonly Enqueue[];
  readonly settlements: readonly Settlement[];
  readonly claim: ClaimRequest | undefined;
  /** Made of those of its `enqueues` that name them. */
  readonly groups?: readonly NewGroup[];
  /** Fenced like settlements; what a late worker says is passed over. */
  readonly progress?: readonly ProgressReport[];
}

/** Jobs whose common end is waited for. */
export interface NewGroup {
  readonly id: string;
  /** Queued when, for the first time, none of its jobs is live any more; at once when it has none. */
  readonly onSettled: FollowUp;
}

export interface ProgressReport {
  readonly lease: LeasedJob;
  readonly progress: Progress;
}

export interface Committed {
  /** In the order of `enqueues`. */
  readonly enqueued: readonly Enqueued[];
  /** In the order of `settlements`: false when the lease was no longer the settler's, and nothing was changed. */
  readonly settled: readonly boolean[];
  readonly claimed: readonly LeasedJob[];
  /** The claim stopped before it had looked everywhere: worth another one soon. */
  readonly unfinished: boolean;
}

export interface Enqueue {
  readonly job: NewJob;
  readonly idempotency?: IdempotencyClaim;
}

export interface NewJob {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  /** Lower runs first. */
  readonly priority: number;
  /** The task's own settings for this job, as JSON text. */
  readonly options: string;
  /** The input, byte for byte as it came. */
  readonly payload: string;
  readonly maxAttempts: number;
  readonly createdAt: number;
  /** Due then; at once when it is not later than the batch's `now`. */
  readonly runAt: number;
  readonly ties?: Ties;
}

/** A caller's promise that requests with the same key are one request. */
export interface IdempotencyClaim {
  /** Whose key it is: caller and route. */
  readonly scope: string;
  readonly key: string;
  /** Tells a repeated request from another one that uses its key. */
  readonly fingerprint: string;
  readonly expiresAt: number;
}

/**
 * `replayed`: the idempotency key was used before by the same request; `mismatch`: by another; `existing`: a live job of the task
 * has the job's own key. None of these made a job; `jobId` is the first one's.
 */
export interface Enqueued {
  readonly kind: "created" | "replayed" | "mismatch" | "existing";
  readonly jobId: string;
}

/** What an attempt came to. Fenced: it counts only while the lease with this token exists. */
export interface Settlement {
  readonly lease: LeasedJob;
  readonly attempt: Attempt;
  readonly next: Next;
}

export interface ClaimRequest {
  /** Registered, and its leases extended to its deadline, with the claim. */
  readonly worker: WorkerRecord;
  readonly limit: number;
  /** No more is claimed once the payloads come to this; the last may exceed it. */
  readonly maxBytes: number;
  readonly room: LaneRoom;
}

/** How many more jobs each lane may have claimed. */
export interface LaneRoom {
  readonly byDefault: number;
  /** Lanes with another number, 0 for none: those with jobs in hand, those at rest. */
  readonly except: ReadonlyMap<string, number>;
}

/** A job in a worker's hands. */
export interface LeasedJob extends Tries {
  /** The store's own key for the job. */
  readonly key: number;
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly options: string;
  readonly payload: string;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly createdAt: number;
  /** When a worker first took it. */
  readonly startedAt: number;
  /** The fencing token: unique to this lease. */
  readonly token: number;
  readonly ties: Ties | undefined;
}

export interface JobRecords {
  get(jobId: string): Promise<Job | undefined>;
  /** Newest first. */
  list(filter: JobFilter, page: Page): Promise<Job[]>;
  /** Newest first, from before attempt `page.before`. */
  attempts(jobId: string, page: AttemptPage): Promise<Attempt[]>;
  /** Queues a failed or cancelled job again, due now, with all its attempts before it; undefined when there is none such. */
  retry(jobId: string, now: number): Promise<Changed | undefined>;
  /** `retry` for at most `limit` of the jobs that fit, oldest first; one whose key a live job has is left as it is, and not counted. */
  retryMany(filter: RetryFilter, limit: number, now: number): Promise<RetriedBatch>;
  /** What became of a group's jobs so far. */
  group(groupId: string): Promise<Group | undefined>;
  /** Ends a live job; what its worker may still say of it is fenced off. Undefined when there is no such job. */
  cancel(jobId: string, now: number): Promise<Changed | undefined>;
}

/** Which jobs to list: those that fit all that is given. Times are milliseconds since the epoch. */
export interface JobFilter {
  /** Of any of these tasks, by name. */
  readonly tasks?: readonly string[];
  readonly lane?: string;
  readonly status?: JobStatus;
  /** Created at or after. */
  readonly createdFrom?: number;
  /** Created before. */
  readonly createdBefore?: number;
}

export interface Page {
  /** How many at the most. */
  readonly limit: number;
  /** Only jobs older than this id. */
  readonly before?: string;
}

export interface AttemptPage {
  /** How many at the most. */
  readonly limit: number;
  /** Only attempts before this one's number. */
  readonly before?: number;
}

/** What was found, and whether its status, and its key, allowed the change. */
export interface Changed {
  readonly from: JobStatus;
  readonly changed: boolean;
  /** The live job that has the key of one that was to be retried. */
  readonly keyHolder?: string;
}

/** What became of jobs that were enqueued together. Times are milliseconds since the epoch. */
export interface Group {
  readonly id: string;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly createdAt: number;
  /** When, for the first time, none of its jobs was live any more. */
  readonly settledAt: number | null;
}

export interface RetryFilter {
  readonly task: string;
  readonly status: "failed" | "cancelled";
  readonly lane?: string;
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  /** Only jobs that ended before then, so that one which fails anew is not taken twice. */
  readonly finishedBefore: number;
  /** Where the last batch stopped: its `last`. */
  readonly after?: string;
}

export interface RetriedBatch {
  readonly retried: number;
  /** The store's own mark of where to go on, or null when nothing is left. */
  readonly last: string | null;
}

/** Who may hold leases. Liveness is the worker's, never a job's age. */
export interface WorkerRegister {
  /** Registers the worker, or extends its leases to its deadline and keeps what tasks it handles now. */
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
  workers(): Promise<WorkerRecord[]>;
  /**
   * Declares a worker dead, unless it has extended its leases since it was seen: its jobs are queued again (or end, see
   * `afterLoss`) with an attempt recorded as lost. The ids of the jobs.
   */
  reclaim(worker: WorkerRecord, now: number): Promise<readonly string[]>;
}

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
  /** Of Posthorn. */
  readonly version: string;
  /** The names of those that it handles. */
  readonly tasks: readonly string[];
}

/** Recurring jobs. A schedule stands here as text; when it is due is worked out by whoever fires it. */
export interface ScheduleShelf {
  /**
   * Keeps a schedule, new or changed; one that is there already with the same `cron` and `timeZone` keeps its `nextAt`, and any
   * keeps whether it is paused.
   */
  declareSchedule(schedule: NewSchedule, now: number): Promise<void>;
  /** By name. */
  schedules(): Promise<Schedule[]>;
  /**
   * One fire: queues the jobs and moves the schedule on, unless it is paused, gone, or no longer due at `dueAt` (another process
   * was first). Whether it did. A job whose key a live job has is not made.
   */
  fireSchedule(firing: Firing, now: number): Promise<boolean>;
  /** Undefined when there is no such schedule. A resumed one is due next at `nextAt`. */
  pauseSchedule(name: string, paused: boolean, nextAt: number | null): Promise<Schedule | undefined>;
  /** Whether there was one. */
  removeSchedule(name: string): Promise<boolean>;
}

export interface NewSchedule {
  readonly name: string;
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** What becomes of runs that nobody was there for. */
  readonly missed: "skip" | "once" | "all";
  readonly job: ScheduledJob;
  /** The next moment it is due; null when there is none. */
  readonly nextAt: number | null;
}

/** What a schedule makes each time. */
export type ScheduledJob = Pick<
  NewJob,
  "task" | "lane" | "priority" | "options" | "payload" | "maxAttempts" | "ties"
>;

/** A recurring job as it is kept. Times are milliseconds since the epoch. */
export interface Schedule extends NewSchedule {
  readonly paused: boolean;
  /** When it last made a job. */
  readonly lastAt: number | null;
}

export interface Firing {
  readonly name: string;
  /** The `nextAt` that was seen. */
  readonly dueAt: number;
  readonly nextAt: number | null;
  /** None to pass over a run that was missed. */
  readonly jobs: readonly NewJob[];
}

/** Storage is bounded by age, and kept in shape. */
export interface Retention {
  /** Does a bounded piece of upkeep that the hot path leaves for later; false when there is none to do. */
  maintain(): Promise<boolean>;
  /** Deletes at most `limit` finished jobs with all that belongs to them, oldest first; not those with a retention of their own. */
  pruneJobs(finishedBefore: number, after: string | null, limit: number): Promise<PrunedBatch>;
  /** Deletes at most `limit` of the finished jobs with a retention of their own (`Ties.retainMs`) that are past it; how many. */
  pruneExpired(now: number, limit: number): Promise<number>;
  /** Deletes at most `limit` groups that were settled before then; how many. */
  pruneGroups(settledBefore: number, limit: number): Promise<number>;
  /** Deletes at most `limit` expired idempotency keys; how many. */
  pruneIdempotencyKeys(now: number, limit: number): Promise<number>;
}

export interface PrunedBatch {
  readonly pruned: number;
  /** The store's own mark of where to go on, or null when nothing more is old enough. */
  readonly last: string | null;
}

export type Role = "admin" | "send" | "read";

/** An API key as it is kept: never the key, only its hash. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the secret part, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface KeyRing {
  addKey(key: ApiKey): Promise<void>;
  findKey(id: string): Promise<ApiKey | undefined>;
  /** Newest first. */
  listKeys(): Promise<ApiKey[]>;
  /** Undefined when there is no such key; a key revoked before keeps its first date. */
  revokeKey(id: string, now: number): Promise<ApiKey | undefined>;
}

/** Named secrets, sealed before they come here. */
export interface SecretShelf {
  getSecret(name: string): Promise<string | undefined>;
  /** Keeps `sealed` unless the name is taken; what is kept now. */
  putSecretOnce(name: string, sealed: string): Promise<string>;
}
