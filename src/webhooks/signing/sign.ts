import { sign as signAsymmetric } from "node:crypto";
import { hmacSha256 } from "./hmac.ts";
import type { SigningKey } from "./signing-key.ts";

/** The headers that Standard Webhooks 1.0 adds to a request. */
export interface SignatureHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/**
 * Signs one attempt according to Standard Webhooks 1.0.
 * @param keys one signature each, in this order; several while secrets rotate.
 * @param id of the event, the same on every attempt; without `.`, which separates the signed parts.
 * @param attemptedAt when this attempt is made, in milliseconds; receivers refuse signatures that are minutes old.
 * @param body exactly as it is sent.
 *
 * @example
 * const headers = signatureHeaders([parseSigningKey("whsec_…")], "job_01k9…", Date.now(), '{"paid":true}');
 */
export function signatureHeaders(
  keys: readonly SigningKey[],
  id: string,
  attemptedAt: number,
  body: string | Uint8Array,
): SignatureHeaders {
  const timestamp = String(Math.floor(attemptedAt / 1_000));
  const start = `${id}.${timestamp}.`;
  let signatures = "";
  for (const key of keys) signatures += `${signatures && " "}${key.version},${signed(key, start, body)}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures };
}

function signed(key: SigningKey, start: string, body: string | Uint8Array): string {
  switch (key.version) {
    case "v1":
      return hmacSha256(key.secret, start, body);
    case "v1a": {
      const content = Buffer.concat([
        Buffer.from(start),
        typeof body === "string" ? Buffer.from(body) : body,
      ]);
      return signAsymmetric(null, content, key.key).toString("base64"); // null: ed25519 brings its own hash
    }
  }
}
