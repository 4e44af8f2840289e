import type { AttemptOutcome } from "../core/job.ts";
import { type AttemptClass, type AttemptEvidence, NO_EVIDENCE } from "../core/outcome.ts";
import { afterLoss, lostError } from "../core/transition.ts";
import { API_KEYS } from "./shelves/api-keys.ts";
import { AUDIT } from "./shelves/audit.ts";
import { BULK_RUNS } from "./shelves/bulk-runs.ts";
import { ENDPOINT_HEALTH } from "./shelves/endpoint-health.ts";
import { ENDPOINT_HISTORY } from "./shelves/endpoint-history.ts";
import { ENDPOINTS } from "./shelves/endpoints.ts";
import { EVENT_KEYS } from "./shelves/event-keys.ts";
import { EVENT_TYPES } from "./shelves/event-types.ts";
import { EVENTS } from "./shelves/events.ts";
import { FANOUTS } from "./shelves/fanouts.ts";
import { GROUPS, IDEMPOTENCY_KEYS } from "./shelves/hot-tables.ts";
import { SCHEDULES } from "./shelves/schedules.ts";
import { SECRETS } from "./shelves/secrets.ts";
import type { Described, RecordOf } from "./shelves/tables/table.ts";
import { TENANTS } from "./shelves/tenants.ts";

/**
 * Moves everything that a database keeps to another one, of either kind. Records are what an export file holds: times are
 * milliseconds since the epoch by the caller's clock, ids as the API shows them.
 */
export interface Transfer {
  /** How many records of each kind there are. */
  counts(): Promise<RecordCounts>;
  /**
   * Records in the order of their keys, from after `after` (`recordKey` of the last one); none when that was the last one. It
   * may be fewer than `limit`, so that a page stays within some megabytes. A job that runs is given as queued, its attempt as lost.
   */
  page<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]>;
  /**
   * Stores the records whose key does not exist yet, in one transaction; returns how many.
   * @throws StoreUnusableError when the database keeps its jobs in the order of their acceptance and holds younger ones.
   */
  add<K extends RecordKind>(kind: K, records: readonly RecordTypes[K][], now: number): Promise<number>;
}

// what jobs refer to comes before them, so that a database is consistent while it is being filled
const BEFORE_JOBS = {
  secret: SECRETS,
  api_key: API_KEYS,
  group: GROUPS,
  idempotency_key: IDEMPOTENCY_KEYS,
  tenant: TENANTS,
  event_type: EVENT_TYPES,
  endpoint: ENDPOINTS,
  endpoint_history: ENDPOINT_HISTORY,
  endpoint_health: ENDPOINT_HEALTH,
  event_key: EVENT_KEYS,
  event: EVENTS,
  fanout: FANOUTS,
  bulk_run: BULK_RUNS,
};
const AFTER_JOBS = { schedule: SCHEDULES, audit: AUDIT };

/** Tables whose rows are records, column by column. */
const RECORD_TABLES = { ...BEFORE_JOBS, ...AFTER_JOBS };

type RecordTables = typeof RECORD_TABLES;

/** A record is what one line of an export file holds. */
export interface RecordTypes extends TableRecordTypes {
  readonly job: JobRecord;
}

type TableRecordTypes = { readonly [K in keyof RecordTables]: RecordOf<RecordTables[K]> };

export type RecordKind = keyof RecordTypes;

export type RecordCounts = Readonly<Record<RecordKind, number>>;

/** In the order of an export. */
export const RECORD_KINDS = [
  ...Object.keys(BEFORE_JOBS),
  "job",
  ...Object.keys(AFTER_JOBS),
] as readonly RecordKind[]; // these have no other keys

/** A job with everything that belongs to it. Fields that do not apply to its status are null, or 0. */
export interface JobRecord {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly priority: number;
  readonly options: string;
  readonly payload: string;
  readonly max_attempts: number;
  readonly created_at: number;
  /** As JSON text. */
  readonly ties: string | null;
  readonly tenant: string | null;
  readonly event: string | null;
  readonly bulk: string | null;
  readonly trigger: string | null;
  readonly scheduled_for: number | null;
  /** A list of strings, as JSON text. */
  readonly tags: string | null;
  /** As JSON text. */
  readonly meta: string | null;
  readonly status: "queued" | "succeeded" | "failed" | "cancelled";
  readonly attempts: number;
  readonly started_at: number | null;
  /** While it is queued. */
  readonly failures: number;
  readonly losses: number;
  readonly run_at: number | null;
  /** Once it has ended. */
  readonly finished_at: number | null;
  readonly expires_at: number | null;
  readonly result: string | null;
  readonly error: string | null;
  /** Of the attempt that succeeded. */
  readonly began_at: number | null;
  readonly duration_ms: number | null;
  readonly code: number | null;
  readonly class: AttemptClass | null;
  readonly excerpt: string | null;
  /** The attempts that did not succeed, first to last. */
  readonly history: readonly AttemptRecord[];
}

export interface AttemptRecord extends AttemptEvidence {
  readonly n: number;
  readonly outcome: Exclude<AttemptOutcome, "succeeded">;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly error: string | null;
}

/** The fields of a job's record that stand in its row under the same names, in the order of the row. */
export const JOB_COLUMNS = [
  "id",
  "task",
  "lane",
  "priority",
  "options",
  "payload",
  "max_attempts",
  "created_at",
  "ties",
  "tenant",
  "event",
  "bulk",
  "trigger",
  "scheduled_for",
  "tags",
  "meta",
] as const satisfies readonly (keyof JobRecord)[];

/** Those that stand in the row of its end. */
export const END_COLUMNS = [
  "status",
  "attempts",
  "started_at",
  "finished_at",
  "expires_at",
  "result",
  "error",
  "began_at",
  "duration_ms",
  "code",
  "class",
  "excerpt",
] as const satisfies readonly (keyof JobRecord)[];

/** The columns of an attempt besides its job. */
export const ATTEMPT_COLUMNS = [
  "n",
  "outcome",
  "started_at",
  "duration_ms",
  "error",
  "code",
  "class",
  "excerpt",
  "fingerprint",
  "detail",
] as const satisfies readonly (keyof AttemptRecord)[];

/**
 * A running job as an export has it: as if it had been reclaimed from its worker, which the new database does not know. Nor can that
 * database know whether the job kills workers, so it never fails it for that.
 */
export function withoutLease(found: JobRecord & { readonly leased_at: number | null }): JobRecord {
  const { leased_at, ...job } = found;
  if (leased_at === null) return job;
  const { losses } = afterLoss({ ...job, leasedAt: leased_at, isAlone: false }, leased_at, "silent");
  const lost: AttemptRecord = {
    n: job.attempts,
    outcome: "lost",
    started_at: leased_at,
    duration_ms: 0,
    error: lostError("silent"),
    ...NO_EVIDENCE,
  };
  return { ...job, losses, run_at: leased_at, history: [...job.history, lost] };
}

/** The fingerprint that a job failed with, for the index of those that failed alike. */
export function failedAs({ status, history }: JobRecord): string | null {
  return status === "failed" ? (history.at(-1)?.fingerprint ?? null) : null;
}

/** The table whose rows the records are; undefined for jobs, which are in several. */
export function tableOf(kind: RecordKind): Described | undefined {
  return kind === "job" ? undefined : RECORD_TABLES[kind];
}

/** Keys of one column are texts. */
export type KeyPart = string | number;

/** Identifies a record among its kind, and marks where an export continues. */
export function recordKey<K extends RecordKind>(kind: K, record: RecordTypes[K]): string {
  const values = record as unknown as Readonly<Record<string, KeyPart>>; // its columns are its fields
  const key = (tableOf(kind)?.key ?? ["id"]).map((column) => values[column] ?? "");
  return key.length === 1 ? key.join() : JSON.stringify(key);
}

/** The values of the table's key. */
export function parseRecordKey({ key }: Described, text: string): readonly KeyPart[] {
  return key.length === 1 ? [text] : (JSON.parse(text) as KeyPart[]); // only `recordKey` makes it
}
