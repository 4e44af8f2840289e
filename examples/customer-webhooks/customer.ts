import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { memoryOnce, Receiver } from "posthorn/receiver";
import { closed, host, urlOf } from "../shared/listening.ts";

interface Events {
  "invoice.created": { readonly id: number; readonly cents: number };
  "invoice.paid": { readonly id: number; readonly cents: number };
}

/** The server of a customer, which gets our webhooks. */
export async function startCustomer() {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const receiver = new Receiver<Events>({ secret, once: memoryOnce() })
    .on("invoice.paid", ({ payload }) => console.log(`customer invoice ${payload.id} is paid`))
    .otherwise(({ type }) => console.log(`customer ${type}`));
  const server = createServer((request, response) => {
    receiver.node(request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  server.listen(0, host);
  return { url: `${await urlOf(server)}/hooks`, secret, close: () => closed(server) };
}
