import { randomUUID } from "node:crypto";
import { PosthornError, TransactionError } from "../../../core/errors.ts";
import type { Answers, Asked } from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import { explain } from "../driver/postgres-errors.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { type Session, statement } from "../driver/statement.ts";
import { unclaimed } from "./ends.ts";
import type { Enqueues } from "./enqueue.ts";
import { ForeignSession } from "./foreign-session.ts";
import type { Groups } from "./groups.ts";
import type { NewJobs } from "./new-jobs.ts";
import { lockLanes } from "./ordered-lanes.ts";

const HAS_IDENTITY = statement<{ found: boolean }>(
  "select to_regclass('posthorn.identity') is not null as found",
);
const IDENTITY = statement<{ id: string }>("select id::text as id from posthorn.identity");

// a setting that is local to a transaction is gone by the next statement where there is none
const MARK = statement("select set_config('posthorn_tx.mark', $1::text, true) as mark");
const MARKED = statement<{ found: boolean }>(
  "select coalesce(current_setting('posthorn_tx.mark', true), '') = $1::text as found",
);

const TELL = statement("select nextval('posthorn.writes')::text as told");
/** Heard when the caller commits, and never when it rolls back. */
const NOTIFY = statement(`select pg_notify($1::text, '')::text as told`);
/** Commits with a NOTIFY wait for each other: a caller that commits often does not do it every time. */
const NOTIFY_EVERY_MS = 20;

/** Accepts jobs inside transactions of the caller's own, on the caller's connections. */
export class Transactions {
  readonly #db: Database;
  readonly #enqueues: Enqueues;
  readonly #groups: Groups;
  readonly #shelves: ShelfSession;
  readonly #newJobs: NewJobs;
  #identity: Promise<string> | undefined;
  #notifiedAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database, shelves: ShelfSession, enqueues: Enqueues, groups: Groups, newJobs: NewJobs) {
    this.#shelves = shelves;
    this.#db = db;
    this.#enqueues = enqueues;
    this.#groups = groups;
    this.#newJobs = newJobs;
  }

  /** @throws TransactionError */
  async accept(transaction: unknown, asked: Asked, now: number): Promise<Answers> {
    const session = new ForeignSession(transaction, this.#db.schema);
    try {
      await this.#check(session);
      const wanted = [...asked.enqueues, ...(asked.submissions ?? [])];
      await lockLanes(
        session,
        wanted.flatMap((each) => ("job" in each ? [each.job] : each.jobs)),
      );
      const { jobs: made, groups, rows, ...answers } = await this.#enqueues.decide(session, asked, now, true);
      const settled = groups.size > 0 ? await this.#groups.add(session, groups, now) : [];
      for (const row of rows) await this.#shelves.run(session, row);
      const jobs = [...made, ...settled];
      if (jobs.length === 0) return answers;
      await this.#newJobs.insert(session, unclaimed(jobs), now);
      await session.run(TELL);
      if (performance.now() - this.#notifiedAt >= NOTIFY_EVERY_MS) {
        this.#notifiedAt = performance.now();
        await session.run(NOTIFY, this.#db.schema);
      }
      return answers;
    } catch (error) {
      if (error instanceof PosthornError) throw error;
      throw explain(error, this.#db.label, this.#db.schema);
    }
  }

  async #check(session: Session): Promise<void> {
    const mark = randomUUID();
    await session.run(MARK, mark);
    if (!(await session.run(MARKED, mark))[0]?.found) {
      throw new TransactionError(
        "tx has no transaction open; begin one on it first, and give its own client",
      );
    }
    this.#identity ??= this.#db.run(IDENTITY).then(([row]) => row?.id ?? "");
    const [ours, theirs] = await Promise.all([this.#identity, identityOf(session)]);
    if (ours !== theirs) {
      throw new TransactionError(
        `tx is a transaction of a database other than ${this.#db.label}, where the jobs are; open it there`,
      );
    }
  }
}

async function identityOf(session: Session): Promise<string | undefined> {
  // asked first, for a statement that fails would end the caller's transaction
  if (!(await session.run(HAS_IDENTITY))[0]?.found) return undefined;
  return (await session.run(IDENTITY))[0]?.id;
}
