import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

export const host = "127.0.0.1";
/** 0: any that is free. */
export const port = Number(process.env.PORT ?? 3000);

/** Where a server listens, once it does. */
export async function urlOf(server: Server, scheme = "http"): Promise<string> {
  if (!server.listening) await once(server, "listening");
  return `${scheme}://${host}:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

export function closed(server: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
