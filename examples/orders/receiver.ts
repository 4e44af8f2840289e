import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { closed, host, urlOf } from "../shared/listening.ts";

/** Somebody else's server, which gets our webhooks. It needs nothing of Posthorn's: any Standard Webhooks library verifies them. */
export async function startReceiver(secret: string) {
  const webhook = new Webhook(secret);
  const seen = new Set<unknown>();
  const server = createServer(async (request, response) => {
    let event: unknown;
    try {
      event = webhook.verify(await text(request), request.headers as Record<string, string>); // it looks at three, each sent once
    } catch (error) {
      console.log(`webhook  refused: ${error}`);
      response.writeHead(400).end();
      return;
    }
    const id = request.headers["webhook-id"];
    if (!seen.has(id)) console.log(`webhook  verified: ${JSON.stringify(event)}`);
    seen.add(id); // the same on every attempt
    response.writeHead(204).end();
  });
  server.listen(0, host);
  return { url: `${await urlOf(server)}/hook`, close: () => closed(server) };
}
