import type { Duration } from "./core/duration.ts";
import type { Log } from "./observe/log.ts";
import type { AttemptTraces } from "./observe/traces/attempt-span.ts";
import type { ScheduleDefinition } from "./tasks/schedule.ts";
import type { TaskDefinition } from "./tasks/task-definition.ts";
import type { BreakerOptions } from "./webhooks/breaker/breaker-options.ts";

/** The options of `openPosthorn`. Durations are milliseconds, or strings such as `"30s"`. */
export interface PosthornOptions {
  /**
   * A SQLite file, created if it does not exist; or `postgres://…`, a database in which Posthorn creates a schema of its own. If several
   * hosts are given, separated by commas, the one that accepts writes is used.
   */
  readonly database: string;
  /**
   * The schema of Posthorn's tables in a PostgreSQL database, created if it does not exist, so that independent installations can share a
   * database. Default `posthorn`. Refused for a SQLite file.
   */
  readonly schema?: string;
  /** This program's tasks. Those with a handler are run here, and `POST /tasks/{name}` knows them by name. */
  readonly tasks?: readonly TaskDefinition[];
  /** Recurring jobs. Every process may declare the same ones. */
  readonly schedules?: readonly ScheduleDefinition[];
  /** How many handlers run at once, including deliveries. Default 64, from 1 to 1000. */
  readonly concurrency?: number;
  /** Whether this process runs jobs, which keeps it alive until it is closed. `false`: it only accepts and looks up jobs. Default true. */
  readonly worker?: boolean;
  /** Targets to allow although they are not public: CIDRs, addresses, host names, or names that start with `*.`. Default none. */
  readonly allowTargets?: readonly string[];
  /**
   * An HTTP proxy that all deliveries go through, with CONNECT: `http://user:password@proxy.internal:3128`. Targets are still resolved and
   * checked here. Default none.
   */
  readonly egressProxy?: string;
  /** More proxies, by the names by which endpoints choose them (`egress`). Default none. */
  readonly egressProxies?: Readonly<Record<string, string>>;
  /**
   * The address of this machine that deliveries are sent from. Only targets of its family (IPv4 or IPv6) can be reached. Default: the
   * system's choice.
   */
  readonly egressAddress?: string;
  /** Whether receivers of webhooks get `traceparent` and `tracestate`, which reveal your trace ids to them. Default false. */
  readonly propagateTrace?: boolean;
  /** How many endpoints the metrics name by id: those that fail most, and those that wait longest. Default 0, at most 1000. */
  readonly metricsEndpoints?: number;
  /**
   * How attempts' spans relate to the trace that enqueued their job. `link` starts a trace for each attempt, linked to that one, so that
   * days of retries do not stretch a single trace; `child` keeps attempts in that trace. Default `link`.
   */
  readonly attemptTraces?: AttemptTraces;
  /**
   * The key that encrypts stored secrets: 32 bytes in base64. Of several keys, separated by commas, the first encrypts, and all of them
   * decrypt. Default: `POSTHORN_MASTER_KEY`, or else a key file: `<database>.key` next to a SQLite file, created if it does not exist; for
   * PostgreSQL `posthorn.key` in the working directory, which you create yourself.
   */
  readonly masterKey?: string;
  /** How long finished jobs, events and groups are kept. Default 30 days. */
  readonly retainJobs?: Duration;
  /** How long succeeded jobs are kept. Default: as `retainJobs`. */
  readonly retainSucceeded?: Duration;
  /** How long failed and cancelled jobs are kept. Default: as `retainJobs`. */
  readonly retainFailed?: Duration;
  /**
   * The size of the SQLite file, in bytes, above which the oldest finished jobs are deleted early, succeeded ones first, with the events
   * that only they delivered. Refused on PostgreSQL. Default: jobs are deleted by age only.
   */
  readonly retainBytes?: number;
  /**
   * How many bytes succeeded jobs may hold (inputs, results, attempts, their share of their events' payloads, and some 500 bytes each)
   * before the oldest of them are deleted early. Measured every ten minutes, or less often with millions of jobs. Default: jobs are deleted
   * by age only.
   */
  readonly retainSucceededBytes?: number;
  /** The same for jobs that failed or were cancelled. */
  readonly retainFailedBytes?: number;
  /** How long the audit is kept. Default 400 days. */
  readonly retainAudit?: Duration;
  /** How long idempotency keys are remembered. Default 24 hours. */
  readonly retainKeys?: Duration;
  /** What repeating an idempotency key does: `replay` returns the first answer, `reject` throws DuplicateKeyError. Default `replay`. */
  readonly duplicateKeys?: "replay" | "reject";
  /** What an event for an unknown tenant does: `create` creates the tenant, `reject` throws NotFoundError. Default `create`. */
  readonly unknownTenants?: "create" | "reject";
  /** When deliveries to a failing endpoint wait, and when it is disabled. Give all processes of a fleet the same. */
  readonly breaker?: BreakerOptions;
  /**
   * A URL that receives operational events: an endpoint was disabled, deliveries keep failing, a bulk run has ended. It becomes the
   * endpoint `operational-url` of the reserved tenant `posthorn`, and stays until you delete it, even if processes start without this
   * option. Default: only endpoints registered for that tenant receive them. See docs/operational-events.md.
   */
  readonly operationalUrl?: string;
  /** The secret that signs what is sent there: `whsec_…` or `whsk_…`. Default: one is generated and stored. */
  readonly operationalSecret?: string;
  /**
   * The size of the SQLite file, in bytes, above which new jobs are refused with StoreUnavailableError. Refused on PostgreSQL. Default: only
   * the disk limits it.
   */
  readonly maxDatabaseBytes?: number;
  /**
   * Tags to read out of payloads and inputs, by their names: with `{ order: "$.data.id" }`, what has 42 there is tagged `order:42`. Values that
   * are no tag, and all beyond ten tags, are left out. Tags are shown to everyone who may look jobs up, so name nothing that is redacted. Default: none.
   */
  readonly payloadTags?: Readonly<Record<string, string>>;
  /** How long `close` waits for running jobs. Default 30 seconds. */
  readonly drainTimeout?: Duration;
  /** Default: JSON lines on standard error, from `info`. */
  readonly log?: Log;
  /** Whether to log successful attempts as well as failed ones and deliveries that take 5 seconds or more. Default false. */
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
  "payloadTags",
  "drainTimeout",
  "propagateTrace",
  "attemptTraces",
  "metricsEndpoints",
  "logSuccesses",
  "log",
] satisfies (keyof PosthornOptions)[];
