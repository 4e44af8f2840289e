import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A receiver of webhooks on 127.0.0.1 that counts its connections. */
export interface Receiver {
  readonly port: number;
  connections: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export function httpReceiver(onRequest: RequestListener): Promise<Receiver> {
  return listen(createHttpServer(onRequest));
}

/** One that does what it likes with a connection once the head of a request has come. */
export function rawReceiver(onRequest: (socket: Socket) => void): Promise<Receiver> {
  const server = createServer((socket) => {
    socket.on("error", () => {}); // resets are what is tested
    socket.once("data", () => onRequest(socket));
  });
  return listen(server);
}

/** Certified for hooks.test, by itself. */
export const HOOKS_TEST_PEM = readFileSync(new URL("hooks.test.pem", import.meta.url), "utf8");

export function tlsReceiver(options: TlsOptions, onRequest: (socket: Socket) => void): Promise<Receiver> {
  const server = createTlsServer({ key: HOOKS_TEST_PEM, cert: HOOKS_TEST_PEM, ...options }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => onRequest(socket));
  });
  return listen(server);
}

/** A whole answer that ends its connection. */
export const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

async function listen(server: Server): Promise<Receiver> {
  const sockets = new Set<Socket>();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on("connection", (socket) => {
    receiver.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return receiver;
}
