import { connect, createServer, type Socket } from "node:net";

/** Stands between a store and its server, and can lose the answer to a commit. */
export interface SeveringProxy {
  /** The same database, through the proxy. */
  readonly url: string;
  /** The next commit reaches the server; what it answers is lost, with the connection. */
  severAtNextCommit(): void;
  stop(): Promise<void>;
}

export async function startSeveringProxy(url: string): Promise<SeveringProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isArmed = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isSevered = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk) => {
      if (isArmed && chunk.includes("commit\0")) {
        isArmed = false;
        isSevered = true;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!isSevered) client.write(chunk);
      else if (chunk.includes("COMMIT\0")) client.destroy(); // it is done now
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
      isArmed = true;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
