import type { Kind } from "../../shelves/column.ts";
import type { Call, Session, Statement as ShelfStatement, Value } from "../../shelves/session.ts";
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
  /** By the statement, and by the one that follows it if it gives a row. */
  readonly #prepared = new Map<ShelfStatement<unknown>, Map<ShelfStatement<unknown> | undefined, Prepared>>();

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

  async #run(runner: Runner, { statement: asked, values, ifGiven }: Call<unknown>): Promise<Row[]> {
    const { statement, ids } = this.#prepare(asked, ifGiven?.statement);
    const given = values.map((value, at) => kept(asked.takes[at], value));
    if (ifGiven) given.push(...ifGiven.values.map((value, at) => kept(ifGiven.statement.takes[at], value)));
    const rows = await runner.run(statement, ...given);
    for (const row of rows) {
      for (const [column, idOf] of ids)
        row[column] = typeof row[column] === "string" ? idOf(row[column]) : null;
    }
    return rows;
  }

  #prepare(asked: ShelfStatement<unknown>, follower: ShelfStatement<unknown> | undefined): Prepared {
    const those = this.#prepared.get(asked) ?? new Map<ShelfStatement<unknown> | undefined, Prepared>();
    this.#prepared.set(asked, those);
    const known = those.get(follower);
    if (known) return known;
    let parameters = 0;
    const sql = (follower ? together(asked, follower) : asked.sql).replaceAll("?", () => `$${++parameters}`);
    const ids = [
      ...asked.columnsOf("job_id").map((column) => [column, jobIdOf] as const),
      ...asked.columnsOf("event_id").map((column) => [column, eventIdOf] as const),
    ];
    const prepared = { statement: statement<Row>(sql), ids };
    those.set(follower, prepared);
    return prepared;
  }
}

/** One statement, since no answer can be waited for between two. */
function together(asked: ShelfStatement<unknown>, { sql }: ShelfStatement<unknown>): string {
  // an insertion of values becomes one of what is selected where the first gave a row
  const following = sql.replace(/values \(([^)]*)\)\s*$/, "select $1 where exists (select 1 from asked)");
  return `with asked as (${asked.sql}), following as (${following}) select * from asked`;
}

function kept(kind: Kind | undefined, value: Value): DriverValue {
  if (value instanceof Uint8Array)
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
  if (typeof value !== "string") return value;
  return kind === "job_id" || kind === "event_id" ? uuidOf(value) : storable(value);
}
