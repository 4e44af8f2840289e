import { connect, createServer, type Socket } from "node:net";

/** Stands between a store and its server, as a pooler may, and can lose the answer to a commit. */
export interface SeveringProxy {
  /** The same database, through the proxy. */
  readonly url: string;
  /** The next commit reaches the server; what it answers is lost, with the connection. */
  severAtNextCommit(): void;
  /** The same, and nothing else that came with it is passed on: as a pooler does that has lost its server, it says so. */
  lamentAtNextCommit(): void;
  stop(): Promise<void>;
}

/** Of a message: its type, and its length. */
const HEAD_BYTES = 5;

const FIELDS = "SFATAL\0VFATAL\0C08P01\0Mserver conn crashed?\0\0";
/** ErrorResponse, https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SERVER_LOST = Buffer.concat([
  Buffer.from("E\0\0\0"),
  Buffer.from([4 + FIELDS.length]),
  Buffer.from(FIELDS),
]);

export async function startSeveringProxy(url: string): Promise<SeveringProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let armed: "sever" | "lament" | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      const at = armed ? chunk.indexOf("COMMIT\0") : -1;
      if (at === -1) client.write(chunk);
      else {
        const last = armed === "lament" ? SERVER_LOST : chunk.subarray(0, at - HEAD_BYTES);
        armed = undefined;
        client.write(last, () => client.destroy());
      }
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const through = new URL(url);
  if (address !== null && typeof address !== "string") through.port = String(address.port);
  return {
    url: through.href,
    severAtNextCommit() {
      armed = "sever";
    },
    lamentAtNextCommit() {
      armed = "lament";
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
