import { firstIdAt } from "../../../core/id.ts";
import { PAGE_BYTES } from "../../page-bytes.ts";
import type { Kind } from "./column.ts";
import { type Call, type Session, Statement, type Value } from "./session.ts";
import type { Described } from "./table.ts";

export type Row = Readonly<Record<string, Value>>;

interface Statements {
  readonly count: Statement<{ readonly n: number }>;
  readonly page: Statement<Row>;
  readonly add: Statement<Row>;
}

/** The rows of tables as an export has them. */
export class TableRecords {
  readonly #session: Session;
  readonly #statements = new Map<Described, Statements>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Goes through all of them. */
  async count(table: Described): Promise<number> {
    const [counted] = await this.#session.read(this.#of(table).count.with());
    return counted?.n ?? 0;
  }

  /** In the order of their keys, from after the one with the key `after`; fewer than `limit` where they are large. */
  async page(table: Described, after: readonly (string | number)[] | null, limit: number): Promise<Row[]> {
    const { page } = this.#of(table);
    const columns = columnsOf(table, "bytes");
    const rows: Row[] = [];
    let from: readonly Value[] = after ?? table.key.map((column) => firstOf(table.columns[column]?.kind));
    let bytes = 0;
    const atOnce = columns.length > 0 ? FEW_ROWS : limit;
    while (rows.length < limit && bytes < PAGE_BYTES) {
      const found = await this.#session.read(page.with(...from, Math.min(atOnce, limit - rows.length)));
      for (const row of found) for (const column of columns) bytes += bytesOf(row[column])?.length ?? 0;
      rows.push(...found.map((row) => recorded(row, columns)));
      const last = found.at(-1);
      if (!last || found.length < atOnce) break;
      from = table.key.map((column) => last[column] ?? null);
    }
    return rows;
  }

  /** Stores those whose key does not exist yet, in one transaction that begins with `first`; returns how many. */
  async add(table: Described, rows: readonly Row[], first: readonly Call<never>[]): Promise<number> {
    const { add } = this.#of(table);
    const columns = Object.keys(table.columns);
    const ofBytes = columnsOf(table, "bytes");
    const calls = rows.map((record) => {
      const row = kept(record, ofBytes);
      return add.with(...columns.map((column) => row[column] ?? null));
    });
    const added = await this.#session.write<readonly unknown[]>(...first, ...calls);
    return added.flat().length; // those of `first` give no rows
  }

  #of(table: Described): Statements {
    const known = this.#statements.get(table);
    if (known) return known;
    const statements = statementsOf(table);
    this.#statements.set(table, statements);
    return statements;
  }
}

/** How many rows of tables with payloads are read at a time. */
const FEW_ROWS = 16;

/** Sorts before every other: a database may refuse an invalid id. */
function firstOf(kind: Kind | undefined): Value {
  if (kind === "event_id") return firstIdAt("msg", 0);
  return kind === "count" ? -1 : "";
}

function columnsOf({ columns }: Described, wanted: Kind): string[] {
  return Object.entries(columns).flatMap(([column, { kind }]) => (kind === wanted ? [column] : []));
}

function recorded(row: Row, ofBytes: readonly string[]): Row {
  if (ofBytes.length === 0) return row;
  const base64 = ofBytes.map((column) => [column, bytesOf(row[column])?.toString("base64") ?? null] as const);
  return { ...row, ...Object.fromEntries(base64) };
}

function kept(record: Row, ofBytes: readonly string[]): Row {
  if (ofBytes.length === 0) return record;
  const bytes = ofBytes.map((column) => {
    const text = record[column];
    return [column, typeof text === "string" ? Buffer.from(text, "base64") : null] as const;
  });
  return { ...record, ...Object.fromEntries(bytes) };
}

function bytesOf(value: Value | undefined): Buffer | undefined {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

function statementsOf({ name, key, columns, insertion }: Described): Statements {
  const kinds = Object.entries(columns).map(([column, { kind }]) => [column, kind] as const);
  const gives = new Map(kinds);
  const keys = key.join(", ");
  const places = key.map(() => "?").join(", ");
  const page = `
    select ${[...gives.keys()].join(", ")}
    from posthorn.${name}
    where (${keys}) > (${places})
    order by ${keys}
    limit ?`;
  const add = `
    ${insertion}
    on conflict (${keys}) do nothing
    returning ${keys}`;
  return {
    count: new Statement(`select count(*) as n from posthorn.${name}`, { gives: new Map() }),
    page: new Statement(page, { gives, takes: key.map((column) => gives.get(column) ?? "text") }),
    add: new Statement(add, { gives: new Map(), takes: [...gives.values()], bringsWork: true }),
  };
}
