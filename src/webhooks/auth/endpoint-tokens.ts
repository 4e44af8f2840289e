import type { Abortable } from "../../core/abortable.ts";
import type { Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { AccessToken, AccessTokenShelf } from "../../store/shelves/access-tokens.ts";
import type { Destinations } from "../destination.ts";
import { TimeLimit } from "../time-limit.ts";
import type { ReadAuth } from "./auth-options.ts";
import { granted, type NoToken, tokenRequest } from "./token-request.ts";
import { claimed, failed, type HeldToken, isDueForRefresh, nextStep } from "./token-state.ts";

export interface EndpointTokenParts {
  readonly shelf: AccessTokenShelf;
  readonly destinations: Destinations;
  readonly box: SecretBox;
  readonly clock: Clock;
}

/** The endpoint that a token belongs to, and the credentials to request it with. */
export interface TokenOwner {
  readonly endpoint: string;
  readonly tenant: string;
  /** Names `auth`: another after each change of it. */
  readonly credentials: string;
  readonly auth: ReadAuth;
  /** Tokens are requested through the same egress proxy as the endpoint's deliveries. */
  readonly egress: string | null;
}

const MOST_HELD = 10_000;
/** For one request to an authorization server. */
const REQUEST_MS = 10_000;
/** How often to check whether another process has obtained a token. */
const LOOK_MS = 100;

/**
 * Access tokens for endpoints. A token is stored encrypted in the database and shared by all processes: the first process that needs a new
 * one claims the request, and the others use its result.
 */
export class EndpointTokens {
  readonly #parts: EndpointTokenParts;
  readonly #held = new LruCache<string, HeldToken>(MOST_HELD);
  /** The token requests of this process that are under way, by endpoint. */
  readonly #underway = new Map<string, Promise<HeldToken | NoToken | undefined>>();

  constructor(parts: EndpointTokenParts) {
    this.#parts = parts;
  }

  /** A token that has not expired, or why there is none; also when `attempt` ends first. */
  async tokenFor(owner: TokenOwner, attempt: Abortable): Promise<HeldToken | NoToken> {
    const now = this.#parts.clock.now();
    const held = this.#held.get(owner.endpoint);
    if (held?.credentials === owner.credentials && held.expiresAt > now) {
      // others keep using the old token meanwhile; a failure to get a new one is only reported once the old one has expired
      if (isDueForRefresh(held, now)) void this.#obtain(owner, held.obtainedAt, false);
      return held;
    }
    const obtained = await unlessAborted(this.#obtain(owner, undefined, false), attempt);
    return obtained ?? { error: "no access token", class: "auth" };
  }

  /** A replacement for this token, which the receiver refused; undefined if another one would not help. */
  async replacementFor(
    owner: TokenOwner,
    refused: HeldToken,
    attempt: Abortable,
  ): Promise<HeldToken | undefined> {
    const obtained = await unlessAborted(this.#obtain(owner, refused.obtainedAt, true), attempt);
    return obtained && "token" in obtained && obtained.token !== refused.token ? obtained : undefined;
  }

  #obtain(
    owner: TokenOwner,
    spent: number | undefined,
    wasRefused: boolean,
  ): Promise<HeldToken | NoToken | undefined> {
    const name = `${owner.endpoint} ${owner.credentials}`;
    const underway = this.#underway.get(name);
    if (underway !== undefined) return underway;
    const obtaining = this.#get(owner, spent, wasRefused)
      .catch((error: unknown): NoToken => ({ error: `no access token: ${messageOf(error)}`, class: "error" }))
      .finally(() => this.#underway.delete(name));
    this.#underway.set(name, obtaining);
    return obtaining;
  }

  async #get(
    owner: TokenOwner,
    spent: number | undefined,
    wasRefused: boolean,
  ): Promise<HeldToken | NoToken | undefined> {
    const { shelf, clock } = this.#parts;
    for (;;) {
      const kept = await shelf.get(owner.endpoint);
      const now = clock.now();
      const step = nextStep(kept, owner.credentials, spent, wasRefused, now);
      if (step.kind === "use" && kept) return this.#hold(owner, kept);
      if (step.kind === "fail") return { error: step.error, class: classOf(step.class) };
      if (step.kind === "give up") return undefined;
      if (step.kind === "wait") {
        await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
      } else {
        const { endpoint, tenant, credentials } = owner;
        const claim = await shelf.save(claimed(kept, { endpoint, tenant, credentials }, wasRefused, now));
        if (claim) return this.#ask(owner, claim);
      }
    }
  }

  /** Requests a token from the authorization server, and stores the result for all processes. */
  async #ask(owner: TokenOwner, claim: AccessToken): Promise<HeldToken | NoToken> {
    const { shelf, destinations, box, clock } = this.#parts;
    const { url, headers, body } = tokenRequest(owner.auth);
    const destination = destinations.ofUrl(url);
    const limit = new TimeLimit(clock, REQUEST_MS);
    const askedAt = clock.now();
    const way = owner.egress === null ? {} : { way: { egress: owner.egress } };
    const answer = await destination.ask?.({
      targetUrl: url,
      headers,
      payload: body,
      attempt: limit,
      ...way,
    });
    limit.end();
    const got = answer ? granted(answer, new URL(url).host) : NOBODY_TO_ASK;
    if ("error" in got) {
      await shelf.save(failed(claim, got.error, got.class, clock.now()));
      return got;
    }
    const { token, lifetimeMs } = got;
    const times = {
      // unique among an endpoint's tokens, to tell them apart
      obtainedAt: Math.max(askedAt, (claim.obtainedAt ?? 0) + 1),
      expiresAt: askedAt + lifetimeMs,
    };
    const sealed = box.seal(token, tokenContext(owner.endpoint));
    const saved = await shelf.save({ ...claim, ...times, token: sealed, claimedUntil: null });
    const held = { token, credentials: owner.credentials, ...times };
    if (saved) this.#held.set(owner.endpoint, held); // otherwise the endpoint has changed meanwhile
    return held;
  }

  #hold({ endpoint, credentials }: TokenOwner, { token, obtainedAt, expiresAt }: AccessToken): HeldToken {
    const held = {
      token: this.#parts.box.unseal(token ?? "", tokenContext(endpoint)),
      credentials,
      obtainedAt: obtainedAt ?? 0,
      expiresAt: expiresAt ?? 0,
    };
    this.#held.set(endpoint, held);
    return held;
  }
}

const NOBODY_TO_ASK: NoToken = { error: "no access token: its URL is not one of HTTP", class: "auth" };

/** A request continues even if the attempt that waited for it ends, because others may need the token too. */
async function unlessAborted<Of>(getting: Promise<Of>, attempt: Abortable): Promise<Of | NoToken> {
  const { promise, resolve } = Promise.withResolvers<NoToken>();
  const unlisten = attempt.onAbort((reason) =>
    resolve({ error: `${messageOf(reason)}, waiting for an access token`, class: "timeout" }),
  );
  try {
    return await Promise.race([getting, promise]);
  } finally {
    unlisten();
  }
}

function classOf(kept: string): NoToken["class"] {
  return ATTEMPT_CLASSES.find((each) => each === kept) ?? "auth";
}

/** The context of encryption: what is encrypted for one endpoint cannot be decrypted for another. */
export function tokenContext(endpoint: string): string {
  return `access token of endpoint ${endpoint}`;
}
