import { realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { TransactionError } from "../../../core/errors.ts";
import type { Answers, Asked } from "../../queue.ts";
import { Database } from "../driver/database.ts";
import { ShelfSession } from "../driver/shelf-session.ts";
import { SizeLimit } from "../driver/size-limit.ts";
import { explain } from "../driver/sqlite-errors.ts";
import { Enqueues } from "./enqueue.ts";
import { Groups } from "./groups.ts";
import { IdempotencyKeys } from "./idempotency.ts";
import { Leases } from "./leases.ts";
import { LiveKeys } from "./live-keys.ts";
import { NewJobs } from "./new-jobs.ts";
import { OrderedLanes } from "./ordered-lanes.ts";
import { Parked } from "./parked.ts";
import { Queued } from "./queued.ts";
import { Submissions } from "./submissions.ts";
import { Workers } from "./workers.ts";

/** What is prepared once for each connection. */
interface Prepared {
  readonly enqueues: Enqueues;
  readonly submissions: Submissions;
  readonly limit: SizeLimit;
}

/** Accepts jobs on connections of the caller's own, inside the transactions that are open there. */
export class Transactions {
  readonly #db: Database;
  readonly #maxBytes: number | undefined;
  readonly #prepared = new WeakMap<DatabaseSync, Prepared>();

  /** @param db the store's own connection. */
  constructor(db: Database, maxBytes: number | undefined) {
    this.#db = db;
    this.#maxBytes = maxBytes;
  }

  /**
   * All of them or none, even if the caller continues its transaction after an error.
   * @throws TransactionError
   */
  accept(transaction: unknown, { enqueues, submissions = [] }: Asked, now: number): Answers {
    const connection = this.#checked(transaction);
    try {
      this.#db.checkFile();
      const ours = this.#prepared.get(connection) ?? this.#prepare(connection);
      ours.limit.check();
      connection.exec("savepoint posthorn");
      try {
        const enqueued = enqueues.map((enqueue) => ours.enqueues.add(enqueue, now, undefined));
        const submitted = submissions.map((submission) => ours.submissions.add(submission, now, undefined));
        connection.exec("release posthorn");
        return { enqueued, submitted };
      } catch (error) {
        // SQLite has rolled back by itself after some errors (disk full, I/O)
        if (connection.isTransaction) connection.exec("rollback to posthorn; release posthorn");
        throw error;
      }
    } catch (error) {
      throw explain(error, this.#db.file);
    }
  }

  #prepare(connection: DatabaseSync): Prepared {
    const db = new Database(connection, this.#db.file);
    const queued = new Queued(db);
    const newJobs = new NewJobs(
      db,
      new LiveKeys(db),
      queued,
      new Parked(db, queued),
      new OrderedLanes(db, queued),
    );
    const idempotency = new IdempotencyKeys(db);
    const enqueues = new Enqueues(newJobs, new Leases(db, new Workers(db)), idempotency);
    const groups = new Groups(db, newJobs);
    const prepared = {
      enqueues,
      submissions: new Submissions(enqueues, groups, idempotency, new ShelfSession(db)),
      limit: new SizeLimit(db, this.#maxBytes),
    };
    this.#prepared.set(connection, prepared);
    return prepared;
  }

  #checked(transaction: unknown): DatabaseSync {
    if (!(transaction instanceof DatabaseSync)) {
      throw new TransactionError(
        "tx is not a node:sqlite connection; with a SQLite database, give the DatabaseSync that has the transaction open",
      );
    }
    const location = transaction.location();
    if (location === null || !isSameFile(location, this.#db.file)) {
      throw new TransactionError(
        `tx is a connection to ${location ?? "a database in memory"}, but the jobs are in ${this.#db.file}; open that file`,
      );
    }
    if (!transaction.isTransaction) {
      throw new TransactionError('tx has no transaction open; run "begin immediate" on it first');
    }
    return transaction;
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return one === other; // a file that is gone
  }
}
