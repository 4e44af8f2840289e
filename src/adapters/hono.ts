import { ServerResponse } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import type { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { BackgroundTasks } from "../tasks/background/background-tasks.ts";
import { releaseAfter } from "./after-response.ts";

export { type MountedApi, type MountOptions, mountPosthorn } from "./mount-hono.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Best-effort tasks, run after this response: posthorn's `backgroundTasks`. */
    background: BackgroundTasks;
  }
}

/**
 * Gives each request its `c.var.background`. Its tasks run once the response is over (on servers other than Node's, once it has been handed
 * over), or not at all if the route throws or the app's error handler answers. Register it before the routes.
 * @example
 * const runner = new BackgroundRunner();
 * app.use(backgroundTasks(runner));
 * app.post("/orders", (c) => {
 *   c.var.background.add(sendReceipt, { orderId: "42" });
 *   return c.json({}, 201);
 * });
 */
export function backgroundTasks(runner: BackgroundRunner): MiddlewareHandler {
  return async (c, next) => {
    const background = new BackgroundTasks(runner);
    c.set("background", background);
    try {
      await next();
    } catch (thrown) {
      background.discard(); // anything thrown that is not an Error comes through here; an Error is in c.error
      throw thrown;
    }
    if (c.error) {
      background.discard();
      return;
    }
    const response = responseOf(c);
    const hasFailed = () => c.error !== undefined; // outer middleware may still throw
    if (response) releaseAfter(response, background, hasFailed);
    else setTimeout(() => (hasFailed() ? background.discard() : background.release()));
  };
}

/** Node's response; undefined on another server. */
function responseOf({ env }: Context): ServerResponse | undefined {
  const bindings: unknown = env;
  if (typeof bindings !== "object" || bindings === null || !("outgoing" in bindings)) return undefined;
  return bindings.outgoing instanceof ServerResponse ? bindings.outgoing : undefined;
}
