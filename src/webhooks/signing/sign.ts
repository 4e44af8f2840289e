import { createHmac, sign as signAsymmetric } from "node:crypto";
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
  const content = typeof body === "string" ? start + body : Buffer.concat([Buffer.from(start), body]);
  let signatures = "";
  for (const key of keys) signatures += `${signatures && " "}${key.version},${signed(key, content)}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures };
}

function signed({ version, key }: SigningKey, content: string | Uint8Array): string {
  switch (version) {
    case "v1":
      return createHmac("sha256", key).update(content).digest("base64");
    case "v1a":
      return signAsymmetric(null, typeof content === "string" ? Buffer.from(content) : content, key).toString(
        "base64",
      ); // null: ed25519 brings its own hash
  }
}
