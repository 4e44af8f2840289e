import { isId } from "../../core/id.ts";

/**
 * The UUID behind an id (`job_01k9…`) and back: 16 bytes in every row and index in place of 30. The text is 26 characters of
 * Crockford's base32, two spare bits in front.
 */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const HEX = "0123456789abcdef";
const VALUES = new Map([...ALPHABET].map((character, value) => [character.charCodeAt(0), value]));
const BASE32 = Uint8Array.from({ length: 128 }, (_, code) => VALUES.get(code) ?? 0);
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, HEX.indexOf(String.fromCharCode(code))),
);

/** The UUID of a job's id; undefined for what has not the form of one, and so is no job's. */
export function findableUuid(id: string): string | undefined {
  return isId("job", id) ? uuidOf(id) : undefined;
}

/** @param id of any prefix, known to be one. */
export function uuidOf(id: string): string {
  let uuid = "";
  let pending = 0;
  let bits = -2;
  for (let at = id.length - 26; at < id.length; at++) {
    pending = (pending << 5) | (BASE32[id.charCodeAt(at)] ?? 0);
    bits += 5;
    while (bits >= 4) {
      bits -= 4;
      uuid += HEX.charAt((pending >>> bits) & 15);
      if (uuid.length === 8 || uuid.length === 13 || uuid.length === 18 || uuid.length === 23) uuid += "-";
    }
    pending &= (1 << bits) - 1;
  }
  return uuid;
}

export function jobIdOf(uuid: string): string {
  let id = "job_";
  let pending = 0;
  let bits = 2;
  for (let at = 0; at < uuid.length; at++) {
    const code = uuid.charCodeAt(at);
    if (code === DASH) continue;
    pending = (pending << 4) | (NIBBLES[code] ?? 0);
    bits += 4;
    if (bits >= 5) {
      bits -= 5;
      id += ALPHABET.charAt((pending >>> bits) & 31);
      pending &= (1 << bits) - 1;
    }
  }
  return id;
}

const DASH = 45;
