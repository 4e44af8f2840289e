import { type Session, Statement, type Value } from "./session.ts";
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

  /** In the order of their keys, from after the one with the key `after`. */
  page(table: Described, after: readonly string[] | null, limit: number): Promise<Row[]> {
    const { page } = this.#of(table);
    return this.#session.read(page.with(...(after ?? table.key.map(() => "")), limit));
  }

  /** Keeps those whose key is not there yet, in one transaction; how many those were. */
  async add(table: Described, rows: readonly Row[]): Promise<number> {
    const { add } = this.#of(table);
    const columns = Object.keys(table.columns);
    const calls = rows.map((row) => add.with(...columns.map((column) => row[column] ?? null)));
    const added = await this.#session.write(...calls);
    return added.flat().length;
  }

  #of(table: Described): Statements {
    const known = this.#statements.get(table);
    if (known) return known;
    const statements = statementsOf(table);
    this.#statements.set(table, statements);
    return statements;
  }
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
    page: new Statement(page, { gives }),
    add: new Statement(add, { gives: new Map(), takes: [...gives.values()], bringsWork: true }),
  };
}
