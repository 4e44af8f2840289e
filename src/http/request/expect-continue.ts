import type { IncomingMessage } from "node:http";

const asked = new WeakMap<IncomingMessage, () => void>();

/** What to do when a body is wanted from a client that only sends it after `100 Continue` (RFC 9110 §10.1.1). */
export function whenBodyIsWanted(message: IncomingMessage, ask: () => void): void {
  asked.set(message, ask);
}

/** The body is about to be read: its sender is allowed to send it, and it is not too long. */
export function wantBody(message: IncomingMessage): void {
  if (message.headers.expect === undefined) return;
  asked.get(message)?.();
  asked.delete(message);
}
