import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { until } from "./until.ts";

/** One request that came. */
export class Delivery {
  /** Its `webhook-id`. */
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  readonly remoteAddress: string | undefined;
  /** Resolves when the connection or the exchange is over, whether or not it was answered. */
  readonly over: Promise<void>;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, bytes: Buffer, response: ServerResponse) {
    this.id = String(request.headers["webhook-id"]);
    this.path = request.url ?? "";
    this.headers = request.headers;
    this.bytes = bytes;
    this.remoteAddress = request.socket.remoteAddress;
    this.#response = response;
    this.over = new Promise((resolve) => response.once("close", () => resolve()));
  }

  get text(): string {
    return this.bytes.toString();
  }

  answer(status: number, body = "ok", headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers).end(body);
  }

  /** Breaks the connection off instead. */
  drop(): void {
    this.#response.destroy();
  }
}

/** A receiver of webhooks on loopback that keeps a ledger of all that came, in order. */
export class Receiver {
  readonly url: string;
  readonly ledger: Delivery[] = [];

  private constructor(url: string) {
    this.url = url;
  }

  /** @param judge answers a delivery, or keeps it to be answered later. */
  static async start(
    t: TestContext,
    judge: (delivery: Delivery) => void = (delivery) => delivery.answer(200),
  ): Promise<Receiver> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk);
      } catch {
        return; // its sender was killed in the middle of it
      }
      const delivery = new Delivery(request, Buffer.concat(chunks), response);
      receiver.ledger.push(delivery);
      judge(delivery);
    });
    // never the first to close an idle connection: a request that crosses with the close would fail
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 1_024, resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const receiver = new Receiver(`http://127.0.0.1:${port}`);
    return receiver;
  }

  /** The first `count` deliveries, once there are as many. */
  received(count: number): Promise<readonly Delivery[]> {
    return until(
      `${count} deliveries have come`,
      () => this.ledger.length >= count && this.ledger.slice(0, count),
    );
  }

  /** The delivery at this place, once it has come. */
  async nth(place: number): Promise<Delivery> {
    return until(`delivery number ${place + 1} has come`, () => this.ledger[place]);
  }

  /** How often each id came. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { id } of this.ledger) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  }
}
