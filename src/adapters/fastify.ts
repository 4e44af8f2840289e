import type { FastifyPluginCallback, FastifyRequest } from "fastify";
import type { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { BackgroundTasks } from "../tasks/background/background-tasks.ts";
import { releaseAfterEnd } from "./after-response.ts";
import { onParent } from "./fastify-on-parent.ts";

export { type MountedApi, type MountOptions, mountPosthorn } from "./mount-fastify.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Best-effort tasks, run after this response: posthorn's `backgroundTasks`. */
    background: BackgroundTasks;
  }
}

export interface BackgroundTasksOptions {
  readonly runner: BackgroundRunner;
}

/**
 * A plugin that gives each request its `request.background`. Its tasks run once the response is over, or not at all if the route or a hook
 * throws or sends an Error, whatever the error handler answers.
 * @example
 * const runner = new BackgroundRunner();
 * await app.register(backgroundTasks, { runner });
 * app.post("/orders", async (request, reply) => {
 *   request.background.add(sendReceipt, { orderId: "42" });
 *   return reply.code(201).send({});
 * });
 */
export const backgroundTasks: FastifyPluginCallback<BackgroundTasksOptions> = onParent(
  "posthorn-background-tasks",
  (app, { runner }, done) => {
    const ofRequests = new WeakMap<FastifyRequest, BackgroundTasks>();
    app.decorateRequest("background", {
      getter() {
        return tasksOf(this);
      },
    });
    const tasksOf = (request: FastifyRequest): BackgroundTasks => {
      const tasks = ofRequests.get(request) ?? new BackgroundTasks(runner);
      ofRequests.set(request, tasks);
      return tasks;
    };
    app.addHook("onRequest", (request, reply, next) => {
      releaseAfterEnd(reply.raw, tasksOf(request));
      next();
    });
    // Fastify calls it before the error handler, its own or the app's.
    app.addHook("onError", (request, _reply, _error, next) => {
      tasksOf(request).discard();
      next();
    });
    done();
  },
);
