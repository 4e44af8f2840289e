import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Posthorn } from "../posthorn.ts";
import { nodeHandlerOf } from "./mount-node.ts";
import { type MountedApi, type MountOptions, openApi } from "./mounted-api.ts";

export type { MountedApi, MountOptions } from "./mounted-api.ts";

/**
 * Serves the REST API under `basePath` of a Fastify app. The app's hooks run first, and headers that they set are sent; its body parsers
 * are not used. When the app closes, requests that are waiting for a job to end are answered.
 * @throws ConfigurationError when `basePath` does not look like `/background`.
 * @example
 * mountPosthorn(app, posthorn, { basePath: "/background" });
 */
export function mountPosthorn(
  app: Pick<FastifyInstance, "register">,
  posthorn: Posthorn,
  options?: MountOptions,
): MountedApi {
  const api = openApi(posthorn, options);
  const handle = nodeHandlerOf(api);
  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.hijack();
    await handle(request.raw, reply.raw);
  };
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, body, parsed) => parsed(null, body)); // unread
    scope.addHook("preClose", (closed) => {
      api.stopWaiting();
      closed();
    });
    scope.all(`${api.basePath}/*`, serve);
    done();
  });
  return api;
}
