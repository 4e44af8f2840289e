import pg from "pg";
import { StoreUnavailableError } from "../../core/errors.ts";
import { cut, settingsOf, setUp } from "./connection.ts";
import type { Host } from "./hosts.ts";
import { Pool } from "./pool.ts";
import { explain, isHostLost, isWorthAnotherTry } from "./postgres-errors.ts";
import { ServerClock } from "./server-clock.ts";
import { heard, type Session, type Statement, statement, type Value } from "./statement.ts";

/**
 * Two for group commits; the others for look-ups, promotion, pruning and what people ask
 * for by hand, so that none of these waits for a commit.
 */
const POOL_SIZE = 6;
const TRIES = 4;

export interface DatabaseOptions {
  readonly hosts: readonly [Host, ...Host[]];
  /** How many connections at the most. Default 6. */
  readonly poolSize?: number;
}

/** The connections of a process to the server that takes writes. */
export class Database {
  readonly clock = new ServerClock();
  readonly #hosts: readonly [Host, ...Host[]];
  readonly #pools: (Pool | undefined)[] = [];
  readonly #poolSize: number;
  #current = 0;
  #closed = false;
  #ownWrites = 0;
  readonly #told = (news: News) => {
    this.#ownWrites++;
    if (news === "work") this.onWork();
  };
  /** Called after every transaction that brought work. */
  onWork = () => {};

  constructor({ hosts, poolSize = POOL_SIZE }: DatabaseOptions) {
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

  /** One statement, in a transaction of its own. */
  async run<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row[]> {
    try {
      return await this.#withClient((client) => new Transaction(client).run(statement, ...values));
    } catch (error) {
      throw explain(error, this.label);
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
          const transaction = new Transaction(client, this.#told);
          try {
            return await transaction.perform(work);
          } finally {
            mayBeCommitted = transaction.mayBeCommitted;
          }
        });
      } catch (error) {
        const isAgain = isWorthAnotherTry(error) || (isHostLost(error) && !mayBeCommitted);
        if (!isAgain || tries === TRIES) throw explain(error, this.label);
      }
    }
  }

  /** A connection outside the pool, to listen on. The caller cuts it. */
  async connectAlone(): Promise<pg.Client> {
    const client = new pg.Client(settingsOf(this.#host));
    client.on("error", () => {}); // it is told by `end`
    try {
      await client.connect();
      await setUp(client, this.clock);
      return client;
    } catch (error) {
      cut(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#pools.map((pool) => pool?.close()));
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
        if (!isHostLost(error) || tries >= this.#hosts.length) throw explain(error, this.label);
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

const BEGIN = "begin";
const COMMIT = "commit";
const ROLLBACK = "rollback";

/** `work`: something may be ready to be claimed, or due soon. `change`: jobs ended, or changed hands. */
export type News = "work" | "change";

const TELL = statement<{ writes: number }>("select nextval('posthorn.writes') as writes");

/** A transaction under way. */
export class Transaction implements Session {
  readonly #client: pg.PoolClient;
  readonly #sent: Promise<unknown>[] = [];
  readonly #told: (news: News) => void;
  #news: News | undefined;
  /** Nothing more may run: it would be a transaction of its own. */
  #isOver = false;
  /** Its end was sent, and the server has refused nothing before it: a lost connection then leaves open what became of it. */
  mayBeCommitted = false;

  /** @param told called when other processes can see that something was written. */
  constructor(client: pg.PoolClient, told: (news: News) => void = () => {}) {
    this.#client = client;
    this.#told = told;
  }

  /** What is written here, other processes are to notice. */
  tell(news: News): void {
    if (this.#news !== "work") this.#news = news;
  }

  /** What is sent in one go leaves in one write: a tenth more deliveries a second. */
  #hold(): void {
    const { stream } = this.#client.connection;
    if (stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  run<Row>({ name, text, patienceMs }: Statement<Row>, ...values: readonly Value[]): Promise<Row[]> {
    if (this.#isOver) return heard(Promise.reject(new Error("the transaction is over")));
    this.#hold();
    const query: pg.QueryConfig & { query_timeout?: number | undefined } = {
      name,
      text,
      values: [...values],
    };
    if (patienceMs !== undefined) query.query_timeout = patienceMs;
    const answered = this.#client.query(query).then(({ rows }) => rows as Row[]); // the columns stand in the text
    answered.catch(() => {}); // it is also waited for at the end
    this.#sent.push(answered);
    return answered;
  }

  /** Several statements without values, of a migration. */
  async runScript(text: string): Promise<void> {
    await this.#client.query(text);
  }

  /** What `work` sends without waiting for goes along with the commit. */
  async perform<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    void this.#send(BEGIN);
    let result: Result;
    try {
      result = await work(this);
    } catch (error) {
      this.#isOver = true;
      // a lost connection has rolled it back
      if (!isHostLost(error)) await this.#client.query(ROLLBACK).catch(() => {});
      for (const answered of this.#sent) await answered; // after the first that failed, others fail because it did
      throw error;
    }
    this.mayBeCommitted = true;
    const committed = this.#send(COMMIT);
    // after the commit: who sees it can see what was written
    const news = this.#news;
    const told = news && this.run(TELL);
    this.#isOver = true;
    // in this order, so that what failed first is what is thrown; after it the commit was a rollback
    for (const answered of this.#sent) {
      if (answered === told) continue;
      try {
        await answered;
      } catch (error) {
        if (answered !== committed && error instanceof pg.DatabaseError) this.mayBeCommitted = false;
        throw error;
      }
    }
    if (news)
      await told?.then(
        () => this.#told(news),
        () => {}, // they find out by their next look at what is ready
      );
    return result;
  }

  #send(text: string): Promise<unknown> {
    this.#hold();
    const answered = this.#client.query(text);
    answered.catch(() => {});
    this.#sent.push(answered);
    return answered;
  }
}
