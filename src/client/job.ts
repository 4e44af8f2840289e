import type { JobStatus, Progress } from "../core/job.ts";

/** A job as it is looked up. */
export interface Job<Result = unknown> {
  readonly id: string;
  readonly task: string;
  /** Jobs in one lane share its limits; workers take turns between lanes. */
  readonly lane: string;
  readonly status: JobStatus;
  /** Attempts so far, the running one and lost ones included. */
  readonly attempts: number;
  /** How many attempts may fail before the job does. */
  readonly maxAttempts: number;
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
  /** The scheduled time that it was created for; null if no schedule created it. */
  readonly scheduledFor: Date | null;
  /** What the handler returned, as JSON gives it back; null until the job has succeeded. */
  readonly result: Result | null;
  /** The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless by hand. */
  readonly error: string | null;
  readonly progress: Progress | null;
}

/** A job as the API writes it. */
export interface JobAnswer {
  readonly job_id: string;
  readonly task: string;
  readonly lane: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly key: string | null;
  readonly group_id: string | null;
  readonly target_url: string | null;
  readonly tenant?: string;
  readonly event_id?: string;
  readonly endpoint_id?: string;
  readonly bulk_id: string | null;
  readonly trigger: string | null;
  readonly trace_id: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly run_at: string | null;
  readonly scheduled_for: string | null;
  readonly result: unknown;
  readonly error: string | null;
  readonly progress: Progress | null;
}

export function jobOf<Result>(answer: JobAnswer): Job<Result> {
  const { id, task, lane, status, attempts, key, error, progress } = { ...answer, id: answer.job_id };
  return {
    id,
    task,
    lane,
    status,
    attempts,
    maxAttempts: answer.max_attempts,
    key,
    groupId: answer.group_id,
    targetUrl: answer.target_url,
    tenantId: answer.tenant ?? null,
    eventId: answer.event_id ?? null,
    endpointId: answer.endpoint_id ?? null,
    bulkId: answer.bulk_id,
    trigger: answer.trigger,
    traceId: answer.trace_id,
    createdAt: new Date(answer.created_at),
    startedAt: dateOf(answer.started_at),
    finishedAt: dateOf(answer.finished_at),
    runAt: dateOf(answer.run_at),
    scheduledFor: dateOf(answer.scheduled_for),
    result: answer.result as Result | null, // its handler returned it, and it was stored as JSON
    error,
    progress,
  };
}

function dateOf(moment: string | null): Date | null {
  return moment === null ? null : new Date(moment);
}

export function hasEnded({ status }: Pick<Job, "status">): boolean {
  return status !== "queued" && status !== "running";
}
