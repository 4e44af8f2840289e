import { IncomingMessage } from "node:http";
import type { Context } from "hono";

/**
 * The Node message that a request was made of, when nothing else reads it (`listen` says so by handing it to
 * `App.fetch`). What
 * is read from it directly costs a fraction of what it does through the web-standard classes, which are used otherwise.
 */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const env: unknown = c.env;
  return env instanceof IncomingMessage ? env : undefined;
}

/** The Node message that a request came with whose body something else reads: it only shows who sent the request. */
export class SentBy {
  readonly message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.message = message;
  }
}

/** The Node message that a request came with; undefined where there is none, as under other runtimes. */
export function senderOf(c: Context): IncomingMessage | undefined {
  const env: unknown = c.env;
  return env instanceof SentBy ? env.message : incomingOf(c);
}

/** A header's value, several of them joined by commas; null when there is none. @param name in lower case. */
export function headerOf(c: Context, name: string): string | null {
  const message = incomingOf(c);
  if (!message) return c.req.raw.headers.get(name);
  const value = message.headers[name];
  return typeof value === "string" ? value : null;
}
