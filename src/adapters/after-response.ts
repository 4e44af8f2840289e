import type { ServerResponse } from "node:http";
import type { BackgroundTasks } from "../tasks/background/background-tasks.ts";

/**
 * Where it is known that the route has come to its end: its tasks run once the response is sent, or its client is gone ("close"
 * says both), or at once when that was before.
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
 * Where nobody says when the route comes to its end: it has when it ends its response. A client that goes before the response has
 * begun leaves the route running, so that is waited for then; whether the route throws is still open.
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

/** Node emits nothing when a response ends whose client has gone. */
function onEnd(response: ServerResponse, over: () => void): void {
  const end = response.end;
  // Overloaded: what it is called with is passed on as it came.
  response.end = function ending(this: ServerResponse, ...given: unknown[]) {
    response.end = end;
    setImmediate(over);
    return Reflect.apply(end, this, given);
  } as typeof end;
}
