import type { SQLInputValue } from "node:sqlite";
import type { Call, Session, Statement as ShelfStatement, Value } from "../../shelves/tables/session.ts";
import type { Database, Statement } from "./database.ts";

type Row = Record<string, unknown>;

interface Prepared {
  readonly statement: Statement<Row>;
  /** Which of its columns hold true or false. */
  readonly flags: readonly string[];
}

/** The shelves on a SQLite file: true and false are 1 and 0 there, and its tables have no prefix. */
export class ShelfSession implements Session {
  readonly #db: Database;
  readonly #prepared = new Map<ShelfStatement<unknown>, Prepared>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** In the transaction that is open, if any. */
  run<Of>(call: Call<Of>): Of[] {
    return this.#run(call) as Of[]; // the statement says what its rows are
  }

  read<Of>(call: Call<Of>): Promise<Of[]> {
    return this.#db.read(() => this.#run(call) as Of[]); // as in run
  }

  write<Rows extends readonly unknown[]>(...calls: { readonly [At in keyof Rows]: Call<Rows[At]> }) {
    const work = () => calls.map((call) => this.#run(call));
    const transaction = work as () => { [At in keyof Rows]: Rows[At][] }; // as in run
    const mayBeLost = calls.every(({ statement }) => statement.mayBeLost);
    return mayBeLost ? this.#db.writeUnsynced(transaction) : this.#db.write(transaction);
  }

  #run({ statement: asked, values, ifGiven }: Call<unknown>): Row[] {
    const { statement, flags } = this.#prepare(asked);
    const rows = statement.all(...values.map(kept)).map((found) => {
      const row = { ...found };
      for (const column of flags) row[column] = row[column] === 1;
      return row;
    });
    if (ifGiven && rows.length > 0) for (const follower of ifGiven) this.#run(follower);
    return rows;
  }

  #prepare(asked: ShelfStatement<unknown>): Prepared {
    const known = this.#prepared.get(asked);
    if (known) return known;
    const statement = this.#db.prepare<Row>(asked.sql.replaceAll("posthorn.", ""));
    const prepared = { statement, flags: asked.columnsOf("flag") };
    this.#prepared.set(asked, prepared);
    return prepared;
  }
}

function kept(value: Value): SQLInputValue {
  return typeof value === "boolean" ? Number(value) : value;
}
