import type { Kind } from "./column.ts";

/** What a `?` may stand for. */
export type Value = string | number | boolean | Uint8Array | null;

/** A statement and what stands for its `?`. */
export interface Call<Row> {
  readonly statement: Statement<Row>;
  readonly values: readonly Value[];
  /** Run right after it, if it gave a row. Insertions of values. */
  readonly ifGiven?: readonly Call<unknown>[];
}

/** The call, and what is written if it gives a row, which is if what it asks for was done: the entry of the audit, and what is told of it. */
export function audited<Row>(call: Call<Row>, ...entries: readonly (Call<unknown> | undefined)[]): Call<Row> {
  const ifGiven = entries.filter((entry) => entry !== undefined);
  return ifGiven.length > 0 ? { ...call, ifGiven } : call;
}

export interface StatementOptions {
  /** What the columns of its rows are, by the names that they have there; what is not named is read as it comes. */
  readonly gives: ReadonlyMap<string, Kind>;
  /** What the values are that it takes; those that are left out are given as they are. */
  readonly takes?: readonly Kind[];
  /** Others have to look for work once it is done. */
  readonly bringsWork?: boolean;
  /** A power cut may take back what it wrote: it need not be synced for its own sake. */
  readonly mayBeLost?: boolean;
}

/**
 * SQL in what both databases understand alike: `?` for values, tables with the prefix `posthorn.`, `on conflict`, `returning`,
 * `true` and `false`. A session prepares it once.
 */
export class Statement<Row> {
  readonly sql: string;
  readonly gives: ReadonlyMap<string, Kind>;
  readonly takes: readonly Kind[];
  readonly bringsWork: boolean;
  readonly mayBeLost: boolean;
  /** Never present; carries the type. */
  readonly row?: Row;

  constructor(sql: string, { gives, takes = [], bringsWork = false, mayBeLost = false }: StatementOptions) {
    this.sql = sql;
    this.gives = gives;
    this.takes = takes;
    this.bringsWork = bringsWork;
    this.mayBeLost = mayBeLost;
  }

  /** Those of its rows' columns that are of this kind. */
  columnsOf(wanted: Kind): string[] {
    return [...this.gives].filter(([, kind]) => kind === wanted).map(([column]) => column);
  }

  with(...values: readonly Value[]): Call<Row> {
    return { statement: this, values };
  }
}

/**
 * A database as the shelves see it. An operation is a fixed list of statements, its conditions in their SQL, since nothing can
 * be decided between two of them: SQLite runs them in one turn, PostgreSQL is sent them in one message.
 */
export interface Session {
  /** One that only reads. */
  read<Row>(call: Call<Row>): Promise<Row[]>;
  /** In one transaction, in this order; the rows that each of them gave. Each sees what those before it wrote. */
  write<Rows extends readonly unknown[]>(
    ...calls: { readonly [At in keyof Rows]: Call<Rows[At]> }
  ): Promise<{ [At in keyof Rows]: Rows[At][] }>;
}
