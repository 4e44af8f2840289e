import type { Context } from "hono";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { type Keys, payloadsOf } from "../../access/keys.ts";
import { LruCache } from "../../core/lru-cache.ts";
import type { Reach } from "../../core/reach.ts";
import type { PortalSessions } from "../../webhooks/portal/portal-sessions.ts";
import type { Caller, Gate, Permission } from "../access/permission.ts";
import { mayUse } from "../access/permission.ts";
import { headerOf } from "../request/incoming.ts";
import { SvixError } from "./errors.ts";
import { DEFAULT_ORGANIZATION } from "./organization.ts";

export interface SvixTokenOptions {
  /** What tokens of self-hosted Svix servers are signed with (`SVIX_JWT_SECRET`). Default: such tokens are refused. */
  readonly jwtSecret?: string | undefined;
  /** The organization whose tokens are accepted; `any` accepts those of every organization, which then share all data. */
  readonly organization?: string | undefined;
}

/** Who sent the request, and what it may do. */
export interface SvixCaller extends Caller {
  /** A token of one application, made to be used in browsers. */
  readonly isApplication: boolean;
  /** What an application's token shows of the event types besides those for everyone. */
  readonly featureFlags: readonly string[] | undefined;
  may(needs: Permission): boolean;
  /** Of a session of the portal: its name. */
  readonly sessionId?: string;
}

interface Parts {
  /** Undefined in dev mode, which needs no key. */
  readonly keys: Pick<Keys, "look"> | undefined;
  readonly devGate: Gate;
  readonly sessions: Pick<PortalSessions, "authenticate">;
  readonly tokens: SvixTokenOptions;
}

const BEARER = /^Bearer +(.*\S) *$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** How far the clocks of machines that create tokens may be off. */
const LEEWAY_SECONDS = 900;
const ALGORITHMS = ["HS256", "HS384", "HS512"];

/** Lets in callers with a Posthorn API key, or with a token that a self-hosted Svix server would accept. */
export class SvixGate {
  readonly #parts: Parts;
  readonly #secret: Uint8Array | undefined;
  readonly #verified = new LruCache<string, JWTPayload>(MOST_VERIFIED);

  constructor(parts: Parts) {
    this.#parts = parts;
    const { jwtSecret } = parts.tokens;
    this.#secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);
  }

  /** @throws SvixError 400, 401; RequestError 403 in dev mode, for what is not from this machine. */
  async admit(c: Context): Promise<SvixCaller> {
    const { keys, devGate } = this.#parts;
    const token = BEARER.exec(headerOf(c, "authorization") ?? "")?.[1];
    if (this.#secret && token !== undefined && JWT.test(token)) return this.#tokenHolder(token, this.#secret);
    if (token?.startsWith("phs_")) return this.#sessionHolder(token);
    if (!keys) return { ...(await devGate.admit(c, { needs: "admin", scope: "everyone" })), ...EVERYTHING };
    if (token === undefined) throw unauthenticated("Invalid token");
    if (token === this.#parts.tokens.jwtSecret)
      throw unauthenticated("Invalid token: this is the secret that tokens are signed with, not a token");
    const { key } = await keys.look(token);
    if (!key) throw unauthenticated("Invalid token");
    const { id, name, role, tenant, mode } = key;
    const payloads = payloadsOf(key);
    const reach =
      tenant === null && mode === null ? undefined : { tenant: tenant ?? undefined, mode: mode ?? undefined };
    return {
      id,
      actor: { name, id, role, via: "api" },
      payloads,
      reach,
      isApplication: tenant !== null,
      featureFlags: undefined,
      may: (needs) => mayUse(role, needs),
    };
  }

  async #sessionHolder(token: string): Promise<SvixCaller> {
    const session = await this.#parts.sessions.authenticate(token);
    if (!session) throw unauthenticated("Invalid token: its session is over");
    if (session.eventTypes !== undefined)
      throw new SvixError(
        403,
        "insufficient access",
        "this session is for some event types only, which Svix's API does not know: use Posthorn's own API",
      );
    const { sessionId, tenant, capabilities, featureFlags } = session;
    const id = `portal:${tenant}:${sessionId}`;
    return {
      id,
      actor: { name: `portal session ${sessionId}`, id, via: "portal" },
      payloads: "full",
      reach: { tenant },
      capabilities,
      sessionId,
      isApplication: true,
      featureFlags,
      may: () => true, // what it may do are its capabilities
    };
  }

  async #claimsOf(token: string, secret: Uint8Array): Promise<JWTPayload> {
    const known = this.#verified.get(token);
    const { exp = Number.POSITIVE_INFINITY } = known ?? {};
    if (known && exp + LEEWAY_SECONDS > Date.now() / 1_000) return known;
    const claims = await verified(token, secret);
    this.#verified.set(token, claims);
    return claims;
  }

  async #tokenHolder(token: string, secret: Uint8Array): Promise<SvixCaller> {
    const claims = await this.#claimsOf(token, secret);
    const { sub, org } = claims;
    const isApplication = typeof sub === "string" && sub.startsWith("app_");
    const organization = isApplication ? org : sub;
    if (typeof sub !== "string" || typeof organization !== "string" || !organization.startsWith("org_"))
      throw new SvixError(
        400,
        "bad_token",
        "the token's sub must be an organization (org_…), or an application with its org",
      );
    const { organization: ours = DEFAULT_ORGANIZATION } = this.#parts.tokens;
    if (ours !== "any" && organization !== ours)
      throw unauthenticated(`Invalid token: this server is for ${ours}, not for ${organization}`);
    const reach: Reach | undefined = isApplication ? { tenant: sub } : undefined;
    const flags = claims.feature_flags;
    const id = `${organization}/${sub}`;
    return {
      id,
      actor: { name: id, role: "manage", via: "api" },
      payloads: "full",
      reach,
      isApplication,
      featureFlags: isApplication ? (Array.isArray(flags) ? flags.map(String) : []) : undefined,
      may: (needs) => mayUse("manage", needs),
    };
  }
}

/** Clients send the same token with each request, and verifying it takes a third of the time that a message takes. */
const MOST_VERIFIED = 1_000;

const EVERYTHING = { isApplication: false, featureFlags: undefined, may: () => true } as const;

async function verified(token: string, secret: Uint8Array) {
  try {
    return (await jwtVerify(token, secret, { algorithms: ALGORITHMS, clockTolerance: LEEWAY_SECONDS }))
      .payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw unauthenticated("Invalid token");
    throw error;
  }
}

function unauthenticated(detail: string): SvixError {
  return new SvixError(401, "authentication_failed", detail);
}
