import type { IncomingMessage } from "node:http";
import { request } from "undici/index.js";
import { isError } from "../../core/errors.ts";

/** The answer of the program that a request was forwarded to. */
export type Forwarded =
  | { readonly status: number; readonly body: string }
  /** It did not answer. */
  | { readonly error: string };

/** Of one connection (RFC 9110 §7.6.1), or of one host: another connection has its own. */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Sends a request on as it came, bytes and headers, so that its signature can be checked there. */
export async function forward(
  { method = "POST", rawHeaders }: IncomingMessage,
  body: Buffer,
  url: string,
  signal: AbortSignal,
): Promise<Forwarded> {
  const headers: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    if (!OF_ONE_CONNECTION.has(name.toLowerCase())) headers.push(name, value);
  }
  try {
    // a POST of nothing has a body of no bytes, other methods have none
    const sent = method === "GET" || method === "HEAD" ? null : body;
    const answer = await request(url, { method, headers, body: sent, signal });
    return { status: answer.statusCode, body: await answer.body.text() };
  } catch (error) {
    return { error: `${url} did not answer: ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  if (!isError(error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
