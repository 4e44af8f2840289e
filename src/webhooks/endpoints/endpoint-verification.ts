import { randomBytes, timingSafeEqual } from "node:crypto";
import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, messageOf } from "../../core/errors.ts";
import type { AttemptDetail } from "../../core/outcome.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { EndpointWatch } from "../breaker/endpoint-watch.ts";
import type { Destinations } from "../destination.ts";
import { type EndpointVerification, heldUpByStatus } from "../registry/known-endpoint.ts";
import { hmacSha256 } from "../signing/hmac.ts";
import { parseSigningKey } from "../signing/signing-key.ts";
import type { EndpointChanges } from "./endpoint-changes.ts";
import type { EndpointSecrets } from "./endpoint-secrets.ts";
import type { EndpointTrials } from "./endpoint-trial.ts";

export interface VerificationParts {
  readonly changes: EndpointChanges;
  readonly trials: EndpointTrials;
  readonly sealed: EndpointSecrets;
  readonly destinations: Destinations;
  readonly watch: Pick<EndpointWatch, "letIn">;
  readonly clock: Clock;
}

const CHALLENGE_TYPE = "webhook.challenge";

/** Asks endpoints to show that they want events, before they get the first. */
export class EndpointVerifications {
  readonly #parts: VerificationParts;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
  }

  /**
   * Asks the endpoint and stores the outcome. If it confirms, what waited is let in.
   * @throws ConflictError `not_to_be_verified` for an endpoint without a verification.
   */
  async verify(tenant: string, endpoint: string, by?: By): Promise<Endpoint> {
    const { changes, watch, clock } = this.#parts;
    const row = await changes.find(tenant, endpoint);
    const verification = verificationOf(row);
    const error = await this.#ask(row, verification).catch((thrown: unknown) => messageOf(thrown));
    const verified = await changes.replace(
      tenant,
      endpoint,
      by,
      (before) => {
        if (before.url !== row.url || before.verification === null) return before; // another has to be asked
        const asked = { ...verificationOf(before), triedAt: clock.now(), error: error ?? null };
        const kept = error === undefined ? { ...asked, verifiedUrl: row.url } : asked;
        return { ...before, verification: JSON.stringify(kept satisfies EndpointVerification) };
      },
      "endpoint.verify",
    );
    if (error === undefined && heldUpByStatus(verified) === undefined) await watch.letIn(verified);
    return verified;
  }

  /** What was wrong with the answer. */
  #ask(row: Endpoint, { method, origin }: EndpointVerification): Promise<string | undefined> {
    return method === "challenge" ? this.#challenge(row) : this.#handshake(row, origin ?? "");
  }

  async #challenge(row: Endpoint): Promise<string | undefined> {
    const challenge = randomBytes(24).toString("base64url");
    const text = JSON.stringify({ type: CHALLENGE_TYPE, challenge });
    const outcome = await this.#parts.trials.ask(row, CHALLENGE_TYPE, text);
    if (outcome.kind === "failed") return outcome.error;
    const { excerpt = "" }: AttemptDetail = outcome;
    const [current] = this.#parts.sealed.open(row.id, row.secrets);
    const key = parseSigningKey(current?.key ?? "");
    if (key.version !== "v1") return "its secret is an ed25519 key; a challenge needs a whsec_ one";
    return isSame(answerIn(excerpt), Buffer.from(hmacSha256(key.secret, "", challenge), "base64"))
      ? undefined
      : "it did not answer with the challenge signed: v1, a comma, and the base64 of its HMAC-SHA256 with the endpoint's secret";
  }

  async #handshake(row: Endpoint, origin: string): Promise<string | undefined> {
    const destination = this.#parts.destinations.ofUrl(row.url);
    if (!destination.handshake) return "this kind of destination has no handshake";
    const allowed = await this.#parts.trials.within(row, async (attempt) =>
      destination.handshake?.(
        row.url,
        origin,
        attempt,
        row.egress === null ? undefined : { egress: row.egress },
      ),
    );
    return allowed;
  }
}

/** @throws ConflictError */
function verificationOf({ id, verification }: Endpoint): EndpointVerification {
  if (verification !== null) return JSON.parse(verification) as EndpointVerification; // only checked ones are kept
  throw new ConflictError("not_to_be_verified", `the endpoint ${id} has no verification; set one first`);
}

/** The base64 of `v1,…`, as the whole answer or as the `challenge` of a JSON object. */
function answerIn(excerpt: string): Buffer {
  let text = excerpt.trim();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "string") text = parsed;
    else if (typeof parsed === "object" && parsed !== null && "challenge" in parsed)
      text = String(parsed.challenge);
  } catch {
    // not JSON, then
  }
  return Buffer.from(text.startsWith("v1,") ? text.slice(3) : "", "base64");
}

function isSame(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
