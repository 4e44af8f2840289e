import type { Progress } from "../core/job.ts";
import type { Origin } from "../core/origin.ts";
import type { Loss } from "../core/transition.ts";

/**
 * A job in a worker's hands. Events that come with every job pass on the lease itself, so that they cost no object; who listens
 * sees no more of it than this, and keeps none of it.
 */
export interface JobInHand {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  /** The number of the attempt. */
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When this attempt was due. */
  readonly dueAt: number;
  /** When a worker first claimed it. */
  readonly startedAt: number;
  readonly origin: Origin | undefined;
}

export interface OneJob {
  readonly jobId: string;
  readonly task: string;
  readonly lane: string;
}

interface OneAttempt extends OneJob {
  /** 1 for the first. */
  readonly attempt: number;
}

/** A job is on disk. */
export interface JobAccepted extends OneJob {
  /** When it is due, in milliseconds since the epoch. */
  readonly runAt: number;
}

/** A job waits for a later time, in milliseconds since the epoch. */
export interface JobScheduled {
  readonly jobId: string;
  readonly runAt: number;
}

export interface JobsPromoted {
  readonly count: number;
}

/** Claimed jobs went back to the queue before they began. */
export interface JobsReturned {
  readonly count: number;
}

export interface JobProgressed {
  readonly jobId: string;
  readonly progress: Progress;
}

/** A handler blocked the event loop for this long before its first await. */
export interface HandlerStalled {
  readonly job: JobInHand;
  readonly ms: number;
}

export interface AttemptEnded {
  readonly job: JobInHand;
  readonly outcome: "succeeded" | "failed" | "snoozed" | "held up" | "needless";
  /** What came of it in a word: of a delivery `2xx`, `5xx`, `timeout`, `dns`, …; of others `ok`, `error`, `timeout`. */
  readonly kind: string;
  readonly durationMs: number;
}

/** An attempt failed. */
export interface AttemptFailed extends OneAttempt {
  /** What the handler threw. If nothing was thrown (a delivery that got a 500, `discard`), an Error with the recorded message. */
  readonly error: unknown;
  readonly isThrown: boolean;
  /** The message that is kept with the attempt. */
  readonly message: string;
  /** When the next attempt is due; undefined if there is none. */
  readonly retryAt: Date | undefined;
  /** The class of the failure: for a delivery `4xx`, `5xx`, `timeout`, `dns`, …; for other tasks `error` or `timeout`. */
  readonly class: string;
  /** The HTTP status of the receiver's answer; null if there was none. */
  readonly code: number | null;
  readonly durationMs: number;
  /** The attempt's trace; in a program without tracing, the one that the job was enqueued in, if any. */
  readonly traceId?: string | undefined;
}

/** The worker that ran an attempt died, or was silent for so long that the job was given to another. */
export interface AttemptLost extends OneJob {
  readonly workerId: string;
}

/** A job succeeded. */
export interface JobSucceeded extends OneJob {
  /** How many attempts it took. */
  readonly attempts: number;
  /** How long the last attempt took, in milliseconds. */
  readonly durationMs: number;
}

/** A job failed permanently: its attempts are used up, or another one cannot help. */
export interface JobFailed extends OneJob {
  readonly attempts: number;
  /** The bulk run that created it, or queued it again last. */
  readonly bulkId: string | null;
  /** See `AttemptFailed`. */
  readonly error: unknown;
  readonly message: string;
  /** See `AttemptFailed`. */
  readonly traceId?: string | undefined;
}

export interface JobCancelled {
  readonly jobId: string;
  readonly task: string;
}

/** A job's fourth attempt failed, and it will be tried again. */
export interface JobFailing extends OneJob {
  readonly attempts: number;
  readonly message: string;
  readonly retryAt: Date;
}

/** A job that had failed four times or more has succeeded. */
export interface JobRecovered extends OneJob {
  readonly attempts: number;
}

/** A delivery to an endpoint that had failed four times or more has succeeded. */
export interface DeliveryRecovered extends OneEndpoint {
  readonly jobId: string;
  /** How many attempts it has had. */
  readonly attempts: number;
}

/** A delivery to an endpoint failed permanently. */
export interface DeliveryExhausted extends DeliveryRecovered {
  /** The error of its last attempt. */
  readonly error: string;
}

/** A delivery to an endpoint has failed four times, and will be retried. */
export interface DeliveryFailing extends DeliveryExhausted {
  readonly retryAt: Date;
}

/** A handler is still running ten seconds after its attempt was given up, and holds its slot; or it has ended after all. */
export interface SlotHeld extends OneAttempt {
  /** How many of this worker's slots are held in this way now. */
  readonly held: number;
}

/** A result came too late: the job had been cancelled, or given to another worker. */
export interface ResultDropped extends OneAttempt {}

/** An uncaught error in a thread, thrown by a handler that had ended. It fails no attempt. */
export interface ErrorLeftBehind {
  readonly error: unknown;
  /** Whose it was, where that is known. */
  readonly jobId: string | undefined;
  readonly task: string | undefined;
}

/** The machine's clock was set back; waiting jobs keep their pauses. */
export interface ClockSetBack {
  readonly jobs: number;
}

export interface TaskMissing {
  readonly task: string;
}

export interface LaneRested {
  readonly lane: string;
  readonly ms: number;
}

/** One transaction of the hot path. */
export interface CommitDone {
  readonly enqueued: number;
  readonly settled: number;
  readonly claimed: number;
  readonly ms: number;
}

export interface OneWorker {
  readonly workerId: string;
}

export interface WorkerLost extends OneWorker {
  readonly loss: Loss;
  /** Those that it held, and that are queued again. */
  readonly jobIds: readonly string[];
}

/** The workers of a job were lost several times in a row: this one runs nothing else meanwhile, to find out whether it is to blame. */
export interface JobIsolated extends OneJob {
  readonly losses: number;
}

/** Something blocked the event loop: meanwhile no heartbeat was sent, no timeout fired, no request was answered. */
export interface LoopBlocked {
  readonly blockedMs: number;
  /** A process that is blocked for longer than this loses its jobs to other workers. */
  readonly leaseMs: number;
  /** The jobs that were running, one of which is the cause; only a few of them if there were many. */
  readonly jobs: readonly { readonly jobId: string; readonly task: string }[];
  /** How many jobs were running. */
  readonly running: number;
}

/** Jobs were cancelled because they had been parked for too long. */
export interface JobsExpired {
  readonly count: number;
}

export interface Pruned {
  readonly what:
    | "jobs"
    | "expired jobs"
    | "events"
    | "groups"
    | "idempotency keys"
    | "bulk runs"
    | "endpoints"
    | "tenants"
    | "failure groups"
    | "audit";
  readonly count: number;
}

/** A schedule was due, and this process queued its jobs. */
export interface ScheduleFired {
  readonly schedule: string;
  readonly dueAt: Date;
  readonly jobs: number;
}

export interface ScheduleSkipped {
  readonly schedule: string;
  readonly dueAt: Date;
}

export interface ScheduleBroughtBack {
  readonly schedule: string;
  readonly was: Date;
  readonly is: Date;
}

interface OneEndpoint {
  readonly tenantId: string;
  readonly endpointId: string;
}

/** Deliveries to an endpoint kept failing, and wait now; one at a time probes whether it works again. */
export interface EndpointOpened extends OneEndpoint {
  /** In a row. */
  readonly failures: number;
  /** The last error. */
  readonly error: string;
}

/** A delivery to a failing endpoint has succeeded: what waited is sent, a few deliveries first. */
export interface EndpointClosed extends OneEndpoint {}

/** Somebody paused, resumed, enabled or disabled an endpoint, or it was disabled because it answered 410 or failed for days. */
export interface EndpointStatusChanged extends OneEndpoint {
  /** Who did it; null if nobody said, or if Posthorn did it by itself. */
  readonly actor: string | null;
  readonly reason: string | null;
}

/** A bulk run has ended, was stopped, or paused by itself. */
export interface BulkRunEnded {
  readonly bulkId: string;
  /** The tenant it was limited to; null if it covered all tenants. */
  readonly tenantId: string | null;
  readonly action: string;
  /** `done`, `stopped`, `taken_back` or `paused`. */
  readonly state: string;
  readonly matched: number;
  readonly done: number;
}

/** Somebody made a change by hand, or looked at a secret: an entry of the audit. */
export interface OperatorActed {
  /** The entry. */
  readonly id: string;
  readonly actor: string;
  readonly via: string;
  readonly action: string;
  readonly target: string;
  /** The id of the tenant that it belongs to. */
  readonly tenant: string | null;
  /** The reason that the actor gave. */
  readonly note: string | null;
}

/** The database cannot be reached or written. Sent once per outage; `database.back` says when it is over. */
export interface DatabaseLost {
  /** A StoreUnavailableError, with the driver's error as its cause. */
  readonly error: unknown;
}

/** The database has been away for this long. Said once a minute. */
export interface DatabaseAway extends DatabaseLost {
  readonly forMs: number;
}

/** The database works again, after this long. */
export interface DatabaseBack {
  readonly forMs: number;
}

/** The doctor found a problem, or a problem it knew has become better or worse. */
export interface FindingAppeared {
  /** The check's stable name, such as `oldest_due`. */
  readonly check: string;
  /** `warn` may become a problem, `bad` is one. */
  readonly level: "warn" | "bad";
  /** What was checked, for people. */
  readonly title: string;
  /** What was found. */
  readonly detail: string;
  /** What to do; null if there is nothing to do. */
  readonly todo: string | null;
}

/** A problem that the doctor found is resolved. */
export interface FindingGone {
  readonly check: string;
  readonly title: string;
}

/** What went wrong besides any job's own work. Most of it is tried again. */
export interface StepFailed {
  readonly step: Step;
  readonly error: unknown;
  /** What it was about, if there is more to say. */
  readonly about?: Readonly<Record<string, string | number>>;
}

export type Step =
  | "accept"
  | "answer"
  | "commit"
  | "count failures"
  | "fan out"
  | "follow clock"
  | "give back"
  | "isolate"
  | "listen for notices"
  | "prepare"
  | "fire schedule"
  | "look at schedules"
  | "promote"
  | "record progress"
  | "record result"
  | "record version"
  | "retire"
  | "round"
  | "watch endpoints"
  | "watch job";

/** A listener threw, or its promise was rejected. Said once for each listener. */
export interface ListenerFailed {
  readonly event: string;
  readonly error: unknown;
}
