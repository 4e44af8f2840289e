import type { Duration } from "../../core/duration.ts";
import type { JobStatus } from "../../core/job.ts";
import type { AttemptClass } from "../../core/outcome.ts";
import type { Waiting } from "../../store/job-records.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";

export type BulkAction = BulkRun["action"];

/**
 * What to do, and with which jobs.
 * @example
 * await posthorn.bulk.start({ action: "redeliver", filter: { tenant: "acme", createdFrom: "24h" }, note: "their outage" });
 */
export interface BulkRequest {
  /**
   * `redeliver` queues failed and cancelled webhooks again, and creates a new delivery of events that were delivered; `rerun` queues failed
   * and cancelled tasks again; `run_now` makes jobs due now that wait for a later time; `cancel` cancels jobs; `replay` sends an endpoint
   * its tenant's events of a period (see `what`); `erase` permanently erases the payloads of a tenant's events of a period.
   */
  readonly action: BulkAction;
  /** At least one condition. */
  readonly filter: BulkFilter;
  /**
   * For a replay. `failed` (default) queues failed deliveries again; `missing` sends events that the endpoint wants now and has no delivery
   * of; `all` does both, and sends again what was already delivered.
   */
  readonly what?: "failed" | "missing" | "all";
  /** Jobs per second and endpoint, from 1 to 10 000. Default 50, or the endpoint's own rate if that is lower. */
  readonly pace?: number;
  /** How long the run waits before it starts. Until then it can be undone entirely. Default 10 s, at most a day. */
  readonly startsIn?: Duration;
  /** For people to read. */
  readonly note?: string;
}

/** Which jobs: those that meet every given condition. A time may also be a duration before now, such as `24h`. */
export interface BulkFilter {
  /** Default: failed for `redeliver`; failed and cancelled for `rerun`; for the others, every status that the action applies to. */
  readonly status?: JobStatus | readonly JobStatus[];
  readonly task?: string;
  /** The endpoint's id, or its uid if `tenant` is given as well. */
  readonly endpoint?: string;
  readonly lane?: string;
  /** The tenant's id or uid. */
  readonly tenant?: string;
  readonly tag?: string;
  readonly group?: string;
  readonly key?: string;
  /** Deliveries of the event with this id. */
  readonly event?: string;
  /** Created, re-queued, made due or cancelled by the bulk run with this id. */
  readonly bulk?: string;
  /** Their trigger: `manual` for events that somebody redelivered by hand. */
  readonly trigger?: string;
  /** The fingerprint of a group of failures. */
  readonly fingerprint?: string;
  /** The class of their last attempt: `5xx`, `timeout`, … A replay takes one or several. */
  readonly class?: AttemptClass | readonly AttemptClass[];
  /** For a replay: events of this type, or of one of these types (at most 100). */
  readonly type?: string | readonly string[];
  /** For a replay: events that were sent to this channel. */
  readonly channel?: string;
  /** Jobs with at least this many attempts. */
  readonly attemptsFrom?: number;
  /** Queued, and waiting for a worker (`ready`), due later (`scheduled`), or held up (`held`). */
  readonly waiting?: Waiting;
  /** Jobs whose last completed attempt took at least this long, or that have been running for as long. */
  readonly durationFrom?: Duration;
  readonly createdFrom?: Date | string;
  readonly createdBefore?: Date | string;
  readonly finishedFrom?: Date | string;
  readonly finishedBefore?: Date | string;
  /** Queued, and due at or after this time. */
  readonly dueFrom?: Date | string;
  /** Queued, and due before. */
  readonly dueBefore?: Date | string;
  /** Only these jobs, by id: at most 1000. */
  readonly ids?: readonly string[];
}

/** Looks up tenants and endpoints, which the engine knows nothing about. */
export interface BulkPlaces {
  /** A tenant, by its id or uid. @throws NotFoundError */
  tenant(name: string): Promise<{ readonly id: string; readonly mode: "live" | "test" }>;
  /** The id and lane of an endpoint. @throws NotFoundError */
  endpoint(tenant: string, name: string): Promise<{ readonly id: string; readonly lane: string }>;
  /** The most jobs per second that a lane may be given; undefined if it has no limit of its own. */
  rateOf(lane: string): Promise<number | undefined>;
  /** The task that delivers. */
  readonly deliverTask: string;
  /** Tasks of the server itself. */
  readonly ownTasks: readonly string[];
}
