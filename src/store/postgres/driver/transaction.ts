import pg from "pg";
import { isHostLost } from "./postgres-errors.ts";
import { RoundTrip } from "./round-trip.ts";
import { inSchema } from "./schema.ts";
import { heard, type Session, type Statement, statement, type Value } from "./statement.ts";

const BEGIN = statement("begin");
const COMMIT = statement("commit");
const ROLLBACK = "rollback";

/** `work`: something may be ready to be claimed, or due soon. `change`: jobs ended, or changed hands. */
export type News = "work" | "change";

const TELL = statement<{ writes: number }>("select nextval('posthorn.writes') as writes");

/** A transaction under way. */
export class Transaction implements Session {
  readonly #client: pg.PoolClient;
  readonly #schema: string;
  readonly #sent: Promise<unknown>[] = [];
  readonly #told: (news: News) => void;
  #next: RoundTrip | undefined;
  #news: News | undefined;
  /** Nothing more may run here: it would be a transaction of its own. */
  #isOver = false;
  /**
   * Its end was sent, and no error of the server's says that it did not come to it: a lost connection then leaves its outcome
   * open.
   */
  mayBeCommitted = false;

  /**
   * @param schema that its statements are meant for.
   * @param told called when other processes can see that something was written.
   */
  constructor(client: pg.PoolClient, schema: string, told: (news: News) => void = () => {}) {
    this.#client = client;
    this.#schema = schema;
    this.#told = told;
  }

  /** Other processes should notice what is written here. */
  tell(news: News): void {
    if (this.#news !== "work") this.#news = news;
  }

  run<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row[]> {
    if (this.#isOver) return heard(Promise.reject(new Error("the transaction is over")));
    const answered = this.#trip().add(statement, values);
    this.#sent.push(answered);
    return answered;
  }

  /**
   * What is asked before anything is waited for goes in one message. While it waits for the one before it to be answered, more
   * can be added, so there is never more than one that waits: the driver will lose its own queue.
   */
  #trip(): RoundTrip {
    if (!this.#next || this.#next.isSealed) {
      const next = new RoundTrip(this.#schema);
      process.nextTick(() => this.#client.query(next));
      this.#next = next;
    }
    return this.#next;
  }

  /** Several statements without values, of a migration. */
  async runScript(text: string): Promise<void> {
    await Promise.all(this.#sent); // those are sent later in this turn, the script at once
    await this.#client.query(inSchema(text, this.#schema));
  }

  /** What `work` has asked last, without waiting for an answer, goes along with the commit. */
  async perform<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    void this.run(BEGIN);
    try {
      const result = await work(this);
      await this.#commit();
      return result;
    } catch (error) {
      this.#isOver = true;
      if (!isHostLost(error)) await this.#rollBack(); // a lost connection has rolled it back
      for (const answered of this.#sent) await answered; // after the first that failed, others fail because it did
      throw error;
    }
  }

  async #commit(): Promise<void> {
    this.mayBeCommitted = true;
    const committed = this.run(COMMIT);
    this.#isOver = true;
    const told = this.#tellOthers();
    for (const answered of this.#sent) {
      try {
        await answered;
      } catch (error) {
        if (answered !== committed && isOfTheServer(error)) this.mayBeCommitted = false;
        throw error;
      }
    }
    await told;
  }

  /** After the commit: who sees it can see what was written. */
  async #tellOthers(): Promise<void> {
    const news = this.#news;
    if (!news) return;
    await this.#trip()
      .add(TELL, [])
      .then(
        () => this.#told(news),
        () => {}, // they will notice at their next regular check
      );
  }

  /** By itself: in one message with a statement that fails the server would pass over it. */
  async #rollBack(): Promise<void> {
    await Promise.allSettled(this.#sent);
    await this.#client.query(ROLLBACK).catch(() => {}); // the pool looks at what state the connection is in
  }
}

/** In its turn among the answers. A pooler that has lost its server says so (class 08) whatever that has done meanwhile. */
function isOfTheServer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !error.code?.startsWith("08");
}
