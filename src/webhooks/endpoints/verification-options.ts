import { InvalidInputError } from "../../core/errors.ts";
import { dateOrNull } from "../../core/instant.ts";
import { collectProblems, textOf, unknownOptions } from "../../core/options.ts";
import type { EndpointVerification } from "../registry/known-endpoint.ts";

/**
 * How an endpoint confirms that it wants events. `challenge`: it answers a signed POST of `{"type": "webhook.challenge", "challenge": "…"}`
 * with `v1,` and the base64 of the challenge's HMAC-SHA256, keyed with its secret. `handshake`: it answers the OPTIONS request of
 * CloudEvents' HTTP webhooks by allowing `origin`.
 */
export type VerificationOptions =
  | { readonly method: "challenge" }
  | {
      readonly method: "handshake";
      /** The host name of the sender: `hooks.example.com`. */
      readonly origin: string;
    };

/** An endpoint's verification and its state. */
export interface ShownVerification {
  readonly method: "challenge" | "handshake";
  readonly origin: string | null;
  /** Whether it has confirmed that it wants events at its present URL. */
  readonly verified: boolean;
  /** When the endpoint was last asked. */
  readonly triedAt: Date | null;
  /** Why its last answer was not a confirmation. */
  readonly error: string | null;
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/**
 * As it is kept.
 * @param kept the previous verification: if the method is the same, the endpoint need not confirm again.
 * @throws InvalidInputError naming every member that is wrong.
 */
export function verificationOf(options: VerificationOptions, kept: string | null): string {
  const problems = unknownOptions(options, ["method", "origin"], ["verification"]);
  const { method } = options;
  const origin = options.method === "handshake" ? options.origin : undefined;
  if (method !== "challenge" && method !== "handshake")
    problems.push({ path: ["verification", "method"], detail: "must be challenge or handshake" });
  if (method === "challenge" && "origin" in options)
    problems.push({ path: ["verification", "origin"], detail: "is for the handshake only" });
  if (method === "handshake") {
    const host = collectProblems(problems, () => textOf(origin ?? "", ["verification", "origin"]));
    if (host !== undefined && !HOST.test(host))
      problems.push({ path: ["verification", "origin"], detail: "must be a host name: hooks.example.com" });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  const before = kept === null ? undefined : (JSON.parse(kept) as EndpointVerification); // only this writes it
  if (before?.method === method && before.origin === origin && kept !== null) return kept;
  const fresh: EndpointVerification = {
    method,
    ...(origin !== undefined && { origin }),
    verifiedUrl: null,
    triedAt: null,
    error: null,
  };
  return JSON.stringify(fresh);
}

export function shownVerification(kept: string | null, url: string): ShownVerification | null {
  if (kept === null) return null;
  const { method, origin = null, verifiedUrl, triedAt, error } = JSON.parse(kept) as EndpointVerification; // likewise
  return { method, origin, verified: verifiedUrl === url, triedAt: dateOrNull(triedAt), error };
}
