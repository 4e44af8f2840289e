import type { Context } from "hono";
import { headerOf } from "./incoming.ts";
import { badRequest, RequestError } from "./request-error.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The text of a body that should be JSON; `parseJson` checks whether it is.
 * @throws RequestError 400 when it is empty or not UTF-8 (RFC 8259 §8.1), 415 when it is declared as something else, or compressed.
 */
export function jsonTextOf(c: Context, body: Uint8Array): string {
  if (body.byteLength === 0) throw badRequest("empty_body", "the body is empty; send a JSON object");
  requireJson(headerOf(c, "content-type"));
  try {
    return utf8.decode(body);
  } catch {
    const encoding = headerOf(c, "content-encoding");
    throw encoding === null
      ? badRequest("invalid_json", "the body is not valid UTF-8")
      : unsupported("the body has a content encoding; send it as it is, without one");
  }
}

/** @throws RequestError 400 when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the mistake, and that may be a secret.
    throw badRequest("invalid_json", "the body is not JSON");
  }
}

function requireJson(contentType: string | null): void {
  if (contentType === "application/json" || (contentType !== null && isJson(contentType))) return;
  throw unsupported(
    contentType === null
      ? "the body has no content type; send content-type: application/json"
      : "the content type is not application/json, in UTF-8",
  );
}

/** Says what is accepted: RFC 9110 §15.5.16. */
function unsupported(why: string): RequestError {
  const headers = { accept: "application/json", "accept-encoding": "identity" };
  return new RequestError(why, { status: 415, code: "unsupported_media_type", headers });
}

/** JSON is UTF-8 by definition, so a charset is allowed only when it says so. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  return type === "application/json" && parameters.every((parameter) => HARMLESS.has(parameter));
}

const HARMLESS: ReadonlySet<string> = new Set(["", "charset=utf-8", 'charset="utf-8"']);
