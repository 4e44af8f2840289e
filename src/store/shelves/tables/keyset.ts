import type { Session, Statement, Value } from "./session.ts";
import type { Columns, FieldsOf, Table } from "./table.ts";

/** A page of a list that goes by the keys of its rows. */
export interface KeyPage {
  /** How many at most. */
  readonly limit: number;
  readonly order: "ascending" | "descending";
  /** The key that the page follows in the list's order; */
  readonly after?: string | undefined;
  /** or the one that it ends before, and then nothing else counts. Without either it is the first page. */
  readonly before?: string | undefined;
}

/** The rows of a page, in the list's order. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  /** Whether others follow, or, in a page before a key, whether others precede. */
  readonly hasMore: boolean;
}

/** Keys are of ASCII letters, digits and `_-.`; this one sorts after all of them. */
const LAST_KEY = "~";

/** One list of a table's rows, walked along an index from either end. */
export class Keyset<C extends Columns> {
  readonly #rising: Statement<FieldsOf<Table<C>>>;
  readonly #falling: Statement<FieldsOf<Table<C>>>;

  /** @param condition what its rows meet, with `?` for what `page` is given after the page. */
  constructor(table: Table<C>, key: keyof C & string, condition: string) {
    const walk = (comparison: string, order: string) =>
      table.statement(`
        select ${table.fields}
        from posthorn.${table.name}
        where ${condition} and ${key} ${comparison} ?
        order by ${key}${order}
        limit ?`);
    this.#rising = walk(">", "");
    this.#falling = walk("<", " desc");
  }

  async page(
    session: Session,
    { limit, order, after, before }: KeyPage,
    ...values: readonly Value[]
  ): Promise<Slice<FieldsOf<Table<C>>>> {
    const isBackwards = before !== undefined;
    const rises = (order === "ascending") !== isBackwards;
    const from = before ?? after ?? (rises ? "" : LAST_KEY);
    const statement = rises ? this.#rising : this.#falling;
    const found = await session.read(statement.with(...values, from, limit + 1));
    const rows = found.slice(0, limit);
    return { rows: isBackwards ? rows.reverse() : rows, hasMore: found.length > limit };
  }
}
