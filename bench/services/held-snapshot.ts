import { setInterval } from "node:timers/promises";
import { Client } from "pg";

const LOOK_EVERY_MS = 5_000;

/**
 * A session that forgot to end its transaction. Nothing that is deleted after its snapshot was taken can be cleaned up until
 * it ends (https://www.postgresql.org/docs/current/routine-vacuuming.html).
 */
export class HeldSnapshot {
  readonly #holder: Client;
  readonly #observer: Client;
  readonly #released = new AbortController();
  readonly #observing: Promise<void>;
  #mostDeadRows = 0;

  private constructor(holder: Client, observer: Client) {
    this.#holder = holder;
    this.#observer = observer;
    this.#observing = this.#observe();
  }

  static async take(url: string): Promise<HeldSnapshot> {
    const [holder, observer] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    await Promise.all([holder.connect(), observer.connect()]);
    await holder.query("begin isolation level repeatable read");
    await holder.query("select 1"); // with the first statement, the snapshot
    return new HeldSnapshot(holder, observer);
  }

  /** Seen at one time in the tables that each claim walks through. */
  get mostDeadRows(): number {
    return this.#mostDeadRows;
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#observing;
    await Promise.all([this.#holder.end(), this.#observer.end()]);
  }

  async #observe(): Promise<void> {
    try {
      for await (const _ of setInterval(LOOK_EVERY_MS, undefined, { signal: this.#released.signal })) {
        const { rows } = await this.#observer.query(
          "select max(n_dead_tup)::int as dead from pg_stat_user_tables where relname in ('ready', 'scheduled')",
        );
        this.#mostDeadRows = Math.max(this.#mostDeadRows, rows[0].dead);
      }
    } catch (error) {
      if (!this.#released.signal.aborted) throw error;
    }
  }
}
