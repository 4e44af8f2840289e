import type { Duration } from "./core/duration.ts";
import type { Log } from "./observe/log.ts";
import type { AttemptTraces } from "./observe/traces/attempt-span.ts";
import type { ScheduleDefinition } from "./tasks/schedule.ts";
import type { TaskDefinition } from "./tasks/task-definition.ts";
import type { BreakerOptions } from "./webhooks/breaker/breaker-options.ts";

/** The options of `openPosthorn`. Durations are milliseconds, or strings such as `"30s"`. */
export interface PosthornOptions {
  /**
   * The SQLite file, made when it does not exist; or `postgres://…`, in whose database Posthorn makes a schema of its own. Of several
   * hosts with commas between, the one that takes writes is used.
   */
  readonly database: string;
  /**
   * The schema that holds Posthorn's tables in a PostgreSQL database, made when it does not exist: several Posthorns in one database,
   * which know nothing of each other. Default `posthorn`. For a SQLite file it is refused.
   */
  readonly schema?: string;
  /** The tasks of this program: handled when they have a handler, and known by name to `POST /tasks/{name}`. */
  readonly tasks?: readonly TaskDefinition[];
  /** Recurring jobs. Every process may declare the same. */
  readonly schedules?: readonly ScheduleDefinition[];
  /** How many handlers, deliveries included, run at once. Default 64, from 1 to 1000. */
  readonly concurrency?: number;
  /** `false`: accepts and looks up jobs, runs none. Default true: it runs jobs, and keeps the process alive, until it is closed. */
  readonly worker?: boolean;
  /** Targets to let through although they are not public: CIDRs, addresses, host names, `*.` names. Default none. */
  readonly allowTargets?: readonly string[];
  /**
   * An HTTP proxy that all deliveries go through, with CONNECT: `http://user:password@proxy.internal:3128`. Targets are still resolved and
   * checked here. Default none.
   */
  readonly egressProxy?: string;
  /** Other proxies, by the names that endpoints choose them by (`egress`). Default none. */
  readonly egressProxies?: Readonly<Record<string, string>>;
  /** The address of this machine that deliveries leave from; only targets of its family (IPv4 or IPv6) are reached. Default: the system's choice. */
  readonly egressAddress?: string;
  /** Whether receivers of webhooks get `traceparent` and `tracestate`, which tell them ids of yours. Default false. */
  readonly propagateTrace?: boolean;
  /** Of how many endpoints, those that do worst, the metrics tell, by their ids. Default 0, at most 1000. */
  readonly metricsEndpoints?: number;
  /**
   * How the spans of attempts belong to where their job was enqueued: `link` begins a trace for each attempt, with a link to that
   * place, so that retries of days do not stretch one trace; `child` keeps them in its trace. Default `link`.
   */
  readonly attemptTraces?: AttemptTraces;
  /**
   * 32 bytes in base64, which secrets are encrypted under; or several with commas between, of which the first encrypts, and all decrypt. Default: `POSTHORN_MASTER_KEY`, else a key file: `<database>.key` next to a
   * SQLite file, created if it does not exist; for PostgreSQL `posthorn.key` in the working directory, which you create yourself.
   */
  readonly masterKey?: string;
  /** How long finished jobs are kept, and events and groups. Default 30 days. */
  readonly retainJobs?: Duration;
  /** How long jobs are kept that succeeded. Default: as `retainJobs`. */
  readonly retainSucceeded?: Duration;
  /** How long jobs are kept that failed or were cancelled. Default: as `retainJobs`. */
  readonly retainFailed?: Duration;
  /**
   * Above so many bytes, the oldest jobs that have ended are deleted before their time, succeeded ones first, and the events that only they
   * delivered. Of a SQLite file; on PostgreSQL it is refused. Default: they go by their age alone.
   */
  readonly retainBytes?: number;
  /**
   * Above so many bytes that succeeded jobs hold (inputs, results, attempts and their share of their events, some 500 bytes each besides), the
   * oldest of them are deleted before their time. Weighed every ten minutes, or less often where there are millions. Default: they go by their age alone.
   */
  readonly retainSucceededBytes?: number;
  /** The same of jobs that failed or were cancelled. */
  readonly retainFailedBytes?: number;
  /** How long it is kept who changed what. Default 400 days. */
  readonly retainAudit?: Duration;
  /** How long idempotency keys are remembered. Default 24 hours. */
  readonly retainKeys?: Duration;
  /** What a second request with the same idempotency key gets: the first answer, or DuplicateKeyError. Default `replay`. */
  readonly duplicateKeys?: "replay" | "reject";
  /** An event for a tenant that nobody has made: `create` makes it, `reject` throws NotFoundError. Default `create`. */
  readonly unknownTenants?: "create" | "reject";
  /** When endpoints that fail are left alone. The same for all processes of a fleet. */
  readonly breaker?: BreakerOptions;
  /**
   * A URL that is told what operators should know: an endpoint was disabled, deliveries keep failing, a bulk run has ended. It becomes the
   * endpoint `operational-url` of the reserved tenant `posthorn`, which stays, also for processes without this option, until it is
   * deleted. Default: only the endpoints that were registered for that tenant are told. See docs/operational-events.md.
   */
  readonly operationalUrl?: string;
  /** The secret that signs what is sent there: `whsec_…` or `whsk_…`. Default: one is made, and kept. */
  readonly operationalSecret?: string;
  /**
   * New jobs are refused (StoreUnavailableError) once the SQLite file holds this many bytes. Default: no limit but the disk's. On
   * PostgreSQL it is refused.
   */
  readonly maxDatabaseBytes?: number;
  /** How long `close` waits for running jobs. Default 30 seconds. */
  readonly drainTimeout?: Duration;
  /** Default: JSON lines on standard error, from `info`. */
  readonly log?: Log;
  /** Whether attempts that succeed are logged too, not only those that fail and deliveries that take 5 seconds or more. Default false. */
  readonly logSuccesses?: boolean;
}

/** Their names. */
export const POSTHORN_OPTIONS = [
  "database",
  "schema",
  "tasks",
  "schedules",
  "concurrency",
  "worker",
  "allowTargets",
  "egressProxy",
  "egressProxies",
  "egressAddress",
  "masterKey",
  "retainJobs",
  "retainSucceeded",
  "retainFailed",
  "retainBytes",
  "retainSucceededBytes",
  "retainFailedBytes",
  "retainAudit",
  "retainKeys",
  "duplicateKeys",
  "unknownTenants",
  "breaker",
  "operationalUrl",
  "operationalSecret",
  "maxDatabaseBytes",
  "drainTimeout",
  "propagateTrace",
  "attemptTraces",
  "metricsEndpoints",
  "logSuccesses",
  "log",
] satisfies (keyof PosthornOptions)[];
