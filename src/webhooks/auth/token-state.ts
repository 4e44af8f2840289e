import { isToCome } from "../../core/clock.ts";
import type { AccessToken } from "../../store/shelves/access-tokens.ts";

/** A token as a process uses it. */
export interface HeldToken {
  readonly token: string;
  /** Names the credentials that it was asked for with. */
  readonly credentials: string;
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** What a process does next about a token that it wants. */
export type Step =
  | { readonly kind: "use" }
  /** Another process is requesting one. */
  | { readonly kind: "wait" }
  /** A recent request was refused. */
  | { readonly kind: "fail"; readonly error: string; readonly class: string }
  /** A receiver refused the last two tokens in short succession: another one would not help. */
  | { readonly kind: "give up" }
  | { readonly kind: "ask" };

/** How long one process has for its request before another tries: longer than a request may take. */
const CLAIM_MS = 15_000;
/** After a failure no process tries again for this long: otherwise a hundred deliveries would try a hundred times. */
const REST_AFTER_FAILURE_MS = 5_000;
/** A receiver that refuses every token gets a new one no more often than this. */
const REST_AFTER_REFUSAL_MS = 60_000;
/** A token is replaced this long before it expires, or a fifth of its life before it if that is shorter. */
const LONGEST_MARGIN_MS = 60_000;

export function isDueForRefresh({ obtainedAt, expiresAt }: HeldToken, now: number): boolean {
  return now >= expiresAt - Math.min(LONGEST_MARGIN_MS, (expiresAt - obtainedAt) / 5);
}

/**
 * @param kept what all processes share, undefined before the first.
 * @param spent when the token that is no longer good enough was obtained, if there was one.
 * @param wasRefused whether a receiver said so.
 */
export function nextStep(
  kept: AccessToken | undefined,
  credentials: string,
  spent: number | undefined,
  wasRefused: boolean,
  now: number,
): Step {
  if (kept?.credentials !== credentials) return { kind: "ask" };
  const { token, obtainedAt, expiresAt, claimedUntil, refusedAt, error, errorClass, retryAt } = kept;
  if (token !== null && obtainedAt !== spent && (expiresAt ?? 0) > now) return { kind: "use" };
  if (isToCome(claimedUntil ?? 0, now, CLAIM_MS)) return { kind: "wait" };
  if (error !== null && isToCome(retryAt ?? 0, now, REST_AFTER_FAILURE_MS))
    return { kind: "fail", error, class: errorClass ?? "auth" };
  const restsUntil = (refusedAt ?? 0) + REST_AFTER_REFUSAL_MS;
  if (wasRefused && isToCome(restsUntil, now, REST_AFTER_REFUSAL_MS)) return { kind: "give up" };
  return { kind: "ask" };
}

/** The state with which a process claims the right to request a token. A token that is still valid stays in use. */
export function claimed(
  kept: AccessToken | undefined,
  of: Pick<AccessToken, "endpoint" | "tenant" | "credentials">,
  wasRefused: boolean,
  now: number,
): AccessToken {
  const same = kept?.credentials === of.credentials ? kept : undefined;
  return {
    ...of,
    version: kept?.version ?? 0,
    token: same?.token ?? null,
    obtainedAt: same?.obtainedAt ?? null,
    expiresAt: same?.expiresAt ?? null,
    claimedUntil: now + CLAIM_MS,
    refusedAt: wasRefused ? now : (same?.refusedAt ?? null),
    error: null,
    errorClass: null,
    retryAt: null,
  };
}

export function failed(claim: AccessToken, error: string, errorClass: string, now: number): AccessToken {
  return { ...claim, claimedUntil: null, error, errorClass, retryAt: now + REST_AFTER_FAILURE_MS };
}
