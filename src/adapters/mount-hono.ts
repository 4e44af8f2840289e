import { IncomingMessage } from "node:http";
import type { Context, Hono } from "hono";
import { ConfigurationError } from "../core/errors.ts";
import { SentBy } from "../http/request/incoming.ts";
import type { Posthorn } from "../posthorn.ts";
import { type MountedApi, type MountOptions, openApi } from "./mounted-api.ts";

export type { MountedApi, MountOptions } from "./mounted-api.ts";

/**
 * Serves the REST API under `basePath` of a Hono app. If earlier middleware has read the body through `c.req`, the API uses what Hono kept:
 * text and bytes are exact, JSON that a validator parsed is not.
 * @throws ConfigurationError when `basePath` does not look like `/background`.
 * @example
 * const api = mountPosthorn(app, posthorn, { basePath: "/background" });
 */
// biome-ignore lint/suspicious/noExplicitAny: an app of any environment, and Hono's type is invariant in it
export function mountPosthorn(app: Hono<any>, posthorn: Posthorn, options?: MountOptions): MountedApi {
  const api = openApi(posthorn, options);
  app.all(`${api.basePath}/*`, async (c: Context) => api.fetch(await unread(c), senderOf(c)));
  return api;
}

/** On Node, Hono's environment holds the message. */
function senderOf({ env }: Context): SentBy | undefined {
  const incoming: unknown = env?.incoming;
  return incoming instanceof IncomingMessage ? new SentBy(incoming) : undefined;
}

/** Hono keeps a body that was read through `c.req`; before 4.9, what it had parsed as JSON only like that, without its bytes. */
async function unread({ req }: Context): Promise<Request> {
  const { raw } = req;
  if (!raw.bodyUsed) return raw;
  if ("json" in req.bodyCache) {
    throw new ConfigurationError(
      "the body of a request to Posthorn's API was parsed before it got there; mount the API before what parses bodies, or use Hono 4.9 or later",
    );
  }
  const { method, headers, signal } = raw;
  return new Request(raw.url, { method, headers, signal, body: await req.arrayBuffer() });
}
