import { realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { TransactionError } from "../../../core/errors.ts";
import type { Enqueue, Enqueued } from "../../queue.ts";
import { Database } from "../driver/database.ts";
import { SizeLimit } from "../driver/size-limit.ts";
import { explain } from "../driver/sqlite-errors.ts";
import { Enqueues } from "./enqueue.ts";
import { JobRows } from "./job-rows.ts";
import { Leases } from "./leases.ts";
import { LiveKeys } from "./live-keys.ts";
import { Queued } from "./queued.ts";
import { Workers } from "./workers.ts";

/** What is prepared once for each connection. */
interface Prepared {
  readonly enqueues: Enqueues;
  readonly limit: SizeLimit;
}

/** Enqueues on connections of the caller's own, inside the transactions that are open there. */
export class Transactions {
  readonly #file: string;
  readonly #maxBytes: number | undefined;
  readonly #prepared = new WeakMap<DatabaseSync, Prepared>();

  constructor(file: string, maxBytes: number | undefined) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /**
   * All of them or none, also when the caller goes on with its transaction after an error.
   * @throws TransactionError
   */
  enqueue(transaction: unknown, enqueues: readonly Enqueue[], now: number): Enqueued[] {
    const connection = this.#checked(transaction);
    try {
      const ours = this.#prepared.get(connection) ?? this.#prepare(connection);
      ours.limit.check();
      connection.exec("savepoint posthorn");
      try {
        const enqueued = enqueues.map((enqueue) => ours.enqueues.add(enqueue, now, undefined));
        connection.exec("release posthorn");
        return enqueued;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (disk full, I/O)
        if (connection.isTransaction) connection.exec("rollback to posthorn; release posthorn");
        throw error;
      }
    } catch (error) {
      throw explain(error, this.#file);
    }
  }

  #prepare(connection: DatabaseSync): Prepared {
    const db = new Database(connection, this.#file);
    const leases = new Leases(db, new Workers(db));
    const prepared = {
      enqueues: new Enqueues(db, new JobRows(db), new LiveKeys(db), new Queued(db), leases),
      limit: new SizeLimit(db, this.#maxBytes),
    };
    this.#prepared.set(connection, prepared);
    return prepared;
  }

  #checked(transaction: unknown): DatabaseSync {
    if (!(transaction instanceof DatabaseSync)) {
      throw new TransactionError(
        "tx is no node:sqlite connection; with a SQLite database, give the DatabaseSync that has the transaction open",
      );
    }
    const location = transaction.location();
    if (location === null || !isSameFile(location, this.#file)) {
      throw new TransactionError(
        `tx is a connection to ${location ?? "a database in memory"}, but the jobs are in ${this.#file}; open that file`,
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
