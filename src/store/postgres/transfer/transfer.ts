import {
  parseIdempotencyKey,
  type RecordCounts,
  type RecordKind,
  type RecordTypes,
  type Transfer,
} from "../../transfer.ts";
import type { Database } from "../driver/database.ts";
import { jsonOf, type Statement, statement, type Value } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";
import { addJobs, COUNT_JOBS, pageOfJobs } from "./transfer-jobs.ts";

/** Kinds whose records are the rows of one table, column by column. */
type PlainKind = Exclude<RecordKind, "job">;

type Fields = Record<string, Value>;

interface Plain {
  readonly page: Statement<Fields>;
  readonly insert: Statement<{ n: number }>;
  readonly count: Statement<{ n: number }>;
}

const PLAIN: Readonly<Record<PlainKind, Plain>> = {
  secret: plain("secrets", ["name"], ["name", "sealed"]),
  api_key: plain("api_keys", ["id"], ["id", "name", "role", "hash", "created_at", "revoked_at"]),
  group: plain(
    "groups",
    ["id"],
    ["id", "on_settled", "total", "pending", "succeeded", "failed", "cancelled", "created_at", "settled_at"],
  ),
  idempotency_key: plain(
    "idempotency_keys",
    ["scope", "key"],
    ["scope", "key", "fingerprint", "job", "expires_at"],
  ),
  schedule: plain(
    "schedules",
    ["name"],
    ["name", "cron", "time_zone", "missed", "job", "paused", "next_at", "last_at"],
  ),
};

function plain(table: string, key: readonly string[], columns: readonly string[]): Plain {
  const list = columns.join(", ");
  const keys = key.join(", ");
  const after = key.map((_, at) => `$${at + 1}`).join(", ");
  return {
    page: statement(`
      select ${list}
      from posthorn.${table}
      where (${keys}) > (${after})
      order by ${keys}
      limit $${key.length + 1}::int`),
    // columns are named as the records' fields are
    insert: statement(`
      with added as (
        insert into posthorn.${table} (${list})
        select ${list}
        from json_populate_recordset(null::posthorn.${table}, $1::json)
        on conflict (${keys}) do nothing
        returning 1
      )
      select count(*) as n from added`),
    count: statement(`select count(*) as n from posthorn.${table}`),
  };
}

/** Everything that the database keeps, read in pages and written in batches. */
export class Transfers implements Transfer {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async counts(): Promise<RecordCounts> {
    const kinds = [...Object.entries(PLAIN).map(([kind, { count }]) => [kind, count] as const)];
    const counted: [string, number][] = [];
    for (const [kind, count] of [...kinds, ["job", COUNT_JOBS] as const]) {
      const [row] = await this.#db.run<{ n: number }>(count);
      counted.push([kind, row?.n ?? 0]);
    }
    return Object.fromEntries(counted) as RecordCounts; // all kinds stand there
  }

  page<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]> {
    return this.#page(kind, after, limit) as Promise<RecordTypes[K][]>; // of the kind that was asked for
  }

  async #page(kind: RecordKind, after: string | null, limit: number): Promise<RecordTypes[RecordKind][]> {
    if (kind === "job") return pageOfJobs(this.#db, after, limit);
    const { page } = PLAIN[kind];
    const rows = await this.#db.run(page, ...placeOf(kind, after), limit);
    return rows.map((row) => {
      const fields = { ...row };
      if (kind === "idempotency_key") fields.job = jobIdOf(String(fields.job));
      return fields as unknown as RecordTypes[RecordKind]; // its fields are its columns
    });
  }

  add<K extends RecordKind>(kind: K, records: readonly RecordTypes[K][], now: number): Promise<number> {
    if (records.length === 0) return Promise.resolve(0);
    return this.#add(kind, records, now);
  }

  #add(kind: RecordKind, records: readonly RecordTypes[RecordKind][], now: number): Promise<number> {
    return this.#db.write(async (transaction) => {
      transaction.tell("work");
      // the one kind that is not plain
      if (kind === "job") return addJobs(transaction, records as readonly RecordTypes["job"][], now);
      const { insert } = PLAIN[kind];
      const [added] = await transaction.run(insert, rowsOf(kind, records));
      return added?.n ?? 0;
    });
  }
}

function rowsOf(kind: PlainKind, records: readonly RecordTypes[RecordKind][]): string {
  const rows = records.map((record) => {
    const fields = { ...(record as unknown as Fields) }; // its columns are its fields
    if (kind === "idempotency_key") fields.job = uuidOf(String(fields.job));
    return fields;
  });
  return jsonOf(rows);
}

function placeOf(kind: PlainKind, after: string | null): readonly string[] {
  if (kind !== "idempotency_key") return [after ?? ""];
  return after === null ? ["", ""] : parseIdempotencyKey(after);
}
