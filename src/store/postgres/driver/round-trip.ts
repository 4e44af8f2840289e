import pg from "pg";
import { DEFAULT_SCHEMA, inSchema } from "./schema.ts";
import { heard, type Statement, type Value } from "./statement.ts";

const INT8 = 20;

/** Times and counts are far below 2^53, so an int8 is read as a number. */
function parserOf(typeId: number): (text: string) => unknown {
  return typeId === INT8 ? Number : pg.types.getTypeParser(typeId);
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** What the server has prepared on a connection, by name: the columns of the rows that it gives. */
type Prepared = Map<string, Column[]>;

const preparedOn = new WeakMap<pg.Connection, Prepared>();

interface Part {
  readonly statement: Statement<unknown>;
  readonly values: readonly Value[];
  readonly rows: Record<string, unknown>[];
  columns: Column[];
  readonly resolve: (rows: Record<string, unknown>[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Statements that the server is sent in one message, and answers in one: it sends what it has when it comes to a Sync, of
 * which there is one, at the end. Each waking of the one by the other costs both as much as a small statement does.
 * Once one has failed the server passes over the others, so they fail as it did. The last has its answer when the whole is
 * over: outside of a transaction its commit comes after its own answer.
 *
 * A prepared statement is described once; the driver by itself has it described each time.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class RoundTrip implements pg.Submittable {
  readonly #schema: string;
  readonly #parts: Part[] = [];
  #answered = 0;
  #isSealed = false;
  #prepared: Prepared | undefined;
  /** For the driver, which sets a limit on the wait for the answer by it. */
  callback: ((error: Error | null) => void) | undefined;

  /** @param schema that its statements are meant for. */
  constructor(schema = DEFAULT_SCHEMA) {
    this.#schema = schema;
  }

  /** Nothing can be added any more: it has been sent, or the connection is gone. */
  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** For the driver, which asks when it is given this: how long the answer is waited for. Undefined for its own default. */
  get query_timeout(): number | undefined {
    const limits = this.#parts.flatMap(({ statement }) => statement.patienceMs ?? []);
    return limits.length > 0 ? Math.min(...limits) : undefined;
  }

  add<Row>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]> {
    return heard(
      new Promise<Row[]>((resolve, reject) => {
        const answer = resolve as Part["resolve"]; // the columns stand in the text
        this.#parts.push({ statement, values, rows: [], columns: [], resolve: answer, reject });
      }),
    );
  }

  /** Called by the driver when it is this one's turn; so are all those below. */
  submit(connection: pg.Connection): void {
    this.#isSealed = true;
    const prepared = preparedOn.get(connection) ?? new Map();
    preparedOn.set(connection, prepared);
    this.#prepared = prepared;
    connection.stream.cork();
    try {
      for (const part of this.#parts) send(connection, prepared, part, this.#schema);
      connection.sync();
    } catch (error) {
      connection.stream.destroy(error as Error); // half a message: nothing that comes after it would be understood
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    const columns = this.#parts[this.#answered]?.columns;
    for (const { name, dataTypeID } of fields) columns?.push({ name, parse: parserOf(dataTypeID) });
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const part = this.#parts[this.#answered];
    if (!part) return;
    const row: Record<string, unknown> = {};
    part.columns.forEach(({ name, parse }, at) => {
      const text = fields[at];
      row[name] = typeof text === "string" ? parse(text) : null;
    });
    part.rows.push(row);
  }

  handleCommandComplete(): void {
    const part = this.#parts[this.#answered];
    this.#answered++;
    if (this.#answered < this.#parts.length) part?.resolve(part.rows);
  }

  /** A statement that is nothing but a comment. */
  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleReadyForQuery(): void {
    const last = this.#parts.at(-1);
    if (this.#answered === this.#parts.length) last?.resolve(last.rows);
    else this.#fail(new Error("the server did not answer every statement"));
    this.callback?.(null);
  }

  handleError(error: Error): void {
    this.#isSealed = true;
    this.#fail(error);
    this.callback?.(error);
  }

  #fail(error: Error): void {
    const failed = this.#parts.slice(Math.min(this.#answered, this.#parts.length - 1));
    this.#answered = this.#parts.length;
    // which of these the server has come to prepare is not known
    for (const { statement } of failed) this.#prepared?.delete(statement.name);
    for (const { reject } of failed) reject(error);
  }
}

function send(connection: pg.Connection, prepared: Prepared, part: Part, schema: string): void {
  const { name, text } = part.statement;
  const known = name === "" ? undefined : prepared.get(name);
  if (known) {
    part.columns = known;
  } else {
    if (name !== "") {
      connection.close({ type: "S", name }, MORE); // what may be left of a try that failed
      prepared.set(name, part.columns); // to be filled by its description, and of use from then on
    }
    connection.parse({ name, text: inSchema(text, schema), types: [] }, MORE);
  }
  const values = part.values.map((value) => (value === null ? null : String(value)));
  connection.bind({ portal: "", statement: name, values }, MORE);
  if (!known) connection.describe({ type: "P", name: "" }, MORE);
  connection.execute({ portal: "" }, MORE);
}

/** Asked for by the driver's types, and by nothing else of it. */
const MORE = true;
