import { randomFillSync } from "node:crypto";

/**
 * Ids are a prefix and the 26 characters of a UUIDv7 (RFC 9562 §5.7) in Crockford's base32, lower case: `job_01k9…`.
 * They sort by the millisecond they were made in, so rows land at the end of their table and a span of time is a range of ids.
 */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;
/** A UUIDv7 has 48 bits for the milliseconds: until the year 10889. */
const LATEST_MS = 2 ** 48 - 1;

export type IdPrefix = "job" | "grp" | "msg" | "app" | "ep" | "key" | "wrk" | "pss" | "qtask" | "adt" | "op";

/** A new id; later ids of one process sort after earlier ones, even when the clock is set back. */
export function newId(prefix: IdPrefix, now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > MAX_COUNTER) {
    lastMs++;
    counter = 0;
  }
  writeMs(scratch, lastMs);
  scratch[6] = 0x70 | (counter >>> 8);
  scratch[7] = counter & 0xff;
  writeRandom();
  return `${prefix}_${encode(scratch)}`;
}

/** The smallest id that could have been made at `ms`: the bound of a range of time. */
export function firstIdAt(prefix: IdPrefix, ms: number): string {
  const bytes = new Uint8Array(16);
  writeMs(bytes, Math.min(Math.max(0, Math.floor(ms)), LATEST_MS));
  return `${prefix}_${encode(bytes)}`;
}

/** The milliseconds since the epoch at which an id was made. */
export function timeOfId(id: string): number {
  const first = id.indexOf("_") + 1;
  let ms = 0; // two spare bits and 48 of the time are 10 characters
  for (const char of id.slice(first, first + 10)) ms = ms * 32 + ALPHABET.indexOf(char);
  return ms;
}

/** Whether `text` has the form of an id with this prefix (it need not exist). */
export function isId(prefix: IdPrefix, text: string): boolean {
  return (
    text.length === prefix.length + 1 + LENGTH &&
    text.startsWith(`${prefix}_`) &&
    isBase32(text, prefix.length + 1)
  );
}

const scratch = new Uint8Array(16);
let lastMs = 0;
/** The 12 bits next to the version: a counter within a millisecond (RFC 9562 §6.2, method 1). */
let counter = 0;
const MAX_COUNTER = 0xfff;

/** Random bytes are fetched in bulk: a call for each id would be a twentieth of the cost of accepting a job. */
const random = new Uint8Array(4_096);
let randomUsed = random.length;

function writeRandom(): void {
  if (randomUsed === random.length) {
    randomFillSync(random);
    randomUsed = 0;
  }
  for (let at = 8; at < 16; at++) scratch[at] = random[randomUsed++] ?? 0; // the check above keeps it in range
  scratch[8] = 0x80 | ((scratch[8] ?? 0) & 0x3f); // the variant, in two bits
}

function writeMs(bytes: Uint8Array, ms: number): void {
  let rest = ms;
  for (let at = 5; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function isBase32(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) if (!ALPHABET.includes(text.charAt(at))) return false;
  return true;
}

/** 128 bits as 26 × 5, the two spare bits in front. */
function encode(bytes: Uint8Array): string {
  let pending = 0;
  let bits = 2;
  let to = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      encoded[to++] = ALPHABET.charCodeAt((pending >>> bits) & 31);
    }
    pending &= (1 << bits) - 1;
  }
  return encoded.toString("latin1");
}

/** As bytes: building a string one character at a time would leave a string behind for each. */
const encoded = Buffer.alloc(LENGTH);
