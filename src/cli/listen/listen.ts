import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import { aborted, type GlobalOptions, type Io } from "../terminal/io.ts";
import { type Forwarded, forward } from "./forward.ts";
import { printReceived, type Received } from "./received.ts";
import { type SignatureCheck, SignatureChecker } from "./signature-checker.ts";

export interface ListenCommandOptions extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  /** Empty: the secrets of the server with this database, and of its endpoints. */
  readonly secret: readonly string[];
  readonly failRate?: number;
  readonly status?: number;
  /** The program that gets the requests, and whose answers are given. */
  readonly forwardTo?: string;
  /** Before each answer, in milliseconds. */
  readonly delay: number;
}

/** More than a server sends by default (1 MiB), and little enough to hold many at once. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** How many ids have their attempts counted; past it, each new one displaces the oldest. */
const MAX_COUNTED = 10_000;

/** A receiver to try deliveries with: verifies their signatures, prints them, and fails as often as told. */
export async function listenForWebhooks(options: ListenCommandOptions, io: Io): Promise<void> {
  const { forwardTo, failRate, status } = options;
  if (forwardTo !== undefined && (failRate !== undefined || status !== undefined))
    throw new ConfigurationError(
      "with --forward-to, the program behind it decides on the answer: leave out --fail-rate and --status",
    );
  const stop = io.stopSignal();
  const receiver = new Receiver(options, io, stop);
  const server = createServer((request, response) => void receiver.receive(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  }).catch((cause) => {
    throw new ConfigurationError(
      `cannot listen on ${options.host}, port ${options.port} (${messageOf(cause)}); choose another with --port`,
      { cause },
    );
  });
  const { address, port, family } = server.address() as AddressInfo; // it listens on TCP
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
  if (!options.json)
    io.stderr.write(
      `Receiving webhooks on ${url}${forwardTo === undefined ? " " : `, forwarding them to ${forwardTo} `}(Ctrl-C stops)\n`,
    );
  else io.stdout.write(`${JSON.stringify({ url })}\n`);

  await aborted(stop);
  server.close();
  server.closeAllConnections();
}

class Receiver {
  readonly #options: ListenCommandOptions;
  readonly #io: Io;
  readonly #stop: AbortSignal;
  readonly #checker: SignatureChecker;
  readonly #attempts = new Map<string, number>();

  constructor(options: ListenCommandOptions, io: Io, stop: AbortSignal) {
    this.#options = options;
    this.#io = io;
    this.#stop = stop;
    this.#checker = new SignatureChecker(options, io.env.POSTHORN_MASTER_KEY);
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new Date();
    try {
      const body = await readBody(request);
      const check = body ? await this.#checker.check(body, request.headers) : TOO_LARGE;
      if (this.#options.delay > 0) await sleep(this.#options.delay, undefined, { signal: this.#stop });
      const forwarded = await this.#forward(request, body);
      const status = body ? this.#statusFor(check, forwarded) : 413;
      response.writeHead(status).end(forwarded && "body" in forwarded ? forwarded.body : undefined);
      const received = this.#describe(request, at, body, check, status);
      printReceived(this.#io.stdout, { ...received, forwarded }, this.#options.json);
    } catch (error) {
      response.destroy(); // the sender is gone, or we are
      if (!this.#stop.aborted) this.#io.stderr.write(`posthorn: a request broke off: ${messageOf(error)}\n`);
    }
  }

  async #forward(request: IncomingMessage, body: Buffer | undefined): Promise<Forwarded | undefined> {
    const { forwardTo } = this.#options;
    if (forwardTo === undefined || body === undefined) return undefined;
    return forward(request, body, forwardTo, this.#stop);
  }

  /** As a real receiver would, it refuses what cannot be trusted, whatever else it was told to answer. */
  #statusFor(check: SignatureCheck, forwarded: Forwarded | undefined): number {
    if (forwarded) return "status" in forwarded ? forwarded.status : 502; // it checks the signature itself
    if (check.kind === "refused") return 401;
    const { failRate, status } = this.#options;
    if (failRate === undefined) return status ?? 200;
    return Math.random() < failRate ? (status ?? 500) : 200;
  }

  #describe(
    request: IncomingMessage,
    at: Date,
    body: Buffer | undefined,
    check: SignatureCheck,
    status: number,
  ): Received {
    const id = request.headers["webhook-id"];
    const named = typeof id === "string" ? id : null;
    return {
      at,
      method: request.method ?? "",
      path: request.url ?? "",
      id: named,
      seen: named === null ? 1 : this.#count(named),
      check,
      status,
      body: body?.toString() ?? "",
    };
  }

  #count(id: string): number {
    const seen = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.delete(id); // moves it to the end of the insertion order
    this.#attempts.set(id, seen);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > MAX_COUNTED && oldest !== undefined) this.#attempts.delete(oldest);
    return seen;
  }
}

const TOO_LARGE: SignatureCheck = { kind: "unchecked", reason: `the body is over ${MAX_BODY_BYTES} bytes` };

/** Undefined when it is over the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}
