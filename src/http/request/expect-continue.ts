import type { IncomingMessage } from "node:http";

const asked = new WeakMap<IncomingMessage, () => void>();

/** What to do once the body of a client is wanted that sends it only after `100 Continue` (RFC 9110 §10.1.1). */
export function whenBodyIsWanted(message: IncomingMessage, ask: () => void): void {
  asked.set(message, ask);
}

/** Its body is about to be read: who sent it may, and is not too long. */
export function wantBody(message: IncomingMessage): void {
  if (message.headers.expect === undefined) return;
  asked.get(message)?.();
  asked.delete(message);
}
