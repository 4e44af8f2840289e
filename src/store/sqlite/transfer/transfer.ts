import type { SQLInputValue } from "node:sqlite";
import {
  parseIdempotencyKey,
  type RecordCounts,
  type RecordKind,
  type RecordTypes,
  type Transfer,
} from "../../transfer.ts";
import type { Database, Statement } from "../driver/database.ts";
import { TransferJobs } from "./transfer-jobs.ts";

/** Kinds whose records are the rows of one table, column by column. */
type PlainKind = Exclude<RecordKind, "job">;

interface Table<Kind extends PlainKind> {
  readonly name: string;
  readonly key: readonly (keyof RecordTypes[Kind] & string)[];
  readonly columns: readonly (keyof RecordTypes[Kind] & string)[];
}

const TABLES: { readonly [Kind in PlainKind]: Table<Kind> } = {
  secret: { name: "secrets", key: ["name"], columns: ["name", "sealed"] },
  api_key: {
    name: "api_keys",
    key: ["id"],
    columns: ["id", "name", "role", "hash", "created_at", "revoked_at"],
  },
  group: {
    name: "groups",
    key: ["id"],
    columns: [
      "id",
      "on_settled",
      "total",
      "pending",
      "succeeded",
      "failed",
      "cancelled",
      "created_at",
      "settled_at",
    ],
  },
  idempotency_key: {
    name: "idempotency_keys",
    key: ["scope", "key"],
    columns: ["scope", "key", "fingerprint", "job", "expires_at"],
  },
  schedule: {
    name: "schedules",
    key: ["name"],
    columns: ["name", "cron", "time_zone", "missed", "job", "paused", "next_at", "last_at"],
  },
};

const PLAIN_KINDS = Object.keys(TABLES) as PlainKind[]; // it has no other keys

interface PlainStatements {
  readonly columns: readonly string[];
  readonly page: Statement<Record<string, SQLInputValue>>;
  readonly insert: Statement;
}

/** Everything that the database keeps, read in pages and written in batches. */
export class Transfers implements Transfer {
  readonly #db: Database;
  readonly #jobs: TransferJobs;
  readonly #plain: ReadonlyMap<RecordKind, PlainStatements>;

  constructor(db: Database) {
    this.#db = db;
    this.#jobs = new TransferJobs(db);
    this.#plain = new Map(PLAIN_KINDS.map((kind) => [kind, statementsOf(db, TABLES[kind])]));
  }

  counts(): Promise<RecordCounts> {
    const tables = PLAIN_KINDS.map((kind) => [kind, TABLES[kind].name] as const);
    return this.#db.read(() => {
      const counted = [...tables, ["job", "jobs"] as const].map(([kind, table]) => [
        kind,
        this.#count(table),
      ]);
      return Object.fromEntries(counted) as RecordCounts; // all kinds stand there
    });
  }

  page<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]> {
    return this.#db.read(() => this.#page(kind, after, limit) as RecordTypes[K][]); // of the kind that was asked for
  }

  add<K extends RecordKind>(kind: K, records: readonly RecordTypes[K][], now: number): Promise<number> {
    return this.#db.write(() => this.#add(kind, records, now));
  }

  #page(kind: RecordKind, after: string | null, limit: number): RecordTypes[RecordKind][] {
    const statements = this.#plain.get(kind);
    if (!statements) return this.#jobs.page(after ?? "", limit);
    const rows = statements.page.all(...placeOf(kind, after), limit);
    return rows.map((row) => toRecord(kind, row));
  }

  #add(kind: RecordKind, records: readonly RecordTypes[RecordKind][], now: number): number {
    const statements = this.#plain.get(kind);
    if (!statements) return this.#jobs.add(records as readonly RecordTypes["job"][], now); // the one kind that is not plain
    let added = 0;
    for (const record of records) {
      const row = record as unknown as Readonly<Record<string, SQLInputValue | boolean>>; // its columns are its fields
      added += statements.insert.run(...statements.columns.map((column) => toValue(row[column])));
    }
    return added;
  }

  /** Goes through all of it; prepared for the occasion, which is rare. */
  #count(table: string): number {
    return this.#db.prepare<{ n: number }>(`select count(*) as n from ${table}`).get()?.n ?? 0;
  }
}

function statementsOf(db: Database, table: Table<never> | Table<PlainKind>): PlainStatements {
  const { name, key, columns } = table;
  const list = columns.join(", ");
  const keys = key.join(", ");
  const places = (of: readonly string[]) => of.map(() => "?").join(", ");
  return {
    columns,
    page: db.prepare(
      `select ${list} from ${name} where (${keys}) > (${places(key)}) order by ${keys} limit ?`,
    ),
    insert: db.prepare(
      `insert into ${name} (${list}) values (${places(columns)}) on conflict (${keys}) do nothing`,
    ),
  };
}

function placeOf(kind: RecordKind, after: string | null): readonly string[] {
  if (kind !== "idempotency_key") return [after ?? ""];
  return after === null ? ["", ""] : parseIdempotencyKey(after);
}

function toRecord(kind: RecordKind, row: Record<string, SQLInputValue>): RecordTypes[RecordKind] {
  const record = kind === "schedule" ? { ...row, paused: row.paused === 1 } : { ...row };
  return record as unknown as RecordTypes[RecordKind]; // its fields are its columns
}

function toValue(value: SQLInputValue | boolean | undefined): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  return value ?? null;
}
