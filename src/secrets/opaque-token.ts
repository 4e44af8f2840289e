import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { newId } from "../core/id.ts";

const SECRET_BYTES = 32;
/** A prefix, what to look it up by, and the secret: 32 bytes in base64url. */
const TOKEN = /^([a-z]+)_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/;

/** A token that was just made: only the hash of its secret is kept. */
export interface OpaqueToken {
  /** `phk_…_…`: shown once. */
  readonly token: string;
  /** What it is looked up by, without a prefix: 26 characters, in the order in which they are made. */
  readonly id: string;
  /** SHA-256 of the secret, hex: the secret is fully random, so guessing it is hopeless. */
  readonly hash: string;
}

/**
 * @param prefix tells people, and scanners for leaked secrets, what it is.
 * @param id of what is kept, where that is there already.
 */
export function newToken(prefix: string, id = newId("key").slice("key_".length)): OpaqueToken {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return { token: `${prefix}_${id}_${secret}`, id, hash: hashOf(secret) };
}

/** The parts of one with this prefix; undefined when the text has another form. */
export function readToken(prefix: string, text: string): Pick<OpaqueToken, "id" | "hash"> | undefined {
  const [, given, id, secret] = (typeof text === "string" && TOKEN.exec(text)) || [];
  return given === prefix && id !== undefined && secret !== undefined
    ? { id, hash: hashOf(secret) }
    : undefined;
}

/** Whether two hashes of secrets are the same, in constant time. */
export function isSameSecret(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function hashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}
