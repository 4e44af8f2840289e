import type { IncomingMessage } from "node:http";
import { problemAnswer } from "../answer/problem.ts";

/** The last Host that was checked in full: clients of one server mostly send the same. */
let lastValidHost: string | undefined;

/**
 * The answer to a message that must not be read any further although Node's parser accepts it; undefined for any other.
 * Two Host lines (RFC 9112 §3.2) and an invalid Host mean 400, because a proxy may have used the other one; a transfer coding
 * that is not decoded here means 501 (§6.1).
 */
export function refusalOf(message: IncomingMessage): Response | undefined {
  const { host, "transfer-encoding": coding } = message.headers;
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    const detail = "the body has a transfer coding that is not supported; send it plain or chunked";
    return problemAnswer(
      { status: 501, code: "unsupported_transfer_coding", detail },
      { connection: "close" },
    );
  }
  if (hostLines(message.rawHeaders) > 1) return badHost("there is more than one Host header");
  if (host === undefined || host === lastValidHost) return undefined;
  if (!URL.canParse(`http://${host}/`))
    return badHost("the Host header is neither a host name nor an address");
  lastValidHost = host;
  return undefined;
}

/** The answer to a message of which not even a request could be made. */
export function unreadable(): Response {
  const detail = "the request's target or its Host header cannot be read";
  return problemAnswer({ status: 400, code: "bad_request", detail });
}

function hostLines(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") count++;
  }
  return count;
}

function badHost(detail: string): Response {
  return problemAnswer({ status: 400, code: "bad_host", detail });
}
