import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type Posthorn, task } from "posthorn";
import { z } from "zod";
import { Transactions } from "./transactions.ts";

/** Without its handler, which needs the orders: main.ts gives it. */
export const sendReceipt = task("send-receipt", { input: z.object({ orderId: z.uuid() }) });

/** What `place` throws: then there is no order, and no job. */
export class SoldOutError extends Error {}

/** Orders, in the file that Posthorn keeps its jobs in. */
export class Orders {
  readonly #db: DatabaseSync;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    db.exec(`
      create table if not exists stock (item text primary key, pieces integer not null) strict;
      create table if not exists orders (id text primary key, item text not null, receipt_job text not null) strict;
      insert into stock (item, pieces) values ('tea', 3) on conflict do nothing;
    `);
    this.#db = db;
    this.#transactions = new Transactions(db);
  }

  /** The order, the job for its receipt and a piece from the stock: all or nothing. */
  place(item: string, posthorn: Pick<Posthorn, "enqueue">) {
    return this.#transactions.run(async (tx) => {
      const id = randomUUID();
      const { jobId } = await posthorn.enqueue(sendReceipt, { orderId: id }, { tx });
      tx.prepare("insert into orders (id, item, receipt_job) values (?, ?, ?)").run(id, item, jobId);
      const taken = tx
        .prepare("update stock set pieces = pieces - 1 where item = ? and pieces > 0")
        .run(item);
      if (taken.changes === 0) throw new SoldOutError(`${item} is sold out`);
      return { id, item, receiptJob: jobId };
    });
  }

  list(): unknown[] {
    return this.#db.prepare("select id, item, receipt_job as receiptJob from orders").all();
  }

  find(id: string): unknown {
    return this.#db.prepare("select item from orders where id = ?").get(id);
  }
}
