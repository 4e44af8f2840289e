import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { InvalidInputError } from "../../core/errors.ts";

/** A secret, ready to sign with, and the name that Standard Webhooks 1.0 gives its signatures. */
export type SigningKey =
  /** @property secret in base64. There are many of them, and a KeyObject is four objects, two of them outside of the heap. */
  { readonly version: "v1"; readonly secret: string } | { readonly version: "v1a"; readonly key: KeyObject };

const SYMMETRIC = "whsec_";
const ASYMMETRIC = "whsk_";
const PUBLIC = "whpk_";

/** Standard Webhooks 1.0: 192 to 512 bits. */
const SHORTEST = 24;
const LONGEST = 64;

/** The private half, then the public half. */
const ED25519_HALF = 32;

/**
 * Reads a Standard Webhooks 1.0 secret: `whsec_` (HMAC-SHA256, 24 to 64 bytes) or `whsk_` (ed25519, private ‖ public),
 * each followed by padded base64. Errors repeat no part of it.
 * @throws InvalidInputError, path `["secret"]`.
 */
export function parseSigningKey(secret: string): SigningKey {
  if (secret.startsWith(SYMMETRIC)) return symmetric(decoded(secret.slice(SYMMETRIC.length), SYMMETRIC));
  if (secret.startsWith(ASYMMETRIC)) return asymmetric(decoded(secret.slice(ASYMMETRIC.length), ASYMMETRIC));
  if (secret.startsWith(PUBLIC))
    throw malformed("whpk_ is the public half and cannot sign; give the whsk_ one");
  throw malformed("must begin with whsec_ (HMAC-SHA256) or whsk_ (ed25519), as in Standard Webhooks 1.0");
}

/** A new `whsec_` secret of 32 random bytes. */
export function newSecret(): string {
  return SYMMETRIC + randomBytes(32).toString("base64");
}

/** A new `whsk_` secret: an ed25519 key, its private half and then its public one. */
export function newAsymmetricSecret(): string {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return ASYMMETRIC + Buffer.concat([d, x].map((half) => Buffer.from(half, "base64url"))).toString("base64");
}

/** What verifies the signatures of a `whsk_` secret: `whpk_…`. Undefined for one that signs and verifies alike. */
export function publicKeyOf(secret: string): string | undefined {
  if (!secret.startsWith(ASYMMETRIC)) return undefined;
  const bytes = Buffer.from(secret.slice(ASYMMETRIC.length), "base64");
  return PUBLIC + bytes.subarray(ED25519_HALF).toString("base64");
}

function symmetric(bytes: Buffer): SigningKey {
  if (bytes.length < SHORTEST || bytes.length > LONGEST) {
    throw malformed(`whsec_ must hold ${SHORTEST} to ${LONGEST} bytes; it holds ${bytes.length}`);
  }
  return { version: "v1", secret: bytes.toString("base64") }; // not a slice of the given one, which would keep that in memory
}

function asymmetric(bytes: Buffer): SigningKey {
  if (bytes.length !== 2 * ED25519_HALF) {
    throw malformed(
      `whsk_ must hold 64 bytes, the private key and then the public; it holds ${bytes.length}`,
    );
  }
  const d = bytes.subarray(0, ED25519_HALF).toString("base64url");
  const x = bytes.subarray(ED25519_HALF).toString("base64url");
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
  // Node derives the public half from the private one and ignores `x`, so halves that do not belong together would go
  // unnoticed here, and every signature would fail at the receiver.
  if (createPublicKey(key).export({ format: "jwk" }).x !== x) {
    throw malformed("the two halves of the whsk_ key do not belong together");
  }
  return { version: "v1a", key };
}

/** Receivers' libraries differ in what else they accept as base64, so only what all of them read alike is allowed. */
function decoded(text: string, prefix: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text)
    throw malformed(`${prefix} must be followed by base64 with its padding`);
  return bytes;
}

function malformed(detail: string): InvalidInputError {
  return new InvalidInputError([{ path: ["secret"], detail }]);
}
