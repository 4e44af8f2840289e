import { realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { TransactionError } from "../../core/errors.ts";
import type { Enqueue, Enqueued } from "../store.ts";
import { Database } from "./database.ts";
import { Enqueues } from "./enqueue.ts";
import { JobRows } from "./job-rows.ts";
import { Leases } from "./leases.ts";
import { LiveKeys } from "./live-keys.ts";
import { Queued } from "./queued.ts";
import { explain } from "./sqlite-errors.ts";
import { Workers } from "./workers.ts";

/** Enqueues on connections of the caller's own, inside the transactions that are open there. */
export class Transactions {
  readonly #file: string;
  /** Statements are prepared once for each connection. */
  readonly #enqueues = new WeakMap<DatabaseSync, Enqueues>();

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws TransactionError */
  enqueue(transaction: unknown, enqueues: readonly Enqueue[], now: number): Enqueued[] {
    const connection = this.#checked(transaction);
    try {
      const ours = this.#enqueues.get(connection) ?? enqueuesOn(connection, this.#file);
      this.#enqueues.set(connection, ours);
      return enqueues.map((enqueue) => ours.add(enqueue, now, undefined));
    } catch (error) {
      throw explain(error, this.#file);
    }
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

function enqueuesOn(connection: DatabaseSync, file: string): Enqueues {
  const db = new Database(connection, file);
  return new Enqueues(db, new JobRows(db), new LiveKeys(db), new Queued(db), new Leases(db, new Workers(db)));
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return one === other; // a file that is gone
  }
}
