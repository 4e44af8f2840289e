import {
  type JobRecord,
  parseRecordKey,
  RECORD_KINDS,
  type RecordCounts,
  type RecordKind,
  type RecordTypes,
  type Transfer,
  tableOf,
} from "../transfer.ts";
import { KEYS_SCOPE, moving, TYPES_SCOPE } from "./registry.ts";
import type { Session } from "./tables/session.ts";
import { type Row, TableRecords } from "./tables/table-records.ts";

/** The one kind whose records are put together from several tables, by each store in its own way. */
export interface JobTransfer {
  count(): Promise<number>;
  page(after: string | null, limit: number): Promise<JobRecord[]>;
  add(jobs: readonly JobRecord[], now: number): Promise<number>;
}

/** Everything that a database keeps. */
export class Transfers implements Transfer {
  readonly #rows: TableRecords;
  readonly #jobs: JobTransfer;

  constructor(session: Session, jobs: JobTransfer) {
    this.#rows = new TableRecords(session);
    this.#jobs = jobs;
  }

  async counts(): Promise<RecordCounts> {
    const counted: [RecordKind, number][] = [];
    for (const kind of RECORD_KINDS) {
      const table = tableOf(kind);
      counted.push([kind, await (table ? this.#rows.count(table) : this.#jobs.count())]);
    }
    return Object.fromEntries(counted) as RecordCounts; // all kinds stand there
  }

  async page<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]> {
    const page = await this.#page(kind, after, limit);
    return page as readonly unknown[] as RecordTypes[K][]; // of the kind that was asked for
  }

  async add<K extends RecordKind>(kind: K, records: readonly RecordTypes[K][], now: number): Promise<number> {
    if (records.length === 0) return 0;
    const rows: readonly unknown[] = records;
    const table = tableOf(kind);
    return table
      ? this.#rows.add(table, rows as readonly Row[], scopesOf(kind, rows as readonly Row[]).flatMap(moving))
      : this.#jobs.add(rows as readonly JobRecord[], now);
  }

  #page(kind: RecordKind, after: string | null, limit: number) {
    const table = tableOf(kind);
    if (!table) return this.#jobs.page(after, limit);
    return this.#rows.page(table, after === null ? null : parseRecordKey(table, after), limit);
  }
}

/** Of what other processes have to read again. */
function scopesOf(kind: RecordKind, rows: readonly Row[]): string[] {
  if (kind === "api_key") return [KEYS_SCOPE];
  if (kind === "event_type") return [TYPES_SCOPE];
  const column = kind === "tenant" ? "id" : kind === "endpoint" ? "tenant" : undefined;
  return column === undefined ? [] : [...new Set(rows.map((row) => String(row[column])))];
}
