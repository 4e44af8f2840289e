import { assemble } from "./assemble/assemble.ts";
import { parseDuration } from "./core/duration.ts";
import { ConfigurationError } from "./core/errors.ts";
import { PayloadTags } from "./core/json/payload-tags.ts";
import { refuseUnknownSettings, wholeNumberOf } from "./core/options.ts";
import { tooOldNode } from "./core/process/node-version.ts";
import { retentionPeriods } from "./engine/retention/retention-periods.ts";
import { Instrument } from "./observe/instrument.ts";
import { createLog } from "./observe/log.ts";
import { writeLogLines } from "./observe/log-lines.ts";
import { keyFileOf, openStore, retainedSizes } from "./open-store.ts";
import type { Posthorn } from "./posthorn-interface.ts";
import { POSTHORN_OPTIONS, type PosthornOptions } from "./posthorn-options.ts";
import { loadMasterKey } from "./secrets/master-key.ts";
import { VERSION } from "./version.ts";
import { breakerRules } from "./webhooks/breaker/breaker-options.ts";
import { Destinations } from "./webhooks/destination.ts";
import { HttpDestination } from "./webhooks/http/http-destination.ts";
import { Sender } from "./webhooks/http/sender.ts";
import type { OperationalOptions } from "./webhooks/operational/operational-endpoint.ts";
import { hasServerSecret } from "./webhooks/signing/server-secret.ts";
import { egressOf } from "./webhooks/targets/egress.ts";
import { TargetPolicy } from "./webhooks/targets/target-policy.ts";

export type { ApiKeys, NewKeyOptions, ShownKey } from "./access/api-keys.ts";
export type { Actor, By } from "./core/actor.ts";
export type { Duration } from "./core/duration.ts";
export * from "./core/errors.ts";
export type { SettledGroup, SettledJob } from "./core/follow-up.ts";
export type { AttemptOutcome, JobStatus, Progress } from "./core/job.ts";
export type { Jsonified } from "./core/json/jsonified.ts";
export type {
  PublicJob as Job,
  PublicRequest as JobRequest,
  PublicStanding as JobStanding,
} from "./core/public-job.ts";
export type { Reach } from "./core/reach.ts";
export type { Uniqueness } from "./core/ties.ts";
export type { TraceParent } from "./core/traces/trace-parent.ts";
export type { AuditChange } from "./engine/audit/audit.ts";
export type {
  AuditFilter,
  AuditListed,
  AuditRecord,
  AuditTrail,
  BackedUp,
  Exported,
  Revealed,
} from "./engine/audit/audit-trail.ts";
export type {
  BulkAction,
  BulkFilter,
  BulkRequest,
} from "./engine/bulk/bulk-request.ts";
export type {
  BulkChangeOptions,
  BulkListOptions,
  BulkRuns,
  BulkStarted,
  BulkStartOptions,
} from "./engine/bulk/bulk-runs.ts";
export type { PublicBulkRun as BulkRun } from "./engine/bulk/bulk-view.ts";
export type { BulkPreview } from "./engine/bulk/preview.ts";
export type { FailureChange, FailureFilter, FailureGroup, Failures } from "./engine/failures/failures.ts";
export type { Accepted, Idempotency } from "./engine/intake/intake.ts";
export type { Listed, ListOptions, SearchedPage } from "./engine/lists.ts";
export type {
  PublicAttempt as Attempt,
  PublicGroup as Group,
  PublicTiming as AttemptTiming,
} from "./engine/public-job.ts";
export type {
  PublicJobFilter as JobFilter,
  PublicJobPage as JobPage,
  PublicJobs as Jobs,
} from "./engine/public-jobs.ts";
export type { PublicWorker as WorkerRecord } from "./engine/public-worker.ts";
export type { PruneResult } from "./engine/retention/pruner.ts";
export type {
  Quantiles as StatsQuantiles,
  StatNow as StatsNow,
  StatPoint as StatsPoint,
  StatReport as Stats,
} from "./engine/statistics/fleet-reports.ts";
export type { StatOptions as StatsOptions } from "./engine/statistics/report.ts";
export type {
  AttemptFailed,
  AttemptLost,
  BulkRunEnded,
  DatabaseBack,
  DatabaseLost,
  DeliveryExhausted,
  DeliveryFailing,
  DeliveryRecovered,
  EndpointClosed,
  EndpointOpened,
  EndpointStatusChanged,
  FindingAppeared,
  FindingGone,
  JobFailed,
  JobSucceeded,
  LoopBlocked,
  ResultDropped,
  ScheduleFired,
  SlotHeld,
} from "./observe/events.ts";
export type { HandlerLine, HandlerLog } from "./observe/handler-log.ts";
export { createLog, type Log, type LogLevel, type LogOptions, silentLog } from "./observe/log.ts";
export type { PosthornEvents } from "./observe/public-events.ts";
export type { Posthorn } from "./posthorn-interface.ts";
export type { PosthornOptions } from "./posthorn-options.ts";
export type { AttemptCounts } from "./store/attempt-records.ts";
export type { AttemptPage, Page } from "./store/job-records.ts";
export {
  type BackgroundCounts,
  BackgroundRunner,
  type BackgroundRunnerOptions,
  type Undone,
} from "./tasks/background/background-runner.ts";
export { BackgroundTasks } from "./tasks/background/background-tasks.ts";
export { type EnqueueOptions, request, type TaskRequest } from "./tasks/enqueue-options.ts";
export {
  type Discard,
  discard,
  type HandlerOutcome,
  type RetryAt,
  retryAt,
  type Snooze,
  snooze,
} from "./tasks/outcomes.ts";
export type { PublicSchedule as Schedule } from "./tasks/public-schedule.ts";
export { type ScheduleDefinition, type ScheduleOptions, schedule } from "./tasks/schedule.ts";
export type { Schedules } from "./tasks/schedules.ts";
export { task } from "./tasks/task.ts";
export type {
  Backoff,
  InputOf,
  LaneLimitOptions,
  ResultOf,
  RetryOptions,
  TaskContext,
  TaskDefinition,
  TaskJob,
  TaskOptions,
  TaskTaking,
} from "./tasks/task-definition.ts";
export type { ManyEnqueued, Tasks } from "./tasks/tasks.ts";
export { type DeliverRequest, JsonText } from "./webhooks/accept/deliver-request.ts";
export type {
  AttemptFilter,
  AttemptListOptions,
  Attempts,
  ListedAttempts,
} from "./webhooks/attempts/attempts.ts";
export type { ShownAttempt } from "./webhooks/attempts/shown-attempt.ts";
export type {
  AuthOptions,
  BasicAuth,
  BearerAuth,
  HeaderAuth,
  MtlsAuth,
  OAuth2Auth,
  ShownAuth,
} from "./webhooks/auth/auth-options.ts";
export type { ShownCertificate } from "./webhooks/auth/client-certificate.ts";
export type { BreakerOptions } from "./webhooks/breaker/breaker-options.ts";
export type { EndpointHealthView } from "./webhooks/endpoints/endpoint-health-view.ts";
export type { EndpointChange } from "./webhooks/endpoints/endpoint-history.ts";
export type { EndpointSecretView } from "./webhooks/endpoints/endpoint-keys.ts";
export type { EndpointOptions, EndpointRetryOptions } from "./webhooks/endpoints/endpoint-options.ts";
export type {
  EndpointStatOptions as EndpointStatsOptions,
  EndpointStatPoint as EndpointStatsPoint,
  EndpointStatReport as EndpointStats,
} from "./webhooks/endpoints/endpoint-stats.ts";
export type { StopOptions } from "./webhooks/endpoints/endpoint-statuses.ts";
export type { Trial, TrialOptions } from "./webhooks/endpoints/endpoint-trial.ts";
export type {
  CreatedEndpoint,
  Endpoints,
  NewEndpointOptions,
  RotatedSecret,
  RotateOptions,
} from "./webhooks/endpoints/endpoints.ts";
export type {
  EndpointImportOptions,
  EndpointsImported,
  Imported,
} from "./webhooks/endpoints/import/endpoint-import.ts";
export type {
  EndpointsDocument,
  ImportedEndpoint,
  ImportedSecret,
  ImportedTenant,
} from "./webhooks/endpoints/import/read-document.ts";
export type { RegisteredEndpoint } from "./webhooks/endpoints/registered-endpoint.ts";
export type { ShownVerification, VerificationOptions } from "./webhooks/endpoints/verification-options.ts";
export type { EventTypeOptions, RegisteredEventType } from "./webhooks/event-types/event-type-options.ts";
export type { EventTypes, NewEventTypeOptions } from "./webhooks/event-types/event-types.ts";
export type { EventFilter, EventPage, Events } from "./webhooks/events/events.ts";
export type { KeptEvent, ListedEvent } from "./webhooks/events/kept-event.ts";
export type { SendOptions, SendRequest, SentEvent } from "./webhooks/events/send-request.ts";
export type { LimitOptions } from "./webhooks/limit-options.ts";
export type {
  AboutEndpoint,
  BreakerClosed,
  BreakerOpened,
  BulkEnded,
  DeliveryTrouble,
  EndpointDisabled,
  EndpointEnabled,
  OperationalData,
  OperationalEvent,
  TroubledDelivery,
} from "./webhooks/operational/operational-event.ts";
export type { RedeliverEventOptions } from "./webhooks/redeliver/redeliver-event.ts";
export type { RedeliverRequest } from "./webhooks/redeliver/redeliver-request.ts";
export type { TenantActivity, TenantActivityOptions } from "./webhooks/tenants/tenant-activity.ts";
export type {
  EraseOptions,
  Erasing,
  NewTenantOptions,
  RegisteredTenant,
  TenantOptions,
} from "./webhooks/tenants/tenant-options.ts";
export type { Tenants } from "./webhooks/tenants/tenants.ts";
export type { ReplayOptions, Webhooks } from "./webhooks/webhooks.ts";

const DEFAULT_CONCURRENCY = 64;
const MAX_CONCURRENCY = 1_000;
const MAX_ENDPOINTS_TOLD = 1_000;
const DEFAULT_RETAIN_KEYS = "24h";
const DEFAULT_DRAIN_TIMEOUT = "30s";

/**
 * Opens a database and, unless `worker` is false, starts running jobs. Call `close` when the process has to stop, because a worker
 * keeps it alive.
 * @throws ConfigurationError, InvalidInputError for an option, task or schedule that is wrong.
 * @throws StoreUnusableError when a person has to look at the database: it is another product's, or its schema is newer (on PostgreSQL also
 *   older) than this release's.
 * @throws StoreUnavailableError when the database cannot be reached or written now.
 * @example
 * const posthorn = await openPosthorn({ database: "app.db" });
 * const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "https://hooks.example.com/in", payload: { paid: true } });
 * await posthorn.close();
 */
export async function openPosthorn(options: PosthornOptions): Promise<Posthorn> {
  const { database, log, policy, ...checked } = checkedOptions(options);
  const instrument = new Instrument();
  writeLogLines(instrument, log, { successes: options.logSuccesses === true });
  const store = await openStore(database, {
    maxBytes: options.maxDatabaseBytes,
    schema: options.schema,
    onTrouble: (error) => instrument["step.failed"].publish({ step: "listen for notices", error }),
    onCaution: (caution) => log.warn({}, caution),
  });
  try {
    const masterKey = loadMasterKey({
      env: options.masterKey ?? (process.env.POSTHORN_MASTER_KEY || undefined),
      ...keyFileOf(database),
      isNeeded: await hasServerSecret(store.secrets),
    });
    return await assemble({
      ...{ store, clock: store.clock, log, instrument, masterKey },
      destinations: new Destinations(
        new HttpDestination({
          policy,
          sender: new Sender({ policy, connections: checked.concurrency }),
          version: VERSION,
          propagatesTrace: options.propagateTrace === true,
        }),
      ),
      ...checked,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** @throws ConfigurationError, InvalidInputError for an option that is wrong. */
function checkedOptions(options: PosthornOptions) {
  const tooOld = tooOldNode(process.versions.node);
  if (tooOld !== undefined) throw new ConfigurationError(tooOld);
  refuseUnknownSettings("openPosthorn", options, POSTHORN_OPTIONS);
  const { database, worker = true, allowTargets = [], duplicateKeys = "replay", log = createLog() } = options;
  if (typeof database !== "string" || database === "") {
    throw new ConfigurationError(
      "database must be the path of a SQLite file to keep jobs in, or postgres://…",
    );
  }
  const { logSuccesses = false, propagateTrace = false } = options;
  for (const [name, value] of Object.entries({ worker, logSuccesses, propagateTrace }))
    if (typeof value !== "boolean") throw new ConfigurationError(`${name} must be true or false`);
  if (typeof (options.masterKey ?? "") !== "string")
    throw new ConfigurationError("masterKey must be a string: the base64 of 32 bytes");
  if (typeof log?.warn !== "function")
    throw new ConfigurationError("log must be a logger, such as createLog() or one of pino's");
  if (options.maxDatabaseBytes !== undefined)
    wholeNumberOf(options.maxDatabaseBytes, 1, Number.MAX_SAFE_INTEGER, ["maxDatabaseBytes"]);
  const { unknownTenants = "create", attemptTraces = "link", metricsEndpoints = 0 } = options;
  refuseUnlessOneOf(["create", "reject"], { unknownTenants });
  wholeNumberOf(metricsEndpoints, 0, MAX_ENDPOINTS_TOLD, ["metricsEndpoints"]);
  refuseUnlessOneOf(["link", "child"], { attemptTraces });
  refuseUnlessOneOf(["replay", "reject"], { duplicateKeys });
  const concurrency = checkedConcurrency(options.concurrency ?? DEFAULT_CONCURRENCY);
  const retention = { ...retentionPeriods(options), ...retainedSizes(database, options) };
  const keyRetentionMs = parseDuration(options.retainKeys ?? DEFAULT_RETAIN_KEYS, ["retainKeys"]);
  const drainMs = parseDuration(options.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT, ["drainTimeout"]);
  const policy = new TargetPolicy({ allow: allowTargets, egress: egressOf(options) });
  const breaker = breakerRules(options.breaker);
  const operational = operationalOptions(options);
  const payloadTags = new PayloadTags(options.payloadTags ?? {});
  return {
    ...{ database, log, policy, concurrency, worker, keepsAlive: worker, retention, keyRetentionMs, drainMs },
    ...{ duplicateKeys, unknownTenants, attemptTraces, metricsEndpoints, breaker, operational, payloadTags },
    tasks: options.tasks ?? [],
    schedules: options.schedules ?? [],
  };
}

function operationalOptions({
  operationalUrl: url,
  operationalSecret: secret,
}: PosthornOptions): OperationalOptions | undefined {
  if (url !== undefined) return { url, secret };
  if (secret === undefined) return undefined;
  throw new ConfigurationError(
    "operationalSecret (--operational-secret) signs what is sent to operationalUrl (--operational-url), which is missing",
  );
}

function refuseUnlessOneOf(choices: readonly string[], option: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(option))
    if (!choices.includes(value)) throw new ConfigurationError(`${name} must be ${choices.join(" or ")}`);
}

function checkedConcurrency(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return concurrency;
  throw new ConfigurationError(
    `concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}, not ${JSON.stringify(concurrency)}`,
  );
}
