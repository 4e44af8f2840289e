import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** Stands before a server as a network does that may lose a connection without telling either end. */
export class HalfOpenProxy {
  readonly port: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isBroken = false;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(t: TestContext, target: string): Promise<HalfOpenProxy> {
    const { hostname, port } = new URL(`tcp://${target}`);
    const server = createServer((client) => proxy.#accept(client, connect(Number(port), hostname)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    const proxy = new HalfOpenProxy(address.port);
    t.after(() => {
      for (const sockets of proxy.#pairs) for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  /** Nothing comes through any more, in either direction, and nobody is told: neither on connections there are, nor on new ones. */
  break(): void {
    this.#isBroken = true;
    for (const sockets of this.#pairs) for (const socket of sockets) fallSilent(socket);
  }

  /** New connections come through again. Those that fell silent stay so. */
  mend(): void {
    this.#isBroken = false;
  }

  #accept(client: Socket, upstream: Socket): void {
    const sockets = [client, upstream] as const;
    this.#pairs.add(sockets);
    for (const socket of sockets) socket.on("error", () => {});
    if (this.#isBroken) return;
    client.pipe(upstream).pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => {
      client.destroy();
      this.#pairs.delete(sockets);
    });
  }
}

/** It takes what is sent to it, until its buffers are full, and passes nothing on, not even its end. */
function fallSilent(socket: Socket): void {
  socket.unpipe();
  socket.removeAllListeners("end").removeAllListeners("close");
  socket.pause();
}
