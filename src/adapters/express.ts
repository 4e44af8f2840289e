import type { ErrorRequestHandler, RequestHandler } from "express";
import type { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { BackgroundTasks } from "../tasks/background/background-tasks.ts";
import { releaseAfterEnd } from "./after-response.ts";

export { type MountedApi, type MountOptions, mountPosthorn } from "./mount-express.ts";

declare global {
  namespace Express {
    interface Request {
      /** Best-effort tasks, run after this response: posthorn's `backgroundTasks`. */
      background: BackgroundTasks;
    }
  }
}

/** The runners whose apps use `backgroundErrors`: there errors are seen, and need not be guessed from the status. */
const seesErrors = new WeakSet<BackgroundRunner>();

/**
 * Gives each request its `req.background`. Its tasks run once the response is over, or not at all if the route failed. Express only tells
 * error handlers that a route threw: without `backgroundErrors`, any answer of 400 or above counts as a failure. Register it before the
 * routes.
 * @example
 * const runner = new BackgroundRunner();
 * app.use(backgroundTasks(runner));
 * app.post("/orders", (req, res) => {
 *   req.background.add(sendReceipt, { orderId: "42" });
 *   res.status(201).json({});
 * });
 */
export function backgroundTasks(runner: BackgroundRunner): RequestHandler {
  return (request, response, next) => {
    const background = new BackgroundTasks(runner);
    request.background = background;
    releaseAfterEnd(response, background, () => response.statusCode >= 400 && !seesErrors.has(runner));
    next();
  };
}

/**
 * Drops the tasks of a route that threw, and passes the error on. With this handler in place, the tasks of a route run if the route itself
 * answers 4xx or 5xx, and do not run if it throws, whatever the error handler answers. Register it after the routes and before the app's
 * own error handlers.
 * @example
 * app.use(backgroundErrors(runner));
 * app.use((error, req, res, next) => { res.status(422).json({ error: error.message }); });
 */
export function backgroundErrors(runner: BackgroundRunner): ErrorRequestHandler {
  seesErrors.add(runner);
  return (error, request, _response, next) => {
    request.background?.discard(); // undefined when the error came before backgroundTasks had its turn
    next(error);
  };
}
