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

/** Texts are put together as bytes: adding a character at a time would leave a string behind for each. */
const uuidText = Buffer.from("00000000-0000-0000-0000-000000000000");
const idText = Buffer.from(`job_${"0".repeat(26)}`);
const eventIdText = Buffer.from(`msg_${"0".repeat(26)}`);
/** Both prefixes are as long. */
const ID_START = 4;
const DASH = "-".charCodeAt(0);

/** @param id of any prefix, known to be one. */
export function uuidOf(id: string): string {
  let pending = 0;
  let bits = -2;
  let to = 0;
  for (let at = id.length - 26; at < id.length; at++) {
    pending = (pending << 5) | (BASE32[id.charCodeAt(at)] ?? 0);
    bits += 5;
    while (bits >= 4) {
      bits -= 4;
      if (uuidText[to] === DASH) to++;
      uuidText[to++] = HEX.charCodeAt((pending >>> bits) & 15);
    }
    pending &= (1 << bits) - 1;
  }
  return uuidText.toString("latin1");
}

export function jobIdOf(uuid: string): string {
  return idOf(uuid, idText);
}

export function eventIdOf(uuid: string): string {
  return idOf(uuid, eventIdText);
}

function idOf(uuid: string, text: Buffer): string {
  let pending = 0;
  let bits = 2;
  let to = ID_START;
  for (let at = 0; at < uuid.length; at++) {
    const code = uuid.charCodeAt(at);
    if (code === DASH) continue;
    pending = (pending << 4) | (NIBBLES[code] ?? 0);
    bits += 4;
    if (bits >= 5) {
      bits -= 5;
      text[to++] = ALPHABET.charCodeAt((pending >>> bits) & 31);
    }
    pending &= (1 << bits) - 1;
  }
  return text.toString("latin1");
}
