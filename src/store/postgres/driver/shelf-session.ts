import type { Kind } from "../../shelves/tables/column.ts";
import type { Call, Session, Statement as ShelfStatement, Value } from "../../shelves/tables/session.ts";
import { eventIdOf, jobIdOf, uuidOf } from "../job-id.ts";
import type { Database } from "./database.ts";
import {
  type Value as DriverValue,
  heard,
  type Session as Runner,
  type Statement,
  statement,
  storable,
} from "./statement.ts";

type Row = Record<string, unknown>;

interface Prepared {
  readonly statement: Statement<Row>;
  /** Which of its columns hold ids that are uuids here, and what they are. */
  readonly ids: readonly (readonly [column: string, idOf: (uuid: string) => string])[];
}

/** The shelves on PostgreSQL: parameters are `$1`, `$2` there, and the id of a job a uuid. */
export class ShelfSession implements Session {
  readonly #db: Database;
  /** Statements that nothing follows; and, by their text, those with what follows them if they give a row. */
  readonly #alone = new Map<ShelfStatement<unknown>, Prepared>();
  readonly #followed = new Map<string, Prepared>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** In a transaction of ours. */
  async run<Of>(transaction: Runner, call: Call<Of>): Promise<Of[]> {
    return (await this.#run(transaction, call)) as Of[]; // the statement says what its rows are
  }

  async read<Of>(call: Call<Of>): Promise<Of[]> {
    return (await this.#run(this.#db, call)) as Of[]; // as in run
  }

  async write<Rows extends readonly unknown[]>(...calls: { readonly [At in keyof Rows]: Call<Rows[At]> }) {
    // nothing is waited for before the commit, so everything goes in one message with it
    const sent = await this.#db.write(async (transaction) => {
      if (calls.some(({ statement }) => statement.bringsWork)) transaction.tell("work");
      return { answers: heard(Promise.all(calls.map((call) => this.#run(transaction, call)))) };
    });
    return (await sent.answers) as { [At in keyof Rows]: Rows[At][] }; // as in read
  }

  async #run(runner: Runner, call: Call<unknown>): Promise<Row[]> {
    const { statement, ids } = this.#prepare(call);
    const given = [call, ...(call.ifGiven ?? [])].flatMap(({ statement: { takes }, values }) =>
      values.map((value, at) => kept(takes[at], value)),
    );
    const rows = await runner.run(statement, ...given);
    for (const row of rows) {
      for (const [column, idOf] of ids)
        row[column] = typeof row[column] === "string" ? idOf(row[column]) : null;
    }
    return rows;
  }

  #prepare({ statement: asked, ifGiven }: Call<unknown>): Prepared {
    if (!ifGiven) {
      const known = this.#alone.get(asked) ?? prepared(asked, asked.sql);
      this.#alone.set(asked, known);
      return known;
    }
    const sql = together(asked, ifGiven);
    const known = this.#followed.get(sql) ?? prepared(asked, sql);
    this.#followed.set(sql, known);
    return known;
  }
}

function prepared(asked: ShelfStatement<unknown>, sql: string): Prepared {
  let parameters = 0;
  const ids = [
    ...asked.columnsOf("job_id").map((column) => [column, jobIdOf] as const),
    ...asked.columnsOf("event_id").map((column) => [column, eventIdOf] as const),
  ];
  return { statement: statement<Row>(sql.replaceAll("?", () => `$${++parameters}`)), ids };
}

/** Everything in one statement, because no answer can be awaited in between. */
function together(asked: ShelfStatement<unknown>, followers: readonly Call<unknown>[]): string {
  // an insertion of values becomes one of what is selected where the first gave a row
  const following = followers.map(({ statement: { sql } }, at) => {
    const selecting = sql.replace(/values \(([^)]*)\)\s*$/, "select $1 where exists (select 1 from asked)");
    return `following_${at} as (${selecting})`;
  });
  return `with asked as (${asked.sql}), ${following.join(", ")} select * from asked`;
}

function kept(kind: Kind | undefined, value: Value): DriverValue {
  if (value instanceof Uint8Array)
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
  if (typeof value !== "string") return value;
  return kind === "job_id" || kind === "event_id" ? uuidOf(value) : storable(value);
}
