import type { Abortable } from "../core/abortable.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { HandlerLog } from "../observe/handler-log.ts";
import type { Traced } from "../observe/traces/attempt-span.ts";
import type { LeasedJob } from "../store/queue.ts";
import type { Event } from "../store/shelves/events.ts";
import type { Pool } from "./working/pool.ts";

/** A kind of work and its handler, in the form that the engine runs. Webhook delivery is one of these too. */
export interface Task {
  readonly name: string;
  /** What its attempts do, as traces name them. Default `run`. */
  readonly doing?: "deliver";
  /**
   * The limits of the job's lane, besides the worker's own fairness; undefined for none. From memory: it is asked with each claimed
   * job, and for lanes that are in use again and again, so that a change takes effect within a moment.
   */
  readonly limitsOf?: LimitsOf | undefined;
  /** Likewise, the limits of all lanes of the job's tenant together (`app_…/`). */
  readonly tenantLimitsOf?: LimitsOf | undefined;
  /** Whether what the job's limits and its attempt need is in memory. Absent: it always is. */
  readonly isPrepared?: ((job: LeasedJob) => boolean) | undefined;
  /** Loads this for all of a claim's jobs that are not prepared; none of them starts before. If it throws, they are given back. */
  prepare?(jobs: readonly LeasedJob[]): Promise<void>;
  /** What its handlers need besides a slot. */
  readonly pool?: Pool | undefined;
  /** When a job is tried again. */
  retryPolicy(job: LeasedJob): RetryPolicy;
  /** How long one attempt may take, in milliseconds, before its `signal` is aborted. */
  timeoutMs(job: LeasedJob): number;
  /** Runs one attempt. If it throws, the attempt has failed and is retried. No transaction is open meanwhile. */
  run(job: LeasedJob, context: RunContext): Promise<Outcome>;
}

export type LimitsOf = (job: LeasedJob) => LaneLimits | undefined;

/** Limits of one lane, or of a tenant's lanes together, across all workers: each takes its share. */
export interface LaneLimits {
  /** Jobs that run at once. */
  readonly concurrency?: number | undefined;
  /** Jobs that begin in a span of time. */
  readonly rate?: { readonly limit: number; readonly perMs: number } | undefined;
}

/** An event, as long as it has a payload. */
export type EventContent = Event & { readonly payload: Uint8Array };

export interface RunContext extends Abortable, Traced {
  /** The event that the job delivers, if it delivers one (`origin.event`): the job's own payload is then empty. */
  readonly event: EventContent | undefined;
  /** Aborted when the attempt's time is up, the job is cancelled, or the worker has to stop now. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** Each line carries the job's id, its task and the attempt. */
  readonly log: HandlerLog;
  /** Reports how far it has come; saved a few times a second at most, for look-ups of the job. Never throws. */
  progress(fraction: number, note?: string): void;
}
