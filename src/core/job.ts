import type { Origin } from "./origin.ts";
import type { AttemptEvidence } from "./outcome.ts";
import type { Ties } from "./ties.ts";

/**
 * The states of a job:
 *
 *     queued ──claim──▶ running ──settle──▶ succeeded | failed
 *       ▲ ▲                │ │
 *       │ └─retry, lost────┘ └─cancel─▶ cancelled ◀─cancel── queued
 *       └──────────run again by hand───── failed | cancelled
 */
export const JOB_STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A job as it is looked up. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: string;
  readonly task: string;
  /** Jobs in one lane share its limits; workers take turns between lanes. */
  readonly lane: string;
  readonly status: JobStatus;
  /** Attempts so far, the running one and lost ones included. */
  readonly attempts: number;
  /** How many attempts may fail before the job does. Lost attempts do not count, and a rerun by hand starts counting again. */
  readonly maxAttempts: number;
  /** The task's own settings for this job, as JSON text. */
  readonly options: string;
  readonly createdAt: number;
  /** When a worker first claimed it. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** When it is due, while it is queued. */
  readonly runAt: number | null;
  /** What keeps it from being claimed, while it is queued: `breaker`, `paused`, `disabled`, `unverified`, or `behind` another of its ordered lane. */
  readonly heldBy: string | null;
  /** What the handler gave, as JSON text, once it has succeeded. */
  readonly result: string | null;
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless it was by hand. */
  readonly error: string | null;
  /** How long its last completed attempt took; null before. */
  readonly durationMs: number | null;
  /** The progress that its handler reported; null unless it is running and has reported any. */
  readonly progress: Progress | null;
  /** What it is tied to: its key, its group. */
  readonly ties: Ties | undefined;
  readonly origin: Origin | undefined;
}

/** How far a running job has come. */
export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** For people to read. */
  readonly note: string | null;
}

/** `lost`: the attempt's worker died, or was presumed dead. The job runs again, and the attempt does not count as failed. */
export type AttemptOutcome = "succeeded" | "failed" | "lost" | "cancelled";

/** One run of a job's handler, as recorded. Times are milliseconds since the epoch. */
export interface Attempt extends AttemptEvidence {
  /** 1 for the first. */
  readonly n: number;
  readonly outcome: AttemptOutcome;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly error: string | null;
}

/** What a live job carries from one attempt to the next. */
export interface Tries {
  /** Attempts so far, of every outcome. */
  readonly attempts: number;
  /** Failed attempts since the job was queued, or run again by hand. */
  readonly failures: number;
  /** Attempts lost with their worker since then. */
  readonly losses: number;
}
