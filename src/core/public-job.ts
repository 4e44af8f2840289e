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
  /** The last bulk run that created it, queued it again, made it due or cancelled it. */
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
  /** The id of the job that it is a copy of; null if it is not one. */
  readonly copyOf: string | null;
  /** The name of the schedule that created it; null if none did. */
  readonly schedule: string | null;
  /** The scheduled time that it was created for; null if no schedule created it. */
  readonly scheduledFor: Date | null;
  /** What the handler returned, as JSON gives it back; null until the job has succeeded. */
  readonly result: Result | null;
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless by hand. */
  readonly error: string | null;
  /** How long its last completed attempt took, in milliseconds; null before. */
  readonly durationMs: number | null;
  /** Its tags; for a delivery of an event, the event's. */
  readonly tags: readonly string[];
  /** The progress that its handler reported; null unless it is running and has reported any. */
  readonly progress: Progress | null;
}

/** What holds a live job up, which worker runs it, and until when it may run. */
export interface PublicStanding {
  /** The worker that runs it; null unless one does. */
  readonly workerId: string | null;
  /** When that worker took it. */
  readonly leasedAt: Date | null;
  /** When its attempt is out of time; null unless it runs, and unless the process that is asked handles its task. */
  readonly timesOutAt: Date | null;
  /** How many jobs of its lane run. */
  readonly laneRunning: number;
  /** How many of them may. Null: any number, or the process that is asked does not handle its task. */
  readonly laneConcurrency: number | null;
  /** How many jobs of its lane may start in a span of time. Null likewise. */
  readonly laneRate: { readonly limit: number; readonly perMs: number } | null;
  /** How many due jobs of its lane are before it; 1000 stands for that many or more. Null unless it is due. */
  readonly before: number | null;
  /** When the rate lets the next job of the lane start; null if no rate holds it up, or another worker keeps it. */
  readonly nextPlaceAt: Date | null;
}

/** The request of a delivery as it would be sent now. Requests that were sent are not kept. */
export interface PublicRequest {
  readonly method: "POST";
  readonly url: string;
  /** Those that Posthorn writes, apart from the connection's. A value is null if it may be a secret, or is the signature. */
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  /** The size of its body. */
  readonly bytes: number;
}
