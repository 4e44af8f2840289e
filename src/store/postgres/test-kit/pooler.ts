import type { Socket } from "node:net";
import pg from "pg";
import { startStandIn } from "./stand-in.ts";

/** When a client gets a connection to the server, and for how long. */
export type PoolMode = "session" | "transaction" | "statement";

const STARTUP_DONE = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), // AuthenticationOk
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]), // ReadyForQuery, idle
]);
const [QUERY, READY, TERMINATE] = ["Q", "Z", "X"].map((letter) => letter.charCodeAt(0));
const REFUSED_TEXT = "SERROR\0VERROR\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0";
const REFUSED = Buffer.concat([
  Buffer.from([0x45, 0, 0, 0, 4 + REFUSED_TEXT.length]),
  Buffer.from(REFUSED_TEXT),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);

/** Messages of one direction, whole. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  *of(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 5 && this.#rest.length > this.#rest.readInt32BE(1)) {
      const end = 1 + this.#rest.readInt32BE(1);
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}

interface Upstream {
  readonly client: pg.Client;
  user: Socket | undefined;
}

/**
 * A connection pooler as PgBouncer is one: it lets everyone in, and hands its own connections out for a session, a
 * transaction or a statement.
 * @param turns goes round its free connections, in place of taking the one that was used last.
 */
export async function startPooler(url: string, mode: PoolMode, { size = 8, turns = false } = {}) {
  const all: Upstream[] = [];
  const free: Upstream[] = [];

  const open = async () => {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    const upstream: Upstream = { client, user: undefined };
    const { stream } = client.connection;
    stream.removeAllListeners("data");
    const answers = new Messages();
    stream.on("data", (chunk: Buffer) => {
      for (const message of answers.of(chunk)) {
        upstream.user?.write(message);
        const isOver = message[0] === READY && message[5] === 0x49;
        if (isOver && mode !== "session") giveBack(upstream);
      }
    });
    all.push(upstream);
    free.push(upstream);
  };
  const giveBack = (upstream: Upstream) => {
    upstream.user = undefined;
    free.push(upstream);
  };

  for (let count = 0; count < size; count++) await open();
  const standIn = await startStandIn(url, (socket) => {
    let mine: Upstream | undefined;
    socket.once("data", () => {
      socket.write(STARTUP_DONE);
      const asked = new Messages();
      socket.on("data", (chunk: Buffer) => {
        for (const message of asked.of(chunk)) {
          if (message[0] === TERMINATE) continue;
          if (mode === "statement" && message[0] === QUERY && message.includes("begin")) {
            socket.write(REFUSED);
            continue;
          }
          if (mine?.user !== socket) {
            mine = turns ? free.shift() : free.pop();
            if (!mine) return socket.destroy(new Error("no connection is free"));
            mine.user = socket;
          }
          mine.client.connection.stream.write(message);
        }
        return undefined;
      });
    });
    socket.on("close", () => {
      if (mine?.user === socket) giveBack(mine);
    });
  });
  return {
    url: standIn.url,
    async stop() {
      await standIn.stop();
      for (const { client } of all) client.connection.stream.destroy();
    },
  };
}
