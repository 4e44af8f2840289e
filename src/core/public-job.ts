import type { JobStatus, Progress } from "./job.ts";

/** A job as it is looked up. */
export interface PublicJob<Result = unknown> {
  readonly id: string;
  readonly task: string;
  /** Jobs in one lane share its limits; workers take turns between lanes. */
  readonly lane: string;
  readonly status: JobStatus;
  /** Attempts so far, the running one and lost ones included. */
  readonly attempts: number;
  /** How many attempts may fail before the job does. Lost attempts do not count, and a rerun by hand starts counting again. */
  readonly maxAttempts: number;
  /** Its deduplication key. */
  readonly key: string | null;
  readonly groupId: string | null;
  /** Where a delivery goes; null for any other task. */
  readonly targetUrl: string | null;
  /** The ids of the tenant, the event and the endpoint of a delivery of an event; null for any other job. */
  readonly tenantId: string | null;
  readonly eventId: string | null;
  readonly endpointId: string | null;
  /** The bulk run that created it, or queued it again. */
  readonly bulkId: string | null;
  /** What caused it, unless it was simply enqueued or its event was sent: `manual` if somebody redelivered the event. */
  readonly trigger: string | null;
  /** The trace that it was enqueued in, if any: 32 hexadecimal digits. */
  readonly traceId: string | null;
  readonly createdAt: Date;
  /** When a worker first took it. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** When it is due, while it is queued. */
  readonly runAt: Date | null;
  /**
   * What keeps it from being sent, while it is queued: its endpoint's `breaker` is open, or the endpoint is `paused`, `disabled` or
   * `unverified`, or it waits `behind` the one before it, in order. Null for nothing.
   */
  readonly heldBy: string | null;
  /** The scheduled time that it was created for; null if no schedule created it. */
  readonly scheduledFor: Date | null;
  /** What the handler returned, as JSON gives it back; null until the job has succeeded. */
  readonly result: Result | null;
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless by hand. */
  readonly error: string | null;
  /** How long its last attempt took that has ended, in milliseconds; null before. */
  readonly durationMs: number | null;
  /** What it was tagged with; of the delivery of an event, what the event was. */
  readonly tags: readonly string[];
  /** The progress that its handler reported; null unless it is running and has reported any. */
  readonly progress: Progress | null;
}
