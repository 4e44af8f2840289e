import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { newId } from "../../../core/id.ts";
import { cut } from "../driver/connection.ts";
import type { Database } from "../driver/database.ts";
import { statement } from "../driver/statement.ts";

/**
 * A commit with a NOTIFY holds a lock of the whole server, so it is a transaction of its own that waits for no disk, and no
 * more than twenty a second from each process.
 */
const NOTIFY = statement(`
  select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`);
const NOTIFY_EVERY_MS = 50;
const RECONNECT_MS = 1_000;

/** Who only listens does not notice that nobody speaks any more: a network may lose a connection without a word. */
const STILL_THERE = "select";
const STILL_THERE_MS = 15_000;

/** Tells other processes that there is work, and hears it from them. */
export class Signals {
  readonly #db: Database;
  readonly #failed: (error: unknown) => void;
  /** What this process signs with, to know its own. */
  readonly #name = newId("wrk");
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #client: pg.Client | undefined;
  #listening: Promise<void> | undefined;
  #notifying: NodeJS.Timeout | undefined;
  #isDue = false;

  /** @param failed called when the connection that listens is lost, or could not be made; it is then made again. */
  constructor(db: Database, failed: (error: unknown) => void) {
    this.#db = db;
    this.#failed = failed;
  }

  /** To other processes, soon. */
  notify(): void {
    if (this.#notifying) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    this.#notifying = setTimeout(() => {
      this.#notifying = undefined;
      if (this.#isDue) this.notify();
    }, NOTIFY_EVERY_MS).unref();
    this.#db.run(NOTIFY, this.#db.schema, this.#name).catch(() => {}); // they look by themselves too
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    this.#listening ??= this.#listen();
    return () => this.#listeners.delete(changed);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#notifying);
    if (this.#client) cut(this.#client);
    await this.#listening;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#listenOnce();
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      await sleep(RECONNECT_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Until the connection ends, or nothing is heard from it. */
  async #listenOnce(): Promise<void> {
    const client = await this.#db.connectAlone();
    this.#client = client;
    const ended = new AbortController();
    client.once("end", () => ended.abort());
    try {
      if (this.#stop.signal.aborted) return;
      client.on("notification", ({ payload }) => {
        if (payload !== this.#name) this.#changed();
      });
      await client.query(`listen "${this.#db.schema}"`); // the channel is named as the schema is
      this.#changed(); // something may have been said while nobody listened
      while (!ended.signal.aborted) {
        await sleep(STILL_THERE_MS, undefined, { signal: ended.signal, ref: false }).catch(() => {});
        await client.query(STILL_THERE);
      }
    } finally {
      cut(client);
    }
  }

  #changed(): void {
    for (const changed of this.#listeners) changed();
  }
}
