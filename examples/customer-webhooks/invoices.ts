import type { DatabaseSync } from "node:sqlite";
import type { Posthorn } from "posthorn";
import { Transactions } from "../sqlite-transaction/transactions.ts";

export interface Invoice {
  readonly id: number;
  readonly cents: number;
  readonly paid: number;
}

/** The invoices of all customers, in the file that Posthorn keeps its events in. */
export class Invoices {
  readonly #db: DatabaseSync;
  readonly #transactions: Transactions;
  readonly #send: Posthorn["webhooks"]["send"];

  constructor(db: DatabaseSync, { webhooks }: Pick<Posthorn, "webhooks">) {
    db.exec(`
      create table if not exists invoices (
        id integer primary key,
        customer text not null,
        cents integer not null,
        paid integer not null default 0
      ) strict`);
    this.#db = db;
    this.#transactions = new Transactions(db);
    this.#send = webhooks.send.bind(webhooks);
  }

  list(customer: string): Invoice[] {
    const rows = this.#db
      .prepare("select id, cents, paid from invoices where customer = ? order by id desc limit 10")
      .all(customer);
    return rows as unknown as Invoice[]; // as selected
  }

  create(customer: string, cents: number): Promise<void> {
    return this.#transactions.run(async (tx) => {
      const { lastInsertRowid } = tx
        .prepare("insert into invoices (customer, cents) values (?, ?)")
        .run(customer, cents);
      await this.#tell(customer, "invoice.created", { id: Number(lastInsertRowid), cents }, tx);
    });
  }

  /** The invoice is paid and its event sent, or neither. */
  pay(customer: string, id: number): Promise<void> {
    return this.#transactions.run(async (tx) => {
      const [paid] = tx
        .prepare("update invoices set paid = 1 where id = ? and customer = ? and paid = 0 returning cents")
        .all(id, customer);
      if (paid) await this.#tell(customer, "invoice.paid", { id, cents: paid.cents }, tx);
    });
  }

  async #tell(tenant: string, type: string, payload: object, tx: DatabaseSync): Promise<void> {
    await this.#send({ tenant, type, payload }, { tx });
  }
}
