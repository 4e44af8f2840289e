import { and, eq, gt, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { type Posthorn, task } from "posthorn";
import { z } from "zod";

const stock = pgTable("stock", { item: text().primaryKey(), pieces: integer().notNull() });
const orders = pgTable("orders", {
  id: uuid().primaryKey().defaultRandom(),
  item: text().notNull(),
});

/** Without its handler, which needs the orders: main.ts gives it. */
export const sendReceipt = task("send-receipt", { input: z.object({ orderId: z.uuid() }) });

/** What `place` throws: then there is no order, and no job. */
export class SoldOutError extends Error {}

/** Orders, in the database that Posthorn keeps its jobs in. */
export class Orders {
  readonly #db: NodePgDatabase;

  constructor(db: NodePgDatabase) {
    this.#db = db;
  }

  /** In place of a migration by Drizzle Kit. */
  async createTables(): Promise<void> {
    await this.#db.execute(sql`create table ${stock} (item text primary key, pieces integer not null)`);
    await this.#db.execute(
      sql`create table ${orders} (id uuid primary key default gen_random_uuid(), item text not null)`,
    );
    await this.#db.insert(stock).values({ item: "tea", pieces: 3 });
  }

  /** The order, the job for its receipt and a piece from the stock: all or nothing. */
  place(item: string, posthorn: Pick<Posthorn, "enqueue">) {
    return this.#db.transaction(async (tx) => {
      const [order] = await tx.insert(orders).values({ item }).returning();
      if (!order) throw new Error("an insert gives back its row");
      const { jobId } = await posthorn.enqueue(sendReceipt, { orderId: order.id }, { tx });

      const taken = await tx
        .update(stock)
        .set({ pieces: sql`${stock.pieces} - 1` })
        .where(and(eq(stock.item, item), gt(stock.pieces, 0)));
      if (taken.rowCount === 0) throw new SoldOutError(`${item} is sold out`);
      return { ...order, receiptJob: jobId };
    });
  }

  list() {
    return this.#db.select().from(orders);
  }

  async find(id: string) {
    const [order] = await this.#db.select().from(orders).where(eq(orders.id, id));
    return order;
  }
}
