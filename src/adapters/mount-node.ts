import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { ConfigurationError } from "../core/errors.ts";
import { refusalOf, unreadable } from "../http/request/framing.ts";
import { SentBy } from "../http/request/incoming.ts";
import type { Posthorn } from "../posthorn.ts";
import { type Api, type MountedApi, type MountOptions, openApi } from "./mounted-api.ts";

export type { MountedApi, MountOptions } from "./mounted-api.ts";

type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The REST API as a handler for `createServer`, or for anything else that passes on Node's request and response.
 * @throws ConfigurationError when `basePath` does not look like `/background`.
 * @example
 * const api = toNodeHandler(posthorn, { basePath: "/background" });
 * const server = createServer((request, response) =>
 *   request.url?.startsWith("/background/") ? api(request, response) : answer(request, response));
 */
export function toNodeHandler(
  posthorn: Posthorn,
  options?: MountOptions,
): NodeHandler & Pick<MountedApi, "stopWaiting"> {
  const api = openApi(posthorn, options);
  const handle = nodeHandlerOf(api);
  return Object.assign((request: IncomingMessage, response: ServerResponse) => handle(request, response), {
    stopWaiting: () => api.stopWaiting(),
  });
}

/**
 * Answers with the API. The handler rejects with ConfigurationError, and answers nothing, when the body has already been read: what a
 * parser made of it is not what the client wrote, and payloads are delivered as they were written. A parser that keeps the bytes as a
 * Buffer in `rawBody` may come first.
 */
export function nodeHandlerOf(api: Api): NodeHandler {
  const listener = getRequestListener(
    (request, { incoming }) => {
      const message = incoming as IncomingMessage; // HTTP/1's, as it was handed in
      return refusalOf(message) ?? api.fetch(request, keepsBytes(message) ? new SentBy(message) : message);
    },
    { overrideGlobalObjects: false, errorHandler: unreadable },
  );
  return async (request, response) => {
    if (request.readableDidRead && !keepsBytes(request) && hasBody(request)) {
      throw new ConfigurationError(
        "the body of a request to Posthorn's API was read before it got there; mount the API before body parsers",
      );
    }
    await listener(request, response);
  };
}

function keepsBytes(request: IncomingMessage): boolean {
  return "rawBody" in request && request.rawBody instanceof Buffer;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
