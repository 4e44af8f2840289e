import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ledger } from "./ledger.ts";

/** A delivery for a request of a run; `n` before `r`, which is also where a database puts them that sorts keys. */
const OF_A_REQUEST = /"n":\s*(\d+),\s*"r":\s*(\d+)/;
const SEEDED = /"seeded":\s*(\d+)/;
/** Both are within this much of the body. */
const READ_CHARACTERS = 200;

/** Where the deliveries go. It answers immediately, except under `/slow/…`, after `slowMs`. */
export class Receiver {
  readonly url: string;
  slowMs = 0;
  readonly #server: Server;
  #run = 0;
  #ledger: Ledger | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async listen(): Promise<Receiver> {
    const server = createServer((request, response) => receiver.#take(request, response));
    // never the first to close an idle connection: a delivery that crosses with the close would fail
    server.keepAliveTimeout = 300_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 1_024, resolve));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const receiver = new Receiver(server, port);
    return receiver;
  }

  /** From now on deliveries are entered here; their payloads have to hold the number of the run. */
  keep(ledger: Ledger): number {
    this.#ledger = ledger;
    return ++this.#run;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const at = performance.now();
    let start = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      if (start.length < READ_CHARACTERS) start += chunk;
    });
    request.on("end", () => {
      if (request.url?.startsWith("/slow/")) setTimeout(() => response.writeHead(204).end(), this.slowMs);
      else response.writeHead(204).end();
      this.#enter(start, at);
    });
  }

  #enter(start: string, at: number): void {
    const [, number, run] = OF_A_REQUEST.exec(start) ?? [];
    const [, seeded] = SEEDED.exec(start) ?? [];
    if (number !== undefined && Number(run) === this.#run) this.#ledger?.arrived(Number(number), at);
    else if (seeded !== undefined) this.#ledger?.seededArrived(Number(seeded), at);
    else this.#ledger?.stranger();
  }
}
