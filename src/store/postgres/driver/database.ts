import pg from "pg";
import { StoreUnavailableError, StoreUnusableError } from "../../../core/errors.ts";
import { cut, settingsOf, setUp } from "./connection.ts";
import type { Host } from "./hosts.ts";
import { Pool } from "./pool.ts";
import {
  explain,
  explainNoConnection,
  isHostLost,
  isWorthAnotherTry,
  takesNoWrites,
} from "./postgres-errors.ts";
import { DEFAULT_SCHEMA } from "./schema.ts";
import { ServerClock } from "./server-clock.ts";
import type { Statement, Value } from "./statement.ts";
import { type News, Transaction } from "./transaction.ts";

/**
 * Two for group commits; the others for look-ups, promotion, pruning and what people ask
 * for by hand, so that none of these waits for a commit.
 */
const POOL_SIZE = 6;
const TRIES = 4;

export interface DatabaseOptions {
  readonly hosts: readonly [Host, ...Host[]];
  /** Where its tables are. Default `posthorn`. */
  readonly schema?: string;
  /** How many connections at most. Default 6. */
  readonly poolSize?: number;
}

/** The connections of a process to the server that takes writes. */
export class Database {
  readonly clock = new ServerClock();
  /** Where its tables are. */
  readonly schema: string;
  readonly #hosts: readonly [Host, ...Host[]];
  readonly #pools: (Pool | undefined)[] = [];
  readonly #poolSize: number;
  #current = 0;
  #closed = false;
  #ownWrites = 0;
  #hasFailedToWrite = false;
  #hasWorked = false;
  readonly #told = (news: News) => {
    this.#ownWrites++;
    if (news === "work") this.onWork();
  };
  /** Called after every transaction that brought work. */
  onWork = () => {};

  constructor({ hosts, schema = DEFAULT_SCHEMA, poolSize = POOL_SIZE }: DatabaseOptions) {
    this.schema = schema;
    this.#hosts = hosts;
    this.#poolSize = poolSize;
  }

  /** For messages. */
  get label(): string {
    return this.#host.label;
  }

  /** How often this process has told others of a write. */
  get ownWrites(): number {
    return this.#ownWrites;
  }

  get #host(): Host {
    return this.#hosts[this.#current] ?? this.#hosts[0];
  }

  /** The server refused a write, because its disk was full or it is read-only, and no write has succeeded since. */
  get hasFailedToWrite(): boolean {
    return this.#hasFailedToWrite;
  }

  /**
   * The database was usable once: from now on, what goes wrong (a changed password, a missing schema, a revoked right) may be repaired, so
   * failed operations are worth another try.
   */
  hasWorked(): void {
    this.#hasWorked = true;
  }

  canWriteAgain(): void {
    this.#hasFailedToWrite = false;
  }

  /** One statement, in a transaction of its own. */
  async run<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row[]> {
    try {
      return await this.#withClient((client) =>
        new Transaction(client, this.schema).run(statement, ...values),
      );
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * Runs `work` in a transaction, committed when the promise resolves; nothing is changed when it rejects, unless the
   * connection was lost after the commit was sent. It may run again: after a deadlock, and when the connection is lost before.
   */
  async write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      let mayBeCommitted = false;
      try {
        return await this.#withClient(async (client) => {
          const transaction = new Transaction(client, this.schema, this.#told);
          try {
            return await transaction.perform(work);
          } finally {
            mayBeCommitted = transaction.mayBeCommitted;
          }
        });
      } catch (error) {
        const isAgain = isWorthAnotherTry(error) || (isHostLost(error) && !mayBeCommitted);
        if (!isAgain || tries === TRIES) throw this.#explain(error);
      }
    }
  }

  /** A connection outside the pool, to listen on. The caller cuts it. */
  async connectAlone(): Promise<pg.Client> {
    let client: pg.Client | undefined;
    try {
      client = new pg.Client(settingsOf(this.#host)); // reads the certificates that it is to use
      client.on("error", () => {}); // it is told by `end`
      await client.connect();
      await setUp(client, this.clock);
      return client;
    } catch (error) {
      if (client) cut(client);
      throw this.#forNow(explainNoConnection(error, this.label));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#pools.map((pool) => pool?.close()));
  }

  #explain(error: unknown): Error {
    if (takesNoWrites(error)) this.#hasFailedToWrite = true;
    return this.#forNow(explain(error, this.label, this.schema));
  }

  #forNow(error: Error): Error {
    if (!this.#hasWorked || !(error instanceof StoreUnusableError)) return error;
    return new StoreUnavailableError(error.message, { cause: error.cause });
  }

  async #withClient<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const { pool, client } = await this.#connect();
    let result: Result;
    try {
      result = await work(client);
    } catch (error) {
      pool.giveBack(client, error);
      throw error;
    }
    pool.giveBack(client);
    return result;
  }

  /** Goes round the hosts, from the one that last took writes, until one does. */
  async #connect(): Promise<{ pool: Pool; client: pg.PoolClient }> {
    if (this.#closed) throw new StoreUnavailableError("the database was closed");
    for (let tries = 1; ; tries++) {
      const at = this.#current;
      try {
        const pool = this.#poolOf(at);
        return { pool, client: await pool.connect() };
      } catch (error) {
        if (!isHostLost(error) || tries >= this.#hosts.length)
          throw this.#forNow(explainNoConnection(error, this.label));
        if (this.#current === at) this.#current = (at + 1) % this.#hosts.length;
      }
    }
  }

  #poolOf(at: number): Pool {
    const pool = this.#pools[at] ?? new Pool(this.#host, this.#poolSize, this.clock);
    this.#pools[at] = pool;
    return pool;
  }
}
