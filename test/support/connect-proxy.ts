import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** An HTTP proxy on loopback that tunnels for those who know its password. */
export class ConnectProxy {
  readonly host: string;
  /** What it was asked to reach, and whom it answered with which status. */
  readonly asked: { readonly authority: string; readonly status: number }[] = [];
  /** The ports that its tunnels come from. */
  readonly ports = new Set<number | undefined>();
  /** The hosts that may not be reached. */
  refuses: { readonly authority: string; readonly status: number } | undefined;

  private constructor(host: string) {
    this.host = host;
  }

  static async start(t: TestContext, user = "egress", password = "w0rd%of the proxy"): Promise<ConnectProxy> {
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const sockets = new Set<Socket>();
    const server = createServer((_request, response) => response.writeHead(405).end());
    server.on("connect", (request, client: Socket) => {
      const authority = request.url ?? "";
      const { refuses } = proxy;
      let status = request.headers["proxy-authorization"] === expected ? 200 : 407;
      if (status === 200 && refuses?.authority === authority) status = refuses.status;
      proxy.asked.push({ authority, status });
      sockets.add(client);
      client.on("error", () => {}).on("close", () => sockets.delete(client));
      if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      const { hostname, port } = new URL(`tcp://${authority}`);
      const onwards = connect(Number(port), hostname, () => {
        proxy.ports.add(onwards.localPort);
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(onwards).pipe(client);
      });
      onwards.on("error", () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const proxy = new ConnectProxy(`127.0.0.1:${port}`);
    return proxy;
  }

  url(password = "w0rd%25of%20the%20proxy"): string {
    return `http://egress:${password}@${this.host}`;
  }
}
