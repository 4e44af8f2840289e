import { count, json, oneOf, text, time } from "../tables/column.ts";
import type { Session } from "../tables/session.ts";
import { type FieldsOf, Table } from "../tables/table.ts";

/**
 * How much happened in a span of time, in rows that one process owns and writes as a whole: written again, a row counts nothing twice, and
 * no two processes write the same one. They are in no export.
 */
export interface StatShelf {
  /** Writes each in place of the one that it had before. */
  put(rows: readonly StatRow[]): Promise<void>;
  /** Of all tasks together, or of one, from a moment on, the oldest first. */
  since(span: StatRow["span"], from: number, task: string): Promise<StatRow[]>;
  /** Of every task, of one span of time. */
  at(span: StatRow["span"], at: number, until: number): Promise<StatRow[]>;
  /** Deletes what is older, some at a time; whether there may be more. */
  forget(span: StatRow["span"], before: number): Promise<boolean>;
}

const STATS = new Table("stats", ["span"], {
  span: oneOf("minute", "hour"),
  /** When it begins. */
  bucket_at: time,
  /** The process that counted; empty for all of them together. */
  process: text,
  /** Empty for all of them together. */
  task: text,
  accepted: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  retried: count,
  /** How many took how long, in the buckets of the metrics. */
  waits: json,
  attempts: json,
});

export type StatRow = FieldsOf<typeof STATS>;

const COUNTED = ["accepted", "succeeded", "failed", "cancelled", "retried", "waits", "attempts"] as const;

const PUT = STATS.statement(
  `
  ${STATS.insertion}
  on conflict (span, bucket_at, process, task) do update
  set ${COUNTED.map((column) => `${column} = excluded.${column}`).join(", ")}`,
  { mayBeLost: true },
);

const SINCE = STATS.statement(`
  select ${STATS.fields}
  from posthorn.stats
  where span = ? and bucket_at >= ? and task = ?
  order by bucket_at`);

const AT = STATS.statement(`
  select ${STATS.fields}
  from posthorn.stats
  where span = ? and bucket_at >= ? and bucket_at < ?
  order by bucket_at`);

const MOST_FORGOTTEN = 1_000;

const FORGET = STATS.statement(
  `
  delete from posthorn.stats
  where (span, bucket_at, process, task) in (
    select span, bucket_at, process, task
    from posthorn.stats
    where span = ? and bucket_at < ?
    order by bucket_at
    limit ${MOST_FORGOTTEN}
  )
  returning ${STATS.fields}`,
  { mayBeLost: true },
);

export class Stats implements StatShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async put(rows: readonly StatRow[]): Promise<void> {
    await this.#session.write(...rows.map((row) => PUT.with(...STATS.valuesOf(row))));
  }

  since(span: StatRow["span"], from: number, task: string): Promise<StatRow[]> {
    return this.#session.read(SINCE.with(span, from, task));
  }

  at(span: StatRow["span"], at: number, until: number): Promise<StatRow[]> {
    return this.#session.read(AT.with(span, at, until));
  }

  async forget(span: StatRow["span"], before: number): Promise<boolean> {
    const [gone] = await this.#session.write(FORGET.with(span, before));
    return gone.length === MOST_FORGOTTEN;
  }
}
