import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";

/** An authorization server on loopback: gives each client that knows its secret a token of its own, and counts. */
export class TokenServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: { readonly authorization: string | undefined; readonly form: URLSearchParams }[] = [];
  /** Of the last token. */
  token = "";
  /** What the next answers are instead. */
  refusesWith: { readonly status: number; readonly body: unknown } | undefined;
  /** Awaited before each answer. */
  opens: Promise<void> = Promise.resolve();

  private constructor(url: string) {
    this.url = url;
  }

  static async start(t: TestContext, lifetimeSeconds = 3_600): Promise<TokenServer> {
    const http = createServer(async (request, response) => {
      server.asked.push({
        authorization: request.headers.authorization,
        form: new URLSearchParams(await text(request)),
      });
      await server.opens;
      const { refusesWith } = server;
      if (!refusesWith) server.token = `t0ken-number-${server.asked.length}.of.the.server`;
      const granted = { access_token: server.token, token_type: "Bearer", expires_in: lifetimeSeconds };
      response
        .writeHead(refusesWith?.status ?? 200, { "content-type": "application/json" })
        .end(JSON.stringify(refusesWith?.body ?? granted));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      http.closeAllConnections();
      http.close();
    });
    const { port } = http.address() as AddressInfo; // it listens on TCP
    const server = new TokenServer(`http://127.0.0.1:${port}/token`);
    return server;
  }
}
