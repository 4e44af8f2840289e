import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** When a delivery came, and when it should have been sent. */
export interface Came {
  readonly path: string;
  readonly sentAt: number;
  readonly at: number;
}

const HANG_MS = 30_000;
const DRIP_MS = 1_000;
/** So that a queue lasts. */
const SLOW_MS = 50;

/** Answers as the path says: well, a little late, never in time, with an error, too busy, or a byte a second. Reports those that it answers well. */
export function receive(): void {
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const { url: path = "" } = request;
      if (!path.startsWith("/good")) return misbehave(path, response);
      response.end();
      process.send?.({ path, sentAt: Number(body), at: Date.now() } satisfies Came);
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", 4_096, () => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    process.send?.({ port });
  });
}

function misbehave(path: string, response: ServerResponse): void {
  if (path === "/error") response.writeHead(500).end();
  else if (path === "/busy") response.writeHead(429, { "retry-after": "5" }).end();
  else if (path === "/drip") drip(response);
  else if (path === "/slow") setTimeout(() => response.end(), SLOW_MS);
  else setTimeout(() => response.end(), HANG_MS).unref();
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const dripping = setInterval(() => response.write("."), DRIP_MS).unref();
  response.on("close", () => clearInterval(dripping));
}
