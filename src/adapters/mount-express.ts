import type { IRouter, RequestHandler } from "express";
import type { Posthorn } from "../posthorn.ts";
import { nodeHandlerOf } from "./mount-node.ts";
import { type MountedApi, type MountOptions, openApi } from "./mounted-api.ts";

export type { MountedApi, MountOptions } from "./mounted-api.ts";

/**
 * Serves the REST API under `basePath` of an Express app. Mount it before body parsers such as `express.json()`: a request whose body
 * has already been read goes to the error handler with a ConfigurationError.
 * @throws ConfigurationError when `basePath` does not look like `/background`.
 * @example
 * const api = mountPosthorn(app, posthorn, { basePath: "/background" });
 * app.use(express.json());
 */
export function mountPosthorn(
  app: Pick<IRouter, "use">,
  posthorn: Posthorn,
  options?: MountOptions,
): MountedApi {
  const api = openApi(posthorn, options);
  const handle = nodeHandlerOf(api);
  const serve: RequestHandler = (request, response, next) => {
    const below = request.url;
    request.url = request.originalUrl; // Express strips the path it mounted this under, and the API has to see all of it
    handle(request, response).catch((error) => {
      request.url = below;
      next(error);
    });
  };
  if (api.basePath === "") app.use(serve);
  else app.use(api.basePath, serve);
  return api;
}
