import { createServer, type Socket } from "node:net";

/**
 * Listens on this machine, for stores that take it for the server of a database.
 * @param take gets each connection; what it passes to `keep` is closed with it in the end.
 */
export async function startStandIn(
  url: string,
  take: (client: Socket, keep: (socket: Socket) => void) => void,
) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    take(client, keep);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const through = new URL(url);
  if (address !== null && typeof address !== "string") through.port = String(address.port);
  return {
    /** The same database, by way of this. */
    url: through.href,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
