import { type Session, Statement, type Value } from "./session.ts";
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
  /** If the search stopped before the page was full, the key of the last row it looked at: the next page continues there. Otherwise null. */
  readonly searchedTo: string | null;
}

/** Keys are of ASCII letters, digits and `_-.`; this one sorts after all of them. */
const LAST_KEY = "~";

/** How many rows are looked at for a page, however few of them fit. */
const LOOKED_AT = 2_000;

interface Walk<Row> {
  readonly rows: Statement<Row>;
  /** The last row that is looked at, and the one beyond. */
  readonly edge: Statement<{ readonly key: string }>;
}

/** One list of a table's rows, walked along an index from either end. */
export class Keyset<C extends Columns> {
  readonly #rising: Walk<FieldsOf<Table<C>>>;
  readonly #falling: Walk<FieldsOf<Table<C>>>;

  /**
   * @param within what its rows meet, as the index answers: rows that do not are not stepped over.
   * @param fits what each row is looked at for, true of all where its values are null. Both with `?` for what `page` is given.
   */
  constructor(table: Table<C>, key: keyof C & string, within: string, fits = "true") {
    const walk = (beyond: string, upTo: string, order: string) => ({
      rows: table.statement(`
        select ${table.fields}
        from posthorn.${table.name}
        where ${within} and ${key} ${beyond} ? and ${key} ${upTo} ? and ${fits}
        order by ${key}${order}
        limit ?`),
      edge: new Statement<{ readonly key: string }>(
        `
        select ${key} as key
        from posthorn.${table.name}
        where ${within} and ${key} ${beyond} ?
        order by ${key}${order}
        limit 2 offset ?`,
        { gives: new Map() },
      ),
    });
    this.#rising = walk(">", "<", "");
    this.#falling = walk("<", ">", " desc");
  }

  async page(
    session: Session,
    { limit, order, after, before }: KeyPage,
    within: readonly Value[] = [],
    fits: readonly Value[] = [],
  ): Promise<Slice<FieldsOf<Table<C>>>> {
    const isBackwards = before !== undefined;
    const rises = (order === "ascending") !== isBackwards;
    const [from, to] = rises ? ["", LAST_KEY] : [LAST_KEY, ""];
    const begin = before ?? after ?? from;
    const walk = rises ? this.#rising : this.#falling;
    const [last, beyond] = fits.some((value) => value !== null)
      ? await session.read(walk.edge.with(...within, begin, LOOKED_AT - 1))
      : [];
    const end = beyond?.key ?? to;
    const found = await session.read(walk.rows.with(...within, begin, end, ...fits, limit + 1));
    const rows = found.slice(0, limit);
    const hasMore = found.length > limit;
    return {
      rows: isBackwards ? rows.reverse() : rows,
      hasMore,
      searchedTo: hasMore || !beyond || !last ? null : last.key,
    };
  }
}
