import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { ConfigurationError, messageOf } from "../core/errors.ts";
import type { App } from "./app.ts";
import { whenBodyIsWanted } from "./request/expect-continue.ts";
import { refusalOf, unreadable } from "./request/framing.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits?: Partial<ServerLimits>;
}

/** How long a client may take. */
export interface ServerLimits {
  /** For a request's head. Default 10 s. */
  readonly headersTimeoutMs: number;
  /** For a whole request, including its body. Default 30 s: 1 MiB over a slow line. */
  readonly requestTimeoutMs: number;
  /** For an idle connection. Default 65 s: longer than the 60 s of common load balancers, so that they close first. */
  readonly keepAliveTimeoutMs: number;
  /** For a request's head, in bytes. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** How often the first two are checked. Default 1 s. */
  readonly checkEveryMs: number;
  /** For taking the next bytes of an answer; a connection that takes none is cut after it. Default 30 s. */
  readonly stallMs: number;
  /** For requests in flight when closing; their connections are cut after it. Default 10 s. */
  readonly closeGraceMs: number;
}

const LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16_384,
  checkEveryMs: 1_000,
  stallMs: 30_000,
  closeGraceMs: 10_000,
};

/** How often, while closing, connections that have become idle are looked for. */
const SWEEP_MS = 25;

export interface Listening {
  /** With the actual port, and no slash at the end. */
  readonly url: string;
  /**
   * Takes no new connections, answers what is in flight (waits for a job's end at once, with what is known), then closes.
   * Calling it again gives the same promise.
   */
  close(): Promise<void>;
}

/**
 * Serves the API over HTTP.
 * @throws ConfigurationError when the address cannot be listened on.
 */
export async function listen(
  app: Pick<App, "fetch" | "stopWaiting">,
  options: ListenOptions,
): Promise<Listening> {
  const limits = { ...LIMITS, ...options.limits };
  const answer = getRequestListener(
    (request, { incoming }) => {
      const message = incoming as IncomingMessage; // HTTP/1, as below
      return refusalOf(message) ?? app.fetch(request, message);
    },
    { hostname: options.host, errorHandler: unreadable },
  );
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.maxHeaderBytes,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    answer,
  );
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false; // unless its body is asked for, nobody knows whether it comes
    whenBodyIsWanted(request, () => {
      response.shouldKeepAlive = true;
      response.writeContinue();
    });
    server.emit("request", request, response);
  });
  // those that are closed leave it a moment later: with a listener for it, Node's server adds to an array of listeners, and takes away from
  // it, with each request, and what requests leave behind then survives the minor collections of garbage
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  const watch = setInterval(() => {
    for (const socket of sockets) {
      if (socket.destroyed) sockets.delete(socket);
      // Node's timer of a socket goes by what the other side takes; it is set only where something waits to be taken
      else if (socket.writableLength > 0 && !socket.timeout) socket.setTimeout(limits.stallMs);
    }
  }, limits.checkEveryMs).unref();
  server.once("close", () => clearInterval(watch));
  await start(server, options);
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server.address() as AddressInfo), // a listening TCP server has one
    close: () => {
      closed ??= stop(server, sockets, app, limits.closeGraceMs);
      return closed;
    },
  };
}

/**
 * Of connections that wait while the process is busy; past that the system drops them, and their clients are reset after half a
 * minute. Linux allows as many by default, other systems fewer.
 */
const MOST_UNACCEPTED = 4_096;

function start(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port));
    server.once("error", refuse);
    server.listen(port, host, MOST_UNACCEPTED, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

function stop(
  server: Server,
  sockets: ReadonlySet<Socket>,
  app: Pick<App, "stopWaiting">,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    // Node closes connections that are idle now, but one that becomes idle later stays for its keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
    // To Node, a connection that has not sent anything yet is not idle but late with its first request.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    app.stopWaiting();
  });
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): ConfigurationError {
  return new ConfigurationError(whyNot(cause, host, port), { cause });
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use; stop what uses it, or choose another with --port`;
    case "EACCES":
      return `port ${port} on ${host} needs more rights than this user has; choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine; choose another with --host`;
    default:
      return `cannot listen on ${host} port ${port}: ${messageOf(error)}`;
  }
}

function urlOf({ address, port }: AddressInfo): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
