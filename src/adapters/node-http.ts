import type { IncomingMessage, ServerResponse } from "node:http";
import type { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { BackgroundTasks } from "../tasks/background/background-tasks.ts";
import { releaseAfter, releaseAfterEnd } from "./after-response.ts";

export { type MountedApi, type MountOptions, toNodeHandler } from "./mount-node.ts";

/**
 * Wraps a handler for `createServer`, and passes it the request's BackgroundTasks. They run once the response is over and the handler has
 * finished, or not at all if it throws or rejects; the error goes where it would have gone without this wrapper.
 * @example
 * const runner = new BackgroundRunner();
 * const server = createServer(withBackground(runner, async (request, response, background) => {
 *   background.add(sendReceipt, { orderId: "42" });
 *   response.writeHead(201).end();
 * }));
 */
export function withBackground(
  runner: BackgroundRunner,
  handler: (request: IncomingMessage, response: ServerResponse, background: BackgroundTasks) => unknown,
): (request: IncomingMessage, response: ServerResponse) => unknown {
  return (request, response) => {
    const background = new BackgroundTasks(runner);
    let returned: unknown;
    try {
      returned = handler(request, response, background);
    } catch (thrown) {
      background.discard();
      throw thrown;
    }
    if (!(returned instanceof Promise)) {
      releaseAfterEnd(response, background);
      return returned;
    }
    return returned.then(
      () => releaseAfter(response, background),
      (thrown) => {
        background.discard();
        throw thrown;
      },
    );
  };
}
