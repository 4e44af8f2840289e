import type { Progress, Tries } from "../core/job.ts";
import type { Origin } from "../core/origin.ts";
import type { FollowUp, Ties } from "../core/ties.ts";
import type { Transition } from "../core/transition.ts";
import type { Event } from "./shelves/events.ts";
import type { Call } from "./shelves/tables/session.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** The hot path. */
export interface JobQueue {
  /**
   * Writes everything that was asked for in one turn of the event loop in one transaction, which makes disk syncs cheap. The claim also
   * sees the jobs enqueued with it.
   */
  commit(batch: Batch): Promise<Committed>;
  /**
   * Accepts jobs in a transaction of the caller's own, on the caller's connection; they are there once the caller commits, and
   * none exist if it rolls back. No claim sees them before.
   * @param transaction what the database's driver, or a query builder on it, hands out for a transaction.
   * @throws TransactionError when it is not a transaction of this database.
   */
  acceptWithin(transaction: unknown, asked: Asked, now: number): Promise<Answers>;
  /** Makes at most `limit` of the jobs due by `now` claimable; returns how many. */
  promote(now: number, limit: number): Promise<number>;
  /** When the next scheduled job falls due, or null. */
  nextDue(): Promise<number | null>;
  /**
   * The clock was set back, by `byMs`, or by as much as waiting jobs reveal: jobs that were scheduled before, at what is now a future time,
   * become due that much sooner. Returns how many. Absent if the database's clock decides.
   */
  followClock?(now: number, byMs: number | undefined): Promise<number>;
  /** Whether another process has written since the last call (a cheap look, made often). */
  changedElsewhere(): Promise<boolean>;
  /**
   * Calls `changed` soon after another process has made something claimable, if the database can notify, until the returned function is
   * called. The regular check above finds what a notification missed.
   */
  onChange(changed: () => void): () => void;
}

/** What a commit should accept. */
export interface Asked {
  readonly enqueues: readonly Enqueue[];
  readonly submissions?: readonly Submission[];
}

/** What happened to it. */
export interface Answers {
  /** In the order of `enqueues`. */
  readonly enqueued: readonly Enqueued[];
  /** In the order of `submissions`. */
  readonly submitted: readonly Submitted[];
}

export interface Batch extends Asked {
  readonly now: number;
  readonly settlements: readonly Settlement[];
  readonly claim: ClaimRequest | undefined;
  /** Fenced like settlements; a late worker's report is ignored. */
  readonly progress?: readonly ProgressReport[];
}

/** Jobs that something waits for together. */
export interface NewGroup {
  readonly id: string;
  /** Queued when all of its jobs have ended for the first time; at once for a group without jobs. */
  readonly onSettled: FollowUp;
}

export interface ProgressReport {
  readonly lease: LeasedJob;
  readonly progress: Progress;
}

export interface Committed extends Answers {
  /** In the order of `settlements`: false when the lease was no longer the settler's, and nothing was changed. */
  readonly settled: readonly boolean[];
  readonly claimed: readonly LeasedJob[];
  /** The claim stopped before it had searched everywhere: it is worth claiming again soon. */
  readonly unfinished: boolean;
  /** Something was ready that the claim did not reach: it is worth claiming again at once. */
  readonly passedOver: boolean;
}

/** A job enqueued by itself: the most frequent submission, kept as small as possible. */
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
  /** The input, byte for byte as it came; empty where the job delivers an event, which has it (`origin.event`). */
  readonly payload: string;
  readonly maxAttempts: number;
  readonly createdAt: number;
  /** Due then; at once when it is not later than the batch's `now`. */
  readonly runAt: number;
  readonly ties?: Ties;
  readonly origin?: Origin;
  /** Its lane is held up for this reason: it waits outside the claim, see `Parking`. */
  readonly parked?: string;
}

/** A caller's promise that requests with the same key are one request. */
export interface IdempotencyClaim {
  /** Whose key it is: caller and route. */
  readonly scope: string;
  readonly key: string;
  /** Tells a repeated call from a different one that uses the same key by mistake. */
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

/** What is accepted as one: all of it or, when its idempotency key was used before, nothing. */
export interface Submission {
  readonly jobs: readonly NewJob[];
  /** What its jobs deliver. */
  readonly event?: Event;
  /** The groups that its jobs name. */
  readonly groups?: readonly NewGroup[];
  readonly idempotency?: IdempotencyClaim;
  /** Has to return a row, or nothing is created. It may write that row: it runs exactly once if something is created. */
  readonly guard?: Call<unknown>;
  /** What is written besides. */
  readonly rows?: readonly Call<unknown>[];
  /** The id of what the guard and the rows write, for the answers to repeated requests. An event's own id need not be given. */
  readonly makes?: string;
  /** A power cut may take it back as a whole, guard and rows included, because it is then made again. */
  readonly mayBeLost?: boolean;
}

/** What happened to a submission; `refused`, by its guard. */
export interface Submitted {
  readonly kind: "created" | "replayed" | "mismatch" | "refused";
  /** In the order of its jobs; for a replayed one, those of the first request with its key. Empty if an event stands for them. */
  readonly jobs: readonly Enqueued[];
  readonly groupIds: readonly string[];
  /** The id of the event, or of what it makes in its place; for a replayed one, what the first request made. */
  readonly made?: string;
}

/** The outcome of an attempt. Fenced: it counts only while the lease with this token exists. */
export interface Settlement {
  readonly lease: LeasedJob;
  readonly transition: Transition;
}

export interface ClaimRequest {
  /** Registered, and its leases extended to its deadline, with the claim. */
  readonly worker: WorkerRecord;
  readonly limit: number;
  /** No more is claimed once the payloads add up to this; the last may exceed it. */
  readonly maxBytes: number;
  readonly room: LaneRoom;
  /** Only new jobs of the same batch, and only if nothing is ready: another claim of this process is under way. */
  readonly newOnly?: boolean;
}

/** How many more jobs each lane may have claimed. */
export interface LaneRoom {
  readonly byDefault: number;
  /** Lanes with another number, 0 for none: those with jobs in hand, those at rest. */
  readonly except: ReadonlyMap<string, number>;
  /** How many more all lanes of a limited tenant may have claimed together, by what they begin with. */
  readonly tenants?: ReadonlyMap<string, number>;
}

/** A job in a worker's hands. */
export interface LeasedJob extends Tries {
  /** The store's own way to find the lease again: a number that means nothing to anyone else, and nothing to another store. */
  readonly handle: number;
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly options: string;
  readonly payload: string;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly createdAt: number;
  /** When this attempt was due. */
  readonly dueAt: number;
  /** When a worker first claimed it. */
  readonly startedAt: number;
  /** The fencing token: unique to this lease. */
  readonly token: number;
  readonly ties: Ties | undefined;
  readonly origin: Origin | undefined;
}
