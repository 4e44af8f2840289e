import { createHash } from "node:crypto";
import { badHeader } from "./request-error.ts";

const HEADER = "Idempotency-Key";
const MAX_LENGTH = 255;

/** An RFC 8941 §3.3.3 string: printable ASCII in quotes, with quotes and backslashes escaped. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** Bare, as many clients send it. A comma is refused because two headers of this name arrive joined by one. */
const BARE = /^[!#-+\--~][ -+\--~]*$/;

/** What the header takes, as JSON Schema: the key with its quotes, in which quotes and backslashes are escaped, or bare. */
export const keySchema = {
  pattern: `${QUOTED.source.replace('*)"$', '+)"$')}|${BARE.source}`,
  minLength: 1,
  maxLength: 2 * MAX_LENGTH + 2,
};

/**
 * The key in an Idempotency-Key header (IETF httpapi draft), a Structured Field string; a bare one is accepted too, and
 * `"a"` and `a` are the same key.
 * @throws RequestError 400 when it is neither, empty, or longer than 255 characters.
 */
export function idempotencyKey(value: string | null): string | undefined {
  if (value === null) return undefined;
  const key = value.startsWith('"')
    ? QUOTED.exec(value)?.[1]?.replace(/\\(.)/g, "$1")
    : BARE.exec(value)?.[0];
  if (key !== undefined && key.length > 0 && key.length <= MAX_LENGTH) return key;
  throw badHeader(HEADER, `must be 1 to ${MAX_LENGTH} printable ASCII characters, in double quotes`);
}

/** Tells a repeated request from another one: same method, same path, same bytes. */
export function fingerprint(method: string, path: string, body: Uint8Array): string {
  return createHash("sha256").update(`${method} ${path}\n`).update(body).digest("hex");
}
