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
  /** The id of the last bulk run that created it, re-queued it, made it due or cancelled it. */
  readonly bulkId: string | null;
  /** `manual` if somebody redelivered its event by hand; otherwise null. */
  readonly trigger: string | null;
  /** The trace that it was enqueued in, if any: 32 hexadecimal digits. */
  readonly traceId: string | null;
  readonly createdAt: Date;
  /** When a worker first claimed it. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** When it is due, while it is queued. */
  readonly runAt: Date | null;
  /**
   * What holds it up while it is queued: its endpoint's open `breaker`; its endpoint, which is `paused`, `disabled` or `unverified`; or, as
   * `behind`, the one before it in an ordered lane. Null for nothing.
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
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless it was by hand. */
  readonly error: string | null;
  /** How long its last completed attempt took, in milliseconds; null until then. */
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
  /** When that worker claimed it. */
  readonly leasedAt: Date | null;
  /** When its attempt times out; null unless it is running, and this process handles its task. */
  readonly timesOutAt: Date | null;
  /** How many jobs of its lane are running. */
  readonly laneRunning: number;
  /** How many of them may run at once. Null: any number, or this process does not handle its task. */
  readonly laneConcurrency: number | null;
  /** How many jobs of its lane may start per span of time. Null: any number, or this process does not handle its task. */
  readonly laneRate: { readonly limit: number; readonly perMs: number } | null;
  /** How many due jobs are ahead of it in its lane; 1000 means 1000 or more. Null unless it is due. */
  readonly before: number | null;
  /** When the lane's rate lets the next job start; null if no rate holds it up, or another worker keeps the count. */
  readonly nextPlaceAt: Date | null;
}

/** The request of a delivery as it would be sent now. Requests that were sent are not kept. */
export interface PublicRequest {
  readonly method: "POST";
  readonly url: string;
  /** Those that Posthorn writes, apart from the connection's. A value is null if it may be a secret, or is the signature. */
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  /** The size of its body, in bytes. */
  readonly bytes: number;
}
