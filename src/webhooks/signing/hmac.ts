import { hash } from "node:crypto";

const BLOCK = 64;
const INNER = 0x36;
const OUTER = 0x5c;
const DIGEST = 32;
/** Of UTF-8, for one unit of a JavaScript string. */
const MOST_BYTES_OF_A_UNIT = 3;

/** Where messages are put together, unless they are longer than this. */
const bench = Buffer.allocUnsafeSlow(16 * 1024);
const outer = Buffer.allocUnsafeSlow(BLOCK + DIGEST);
const secretBytes = Buffer.allocUnsafeSlow(BLOCK);

/**
 * HMAC-SHA256 (RFC 2104) of `start` followed by `body`, in base64. Unlike `createHmac`, it leaves no object behind whose memory outside of
 * the heap the garbage collector has to free: thousands of those made a pause of 40 ms.
 * @param secret of at most 64 bytes, in base64.
 */
export function hmacSha256(secret: string, start: string, body: string | Uint8Array): string {
  const length = secretBytes.write(secret, "base64");
  const most =
    MOST_BYTES_OF_A_UNIT * start.length + (typeof body === "string" ? MOST_BYTES_OF_A_UNIT : 1) * body.length;
  const inner = BLOCK + most <= bench.length ? bench : Buffer.allocUnsafe(BLOCK + most);
  inner.fill(INNER, 0, BLOCK);
  outer.fill(OUTER, 0, BLOCK);
  for (let at = 0; at < length; at++) {
    const byte = secretBytes[at] ?? 0;
    inner[at] = byte ^ INNER;
    outer[at] = byte ^ OUTER;
  }
  let end = BLOCK + inner.write(start, BLOCK);
  if (typeof body === "string") end += inner.write(body, end);
  else {
    inner.set(body, end);
    end += body.length;
  }
  outer.write(hash("sha256", inner.subarray(0, end), "binary"), BLOCK, "binary");
  return hash("sha256", outer, "base64");
}
