import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import { PAGE_HEADERS } from "./served-file.ts";

/** A picture that the portal shows above its pages. */
export interface Logo {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
};
const MOST_BYTES = 102_400;
/** A picture opened by its own address is a document: it may run nothing and load nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** @throws ConfigurationError for a file that cannot be read, is empty or too large, or is no picture by its name. */
export function readLogo(file: string): Logo {
  const type = TYPES[extname(file).toLowerCase()];
  if (type === undefined)
    throw new ConfigurationError(
      `the portal's logo ${file} must be a file ending in ${Object.keys(TYPES).join(", ")}`,
    );
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new ConfigurationError(`the portal's logo cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (bytes.length === 0 || bytes.length > MOST_BYTES)
    throw new ConfigurationError(
      `the portal's logo ${file} must have 1 to ${MOST_BYTES} bytes, not ${bytes.length}`,
    );
  return { type, bytes };
}

export function logoAnswer({ type, bytes }: Logo): Response {
  return new Response(bytes, {
    headers: {
      ...PAGE_HEADERS,
      "content-type": type,
      "content-security-policy": POLICY,
      "cache-control": "public, max-age=3600",
    },
  });
}
