import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** What PostgreSQL was asked, on all connections together. */
export interface Traffic {
  /** Each time one ran. */
  readonly statements: readonly string[];
  /** How often a connection waited for an answer before it went on. */
  readonly roundTrips: number;
}

/**
 * Stands before a PostgreSQL and counts what is sent through it
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html). Connections must not be encrypted.
 */
export class WireTap {
  readonly #statements: string[] = [];
  #roundTrips = 0;
  /** Connections that wait for an answer. */
  readonly #waiting = new Set<Socket>();
  #lastHeardAt = 0;
  readonly #sockets = new Set<Socket>();

  /** @returns the tap, and the URL of the same database through it. */
  static async start(t: TestContext, url: string): Promise<{ tap: WireTap; url: string }> {
    const tap = new WireTap();
    const { hostname, port } = new URL(url);
    const server = createServer((client) => tap.#join(client, connect(Number(port), hostname)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    t.after(() => {
      for (const socket of tap.#sockets) socket.destroy();
      server.close();
    });
    const through = new URL(url);
    through.hostname = "127.0.0.1";
    through.port = String(address.port);
    return { tap, url: through.href };
  }

  /** What `work` caused, which is over once it has resolved, all is answered, and nothing was sent for so long. */
  async during(work: () => Promise<unknown>, quietMs = 60): Promise<Traffic> {
    const before = { statements: this.#statements.length, roundTrips: this.#roundTrips };
    await work();
    this.#lastHeardAt = performance.now();
    while (this.#waiting.size > 0 || performance.now() - this.#lastHeardAt < quietMs)
      await new Promise((resolve) => setTimeout(resolve, 5));
    return {
      statements: this.#statements.slice(before.statements),
      roundTrips: this.#roundTrips - before.roundTrips,
    };
  }

  #join(client: Socket, upstream: Socket): void {
    const reader = new RequestReader();
    client.on("data", (bytes: Buffer) => {
      this.#statements.push(...reader.read(bytes));
      if (!this.#waiting.has(client)) this.#roundTrips++;
      this.#waiting.add(client);
      this.#lastHeardAt = performance.now();
    });
    upstream.on("data", () => {
      this.#waiting.delete(client);
      this.#lastHeardAt = performance.now();
    });
    client.on("close", () => this.#waiting.delete(client));
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {}).on("close", () => other.destroy());
    }
  }
}

const QUERY = "Q".charCodeAt(0);
const PARSE = "P".charCodeAt(0);
const BIND = "B".charCodeAt(0);
const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/** Finds the statements in what a client sends. */
class RequestReader {
  #rest = Buffer.alloc(0);
  #isStarted = false;
  /** By name. */
  readonly #prepared = new Map<string, string>();

  /** Those that these bytes complete. */
  read(bytes: Buffer): string[] {
    const found: string[] = [];
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      // the first message has no type
      const typeBytes = this.#isStarted ? TYPE_BYTES : 0;
      if (this.#rest.length < typeBytes + LENGTH_BYTES) return found;
      const end = typeBytes + this.#rest.readInt32BE(typeBytes);
      if (this.#rest.length < end) return found;
      const statement =
        this.#isStarted && this.#message(this.#rest[0], this.#rest.subarray(TYPE_BYTES + LENGTH_BYTES, end));
      if (statement) found.push(statement);
      this.#isStarted = true;
      this.#rest = this.#rest.subarray(end);
    }
  }

  /** The statement that it runs. */
  #message(type: number | undefined, body: Buffer): string | undefined {
    const [first = "", second = ""] = body.toString("latin1").split("\0", 2);
    if (type === PARSE) this.#prepared.set(first, second);
    if (type === BIND) return this.#prepared.get(second) ?? second; // the first names the portal
    return type === QUERY ? first : undefined;
  }
}
