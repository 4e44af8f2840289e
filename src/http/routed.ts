import { Hono } from "hono";
import type { InboxRoute } from "./console/inbox-routes.ts";
import type { ConsoleRoute } from "./console/routes.ts";
import type { Doorway } from "./doorway.ts";
import type { BasePath } from "./request/base-path.ts";
import { parseQuery } from "./request/parse.ts";
import type { Route } from "./route.ts";
import { noQuery } from "./schemas/queries.ts";
import { allowedMethods, NO_ROUTE, notFound } from "./unknown-path.ts";
import { WholePathRouter } from "./whole-path-router.ts";

/** Each request to its route, through the doorway. */
export function routed(
  routes: readonly Route[],
  pages: readonly (ConsoleRoute | InboxRoute)[],
  doorway: Doorway,
  base: BasePath,
): Hono {
  const hono = new Hono({ router: new WholePathRouter(), getPath: (request) => base.below(request) });
  for (const route of pages)
    hono.on(route.method, route.path, (c) => doorway.pass(c, route, () => route.handle(c)));
  for (const route of routes)
    hono.on(route.method, route.path, (c) =>
      doorway.pass(c, route, (caller) => {
        // Parameters that a route does not take are refused, not ignored. Health checks are exempt: probes add what they like.
        if (!route.operation.query && route.needs !== "none" && c.req.raw.url.includes("?"))
          parseQuery(noQuery, c.req.raw.url);
        return route.handle(c, caller);
      }),
    );
  const allowed = allowedMethods([...routes, ...pages]);
  hono.notFound((c) => doorway.pass(c, NO_ROUTE, () => notFound(allowed(c.req.path))));
  return hono;
}
