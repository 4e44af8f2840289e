import {
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify as verifyEd25519,
} from "node:crypto";

/** Request headers as Node, Express and Fastify have them (lower case), or as `fetch` does. */
export type WebhookHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null };

export interface VerifyOptions {
  /** How many seconds the sender's clock may differ from this one, either way. Default 300 (Standard Webhooks 1.0). */
  readonly toleranceSeconds?: number;
  /** The current time, in milliseconds since the epoch. Default: now. */
  readonly now?: number;
}

/** What is known of a webhook once its signature was verified. */
export interface VerifiedWebhook {
  /** `webhook-id`: the same on every attempt, so you can recognise a webhook that you have handled already. */
  readonly id: string;
  /** `webhook-timestamp`: when this attempt was sent. */
  readonly timestamp: Date;
}

/**
 * Why a webhook cannot be trusted. `missing_header`: one of the three headers is missing. `malformed_header`: the timestamp is not an
 * integer. `too_old`, `too_new`: the timestamp is outside the tolerance (a replay, or a wrong clock). `no_match`: no signature matches this
 * body and any of these secrets.
 */
export type VerificationCode = "missing_header" | "malformed_header" | "too_old" | "too_new" | "no_match";

/** The request cannot be trusted: answer 400 or 401 and do nothing. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
  readonly code: VerificationCode;

  constructor(code: VerificationCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Checks the signature of a webhook (Standard Webhooks 1.0) and that it is recent. Comparisons take constant time.
 *
 * @param body the request's body exactly as it arrived; parsing and serializing it again may change its bytes.
 * @param headers the request's headers: `webhook-id` and so on, or `svix-id` and so on.
 * @param secrets `whsec_…` (HMAC-SHA256, `v1`) or `whpk_…` (ed25519, `v1a`); several during a rotation.
 * @throws VerificationError when the request cannot be trusted; its `code` says why.
 * @throws TypeError when a secret is malformed.
 *
 * @example
 * app.post("/hook", async (c) => {
 *   const body = await c.req.text();
 *   const { id } = verify(body, c.req.raw.headers, process.env.WEBHOOK_SECRET ?? "");
 *   await handleOnce(id, JSON.parse(body));
 *   return c.body(null, 204);
 * });
 */
export function verify(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secrets: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): VerifiedWebhook {
  const checks = [secrets].flat().map(signatureCheck);
  const style = headerOf(headers, "webhook-id")
    ? "webhook"
    : headerOf(headers, "svix-id")
      ? "svix"
      : "webhook";
  const id = required(headers, `${style}-id`);
  const timestamp = required(headers, `${style}-timestamp`);
  const signatures = required(headers, `${style}-signature`).split(" ");

  const seconds = recentSeconds(timestamp, toleranceSeconds, now);
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  if (!checks.some((matches) => signatures.some((signature) => matches(signed, signature)))) {
    throw new VerificationError(
      "no_match",
      "no signature matches this body and secret: the secret is a different one, or the body is not the bytes that were sent",
    );
  }
  return { id, timestamp: new Date(seconds * 1000) };
}

function required(headers: WebhookHeaders, name: string): string {
  const text = headerOf(headers, name);
  if (!text) throw new VerificationError("missing_header", `the header ${name} is missing`);
  return text;
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const value = typeof headers.get === "function" ? headers.get(name) : (headers as HeaderRecord)[name]; // no function: a record
  return typeof value === "string" ? value : value?.join(" ");
}

type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

function recentSeconds(timestamp: string, toleranceSeconds: number, now: number): number {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new VerificationError("malformed_header", "webhook-timestamp is not a number of seconds");
  }
  const seconds = Number(timestamp);
  const age = Math.floor(now / 1000) - seconds;
  // the other way round, a tolerance or a clock that is NaN would let everything through
  if (!(age <= toleranceSeconds)) {
    throw new VerificationError(
      "too_old",
      `webhook-timestamp is ${age} s old, more than ${toleranceSeconds} s`,
    );
  }
  if (!(age >= -toleranceSeconds)) {
    throw new VerificationError(
      "too_new",
      `webhook-timestamp is ${-age} s ahead, more than ${toleranceSeconds} s`,
    );
  }
  return seconds;
}

type SignatureCheck = (signed: Uint8Array, signature: string) => boolean;

function signatureCheck(secret: string): SignatureCheck {
  // a secret from the environment may be missing
  if (typeof secret !== "string") throw new TypeError("verify needs a secret: whsec_… or whpk_…");
  if (secret.startsWith("whsec_")) return hmacCheck(decoded(secret.slice("whsec_".length)));
  if (secret.startsWith("whpk_")) return ed25519Check(ed25519Key(decoded(secret.slice("whpk_".length))));
  throw new TypeError("a webhook secret begins with whsec_ (symmetric) or whpk_ (the public key of a pair)");
}

function decoded(base64: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw new TypeError("a webhook secret is base64 after its prefix");
  return Buffer.from(base64, "base64");
}

function hmacCheck(key: Buffer): SignatureCheck {
  return (signed, signature) => {
    if (!signature.startsWith("v1,")) return false;
    const given = Buffer.from(signature.slice("v1,".length));
    const expected = Buffer.from(createHmac("sha256", key).update(signed).digest("base64"));
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}

function ed25519Check(key: KeyObject): SignatureCheck {
  return (signed, signature) =>
    signature.startsWith("v1a,") &&
    verifyEd25519(null, signed, key, Buffer.from(signature.slice("v1a,".length), "base64"));
}

function ed25519Key(bytes: Buffer): KeyObject {
  if (bytes.length !== 32) throw new TypeError("a whpk_ key is 32 bytes");
  const x = bytes.toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
