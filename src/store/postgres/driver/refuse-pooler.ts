import pg from "pg";
import { StoreUnusableError } from "../../../core/errors.ts";
import { cut, settingsOf } from "./connection.ts";
import type { Host } from "./hosts.ts";

const WHERE = "select pg_backend_pid() as pid, pg_is_in_recovery() as is_standby";

interface Place {
  readonly pid: number;
  readonly is_standby: boolean;
}

/**
 * A pooler in transaction mode gives each transaction whichever of its connections is free. Prepared statements, settings and
 * LISTEN then end up with others, and Posthorn's settings of a connection would be those of other programs' queries: so
 * nothing is set before this is known.
 *
 * The host that takes writes is looked at. One that cannot be connected to is left to who opens the database, and says why.
 * @throws StoreUnusableError
 */
export async function refusePooler(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    const kind = await kindOf(host);
    if (kind === "pooled") {
      throw new StoreUnusableError(
        `the database ${host.label} is behind a connection pooler in transaction mode, which Posthorn cannot work through: it ` +
          "prepares statements, sets timeouts and listens. Connect directly, or through a pooler in session mode",
      );
    }
    if (kind === "direct") return;
  }
}

async function kindOf(host: Host): Promise<"direct" | "pooled" | "standby" | "unreachable"> {
  const clients: pg.Client[] = [];
  try {
    for (let count = 0; count < 2; count++) {
      const client = new pg.Client(settingsOf(host));
      client.on("error", () => {}); // the statement that fails tells
      clients.push(client);
    }
    await Promise.all(clients.map((client) => client.connect()));
    const [one, other] = clients;
    if (!one || !other) return "unreachable";
    const { pid, is_standby } = await placeOf(one);
    if (await sharesConnections(one, other, pid)) return "pooled";
    return is_standby ? "standby" : "direct";
  } catch {
    return "unreachable";
  } finally {
    for (const client of clients) cut(client);
  }
}

/**
 * A pooler that takes the connection that was used last gives both the same, or moves the first to another. One that goes
 * round them may by chance have come back to the same, but does not twice in a row.
 */
async function sharesConnections(one: pg.Client, other: pg.Client, pid: number): Promise<boolean> {
  try {
    await other.query("begin");
  } catch {
    return true; // a pooler in statement mode
  }
  if ((await placeOf(other)).pid === pid) return true;
  if ((await placeOf(one)).pid !== pid) return true;
  await other.query("rollback");
  return (await placeOf(one)).pid !== pid || (await placeOf(one)).pid !== pid;
}

async function placeOf(client: pg.Client): Promise<Place> {
  const { rows } = await client.query<Place>(WHERE);
  const [place] = rows;
  if (!place) throw new Error("the server did not say which process answers");
  return place;
}
