import type { ApiKeys } from "./access/api-keys.ts";
import type { By } from "./core/actor.ts";
import type { Clock } from "./core/clock.ts";
import type { AuditTrail } from "./engine/audit/audit-trail.ts";
import type { BulkRuns } from "./engine/bulk/bulk-runs.ts";
import type { DOCTOR, Doctor } from "./engine/doctor/doctor.ts";
import type { Failures } from "./engine/failures/failures.ts";
import type { JOBS, Jobs } from "./engine/jobs.ts";
import type { PublicJobs } from "./engine/public-jobs.ts";
import type { PublicWorker } from "./engine/public-worker.ts";
import type { PruneResult } from "./engine/retention/pruner.ts";
import type { StatReport } from "./engine/statistics/fleet-reports.ts";
import type { STATISTICS, StatOptions, StatReports } from "./engine/statistics/report.ts";
import type { Unsubscribe } from "./observe/channel.ts";
import type { INSTRUMENT, Instrument } from "./observe/instrument.ts";
import type { METRICS_TEXT, MetricsText } from "./observe/metrics/metrics-text.ts";
import type { PosthornEvents } from "./observe/public-events.ts";
import type { BOX } from "./secrets/box-of.ts";
import type { SecretBox } from "./secrets/secret-box.ts";
import type { Store } from "./store/store.ts";
import type { STORE } from "./store/store-of.ts";
import type { Schedules } from "./tasks/schedules.ts";
import type { Tasks } from "./tasks/tasks.ts";
import type { REQUESTS, RebuiltRequests } from "./webhooks/rebuilt-requests.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** An open database, and what works on it. `openPosthorn` returns it. */
export interface Posthorn {
  /** Accepts webhooks to deliver. */
  readonly webhooks: Webhooks;
  /** Looks jobs up, runs them again, and cancels them. */
  readonly jobs: PublicJobs;
  /** The API keys of the HTTP API. */
  readonly keys: ApiKeys;
  /** Lists who changed what. */
  readonly audit: AuditTrail;
  /** Applies one action to all jobs that match a filter. */
  readonly bulk: BulkRuns;
  /** Lists failures, in groups of similar ones. */
  readonly failures: Failures;
  /** Enqueues and handles tasks. */
  readonly tasks: Tasks;
  /** Lists, pauses and removes recurring jobs. */
  readonly schedules: Schedules;
  /** Short for `tasks.enqueue`, `tasks.enqueueMany`, `tasks.work` and `tasks.result`. */
  readonly enqueue: Tasks["enqueue"];
  readonly enqueueMany: Tasks["enqueueMany"];
  readonly work: Tasks["work"];
  readonly result: Tasks["result"];
  /**
   * Calls `listener` whenever this happens in this process, until the returned function is called. An error that a listener throws is
   * logged, once, and has no other effect.
   * @throws ConfigurationError when there is no such event.
   * @example
   * posthorn.on("attempt.failed", ({ error, task, jobId }) => Sentry.captureException(error, { tags: { task, jobId } }));
   */
  on<Name extends keyof PosthornEvents>(
    event: Name,
    listener: (event: PosthornEvents[Name]) => unknown,
  ): Unsubscribe;
  readonly clock: Clock;
  /**
   * Resolves if the database answers and can be written.
   * @throws StoreUnavailableError otherwise; the message says what is wrong.
   */
  check(): Promise<void>;
  /** Whether this process was asked to stop, by `drain` or `close`: a load balancer should send it no more requests. */
  readonly isDraining: boolean;
  /** The processes that run jobs, including this one once it has claimed any. */
  workers(): Promise<PublicWorker[]>;
  /**
   * Asks a worker, in this process or another, to claim no more jobs. It stops claiming within five seconds, and finishes the jobs that it
   * runs, however long they take. This cannot be undone: its process runs jobs again only after a restart.
   * @throws NotFoundError when no such worker is registered; ConflictError `worker_cannot_drain` when its release cannot be asked.
   * @example
   * await posthorn.drainWorker(id, { actor: "ana", reason: "its machine will be replaced" });
   */
  drainWorker(id: string, by?: By): Promise<PublicWorker>;
  /**
   * Statistics, step by step: how many jobs were accepted, succeeded, failed, were cancelled or retried, how long jobs waited and attempts
   * took, and how many wait now. Minutes are kept for two days, hours for 400 days.
   * @throws InvalidInputError for an option that is wrong.
   * @example
   * const { points, now } = await posthorn.stats({ span: "24h", task: "send-receipt" });
   */
  stats(options?: StatOptions): Promise<StatReport>;
  /**
   * Deletes what is past its retention now, instead of within a minute, and returns what was deleted. It returns after at most ten seconds;
   * the rest is deleted in the background.
   * @example
   * const { pruned, isComplete } = await posthorn.prune({ actor: "ana", reason: "the disk is filling up" });
   */
  prune(by?: By): Promise<PruneResult>;
  /** The secret that signs deliveries without a secret of their own: `whsec_…`. */
  signingSecret(): string;
  /**
   * Claims no more jobs, waits for running ones (`drainTimeout`), and gives back the rest, to run elsewhere or after the next start. Jobs
   * can still be accepted and looked up. Idempotent.
   */
  drain(): Promise<void>;
  /** Drains, then accepts nothing more and closes the database. Idempotent. */
  close(): Promise<void>;
}

/** What its own surfaces find in it, and programs do not see. */
export interface Inner {
  readonly [METRICS_TEXT]: MetricsText;
  readonly [DOCTOR]: Doctor;
  readonly [STATISTICS]: StatReports;
  readonly [STORE]: Store;
  readonly [JOBS]: Jobs;
  readonly [INSTRUMENT]: Instrument;
  readonly [BOX]: SecretBox;
  readonly [REQUESTS]: RebuiltRequests;
}
