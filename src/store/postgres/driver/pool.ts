import pg from "pg";
import { cut, settingsOf, setUp } from "./connection.ts";
import type { Host } from "./hosts.ts";
import { isHostLost, isUnanswered } from "./postgres-errors.ts";
import type { ServerClock } from "./server-clock.ts";

const IDLE_MS = 30_000;
/** Statements that still run when the process ends are waited for this long, and so are goodbyes. */
const GOODBYE_MS = 5_000;

/** The connections of a process to one host, which is connected to when somebody needs it. */
export class Pool {
  readonly #pool: pg.Pool;
  readonly #all = new Set<pg.PoolClient>();
  readonly #idle = new Set<pg.PoolClient>();

  constructor(host: Host, size: number, clock: ServerClock) {
    this.#pool = new pg.Pool({
      ...settingsOf(host),
      max: size,
      idleTimeoutMillis: IDLE_MS,
      onConnect: (client) => {
        client.on("error", () => {}); // its user learns of it from the statement that fails
        return setUp(client, clock); // the type says void, but the driver awaits it
      },
    });
    this.#pool.on("error", () => {}); // an idle connection was lost; the next use makes another
    this.#pool.on("connect", (client) => this.#all.add(client));
    this.#pool.on("acquire", (client) => this.#idle.delete(client));
    this.#pool.on("release", (lost, client) => lost || this.#idle.add(client));
    this.#pool.on("remove", (client) => {
      this.#all.delete(client);
      this.#idle.delete(client);
    });
  }

  connect(): Promise<pg.PoolClient> {
    return this.#pool.connect();
  }

  /** @param error what went wrong with it, if anything did. */
  giveBack(client: pg.PoolClient, error?: unknown): void {
    // and the next user must not end up in the last one's transaction
    const isLost = isHostLost(error) || client.getTransactionStatus() !== "I";
    client.release(isLost);
    if (isLost) cut(client);
    // if one connection fell silent, others probably have too, and each would cost its user the same wait
    if (isUnanswered(error)) for (const idle of this.#idle) cut(idle);
  }

  async close(): Promise<void> {
    const giveUp = setTimeout(() => {
      for (const client of this.#all) cut(client);
    }, GOODBYE_MS);
    await this.#pool.end();
    clearTimeout(giveUp);
    for (const client of this.#all) cut(client);
  }
}
