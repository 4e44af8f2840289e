import { textOf } from "../../core/options.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import { newAsymmetricSecret, newSecret, parseSigningKey, publicKeyOf } from "../signing/signing-key.ts";

export interface EndpointSecretView {
  readonly secret: string;
  /** For an ed25519 secret, the public key that verifies its signatures: `whpk_…`. */
  readonly publicKey?: string;
}

export function newKey(signature: Endpoint["signature"]): string {
  return signature === "ed25519" ? newAsymmetricSecret() : newSecret();
}

/** @throws InvalidInputError */
export function checkedKey(secret: string): string {
  parseSigningKey(textOf(secret, ["secret"]));
  return secret;
}

/** What a secret signs with. */
export function kindOf(secret: string): Endpoint["signature"] {
  return parseSigningKey(secret).version === "v1a" ? "ed25519" : "hmac";
}

export function secretView(secret: string): EndpointSecretView {
  const publicKey = publicKeyOf(secret);
  return publicKey === undefined ? { secret } : { secret, publicKey };
}
