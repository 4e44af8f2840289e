import { TransactionError } from "../../../core/errors.ts";
import { inSchema } from "../driver/schema.ts";
import type { Session, Statement, Value } from "../driver/statement.ts";

type Execute = (text: string, values: readonly Value[]) => Promise<unknown>;

/** What drivers and query builders hand out for a transaction, known by its shape, and how each runs SQL with values. */
const SHAPES: readonly ((transaction: object) => Execute | undefined)[] = [
  // Kysely: Transaction
  (transaction) => {
    const run = methodOf(transaction, "executeQuery");
    return (
      run &&
      ((sql, parameters) => {
        const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] };
        return run({ query, sql, parameters, queryId: { queryId: "posthorn" } });
      })
    );
  },
  // Prisma: the client of an interactive transaction
  (transaction) => {
    const run = methodOf(transaction, "$queryRawUnsafe");
    return run && ((text, values) => run(text, ...values));
  },
  // postgres.js: TransactionSql
  (transaction) => {
    const run = methodOf(transaction, "unsafe");
    return run && ((text, values) => run(text, values));
  },
  // Drizzle: what it stands on, one of the others
  (transaction) => {
    const session = memberOf(transaction, "session") ?? memberOf(memberOf(transaction, "_"), "session");
    const client = memberOf(session, "client");
    return isObject(client) ? executeOf(client) : undefined;
  },
  // node-postgres: Client and PoolClient; TypeORM: EntityManager and QueryRunner
  (transaction) => {
    const run = methodOf(transaction, "query");
    return run && ((text, values) => run(text, values));
  },
];

/** Statements on a connection of the caller's, one after the other. */
export class ForeignSession implements Session {
  readonly #execute: Execute;
  readonly #schema: string;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param schema that its statements are meant for.
   * @throws TransactionError when it is nothing that statements can be run on.
   */
  constructor(transaction: unknown, schema: string) {
    this.#schema = schema;
    const execute = isObject(transaction) ? executeOf(transaction) : undefined;
    if (!execute) {
      throw new TransactionError(
        "tx is not a transaction that Posthorn recognises; give a pg client with a transaction begun, or what Drizzle, Kysely, Prisma or postgres.js hand to the function that runs in one",
      );
    }
    this.#execute = execute;
  }

  run<Row>({ text }: Statement<Row>, ...values: readonly Value[]): Promise<Row[]> {
    const answered = this.#last.then(
      async () => rowsOf(await this.#execute(inSchema(text, this.#schema), values)) as Row[],
    ); // the columns stand in the text
    this.#last = answered.catch(() => {});
    return answered;
  }
}

function executeOf(transaction: object): Execute | undefined {
  for (const shape of SHAPES) {
    const execute = shape(transaction);
    if (execute) return execute;
  }
  return undefined;
}

function rowsOf(result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  const rows = memberOf(result, "rows");
  return Array.isArray(rows) ? rows : [];
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? (Reflect.get(value, name) as unknown) : undefined;
}

function methodOf(value: object, name: string): ((...values: unknown[]) => Promise<unknown>) | undefined {
  const method = memberOf(value, name);
  return typeof method === "function" ? async (...values) => method.apply(value, values) : undefined;
}
