import type { ServerResponse } from "node:http";
import type { BackgroundTasks } from "../tasks/background/background-tasks.ts";

/**
 * For frameworks that say when a route has ended: its tasks run once the response is sent or its client is gone ("close"
 * reports both), or at once if that has already happened.
 * @param hasFailed asked when the response is over.
 */
export function releaseAfter(
  response: ServerResponse,
  background: BackgroundTasks,
  hasFailed: () => boolean = () => false,
): void {
  const over = () => (hasFailed() ? background.discard() : background.release());
  if (response.closed) over();
  else response.once("close", over);
}

/**
 * For frameworks that do not say when a route ends: it has ended when it ends its response. If the client leaves before the response
 * has begun, the route is still running and may yet throw, so this waits for the response's end even then.
 * @param hasFailed asked when the response is over.
 */
export function releaseAfterEnd(
  response: ServerResponse,
  background: BackgroundTasks,
  hasFailed: () => boolean = () => false,
): void {
  const over = () => (hasFailed() ? background.discard() : background.release());
  response.once("close", () => {
    if (response.writableEnded || response.headersSent) {
      over();
      return;
    }
    background.park();
    onEnd(response, over);
  });
}

/** Node emits nothing when a response ends after its client has gone. */
function onEnd(response: ServerResponse, over: () => void): void {
  const end = response.end;
  // It has overloads: the arguments are passed on unchanged.
  response.end = function ending(this: ServerResponse, ...given: unknown[]) {
    response.end = end;
    setImmediate(over);
    return Reflect.apply(end, this, given);
  } as typeof end;
}
