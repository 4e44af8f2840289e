import type { Context } from "hono";
import type { Payloads } from "../../access/keys.ts";
import type { Actor } from "../../core/actor.ts";
import type { Reach } from "../../core/reach.ts";
import type { Capability } from "../../webhooks/portal/capabilities.ts";
import type { PortalSession, PortalSessions } from "../../webhooks/portal/portal-sessions.ts";
import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import type { AccessRule, Caller, Gate } from "./permission.ts";
import type { SessionRates } from "./session-rates.ts";

const SESSION = /^Bearer +(phs_[A-Za-z0-9_-]+) *$/i;

/** Lets in portal sessions that have the capability; all other requests are left to another gate. */
export class SessionGate implements Gate {
  readonly #sessions: Pick<PortalSessions, "authenticate">;
  readonly #rates: SessionRates;
  readonly #others: Gate;

  constructor(sessions: Pick<PortalSessions, "authenticate">, rates: SessionRates, others: Gate) {
    this.#sessions = sessions;
    this.#rates = rates;
    this.#others = others;
  }

  admit(c: Context, rule: AccessRule): Caller | Promise<Caller> {
    const token = SESSION.exec(headerOf(c, "authorization") ?? "")?.[1];
    return token === undefined || rule.needs === "none"
      ? this.#others.admit(c, rule)
      : this.#holder(token, rule);
  }

  async #holder(token: string, { portal }: AccessRule): Promise<Caller> {
    const session = await this.#sessions.authenticate(token);
    if (!session) throw over();
    if (portal === undefined)
      throw forbidden("a session of the portal may not do this", "insufficient_scope");
    const holder = new SessionHolder(session, this.#sessions, token);
    requireCapability(holder, portal);
    this.#rates.take(holder, portal);
    return holder;
  }
}

/** @throws RequestError 403 when the caller is a session of the portal that may not do this. */
export function requireCapability({ capabilities }: Caller, needed: Capability): void {
  if (capabilities === undefined || capabilities.includes(needed)) return;
  throw forbidden(`this session may not do that; it takes the capability ${needed}`, needed);
}

/** The fields of a request about an endpoint that need another capability; `never` means that only the operator may set them. */
const FIELDS: Readonly<Record<string, Capability | "never">> = {
  secret: "secrets",
  headers: "headers",
  auth: "headers",
  limits: "limits",
  retry: "limits",
  timeout: "limits",
  pace: "limits",
  verification: "never",
  egress: "never",
};

/** @throws RequestError 403 when the caller is a session of the portal that may not set one of the fields. */
export function requireFields(caller: Caller, fields: object): void {
  if (caller.capabilities === undefined) return;
  for (const field of Object.keys(fields)) {
    const needed = FIELDS[field];
    if (needed === "never")
      throw forbidden(`a session of the portal may not set ${field}`, "insufficient_scope");
    if (needed !== undefined) requireCapability(caller, needed);
  }
}

class SessionHolder implements Caller {
  readonly id: string;
  readonly actor: Actor;
  readonly reach: Reach;
  readonly payloads: Payloads;
  readonly capabilities: readonly Capability[];
  readonly eventTypes: ReadonlySet<string> | undefined;
  readonly featureFlags: readonly string[] | undefined;
  readonly #sessions: Pick<PortalSessions, "authenticate">;
  readonly #token: string;

  constructor(
    { sessionId, tenant, capabilities, eventTypes, featureFlags }: PortalSession,
    sessions: Pick<PortalSessions, "authenticate">,
    token: string,
  ) {
    this.id = `portal:${tenant}:${sessionId}`;
    this.actor = { name: `portal session ${sessionId}`, id: this.id, via: "portal" };
    this.reach = { tenant };
    this.payloads = "full";
    this.capabilities = capabilities;
    this.eventTypes = eventTypes && new Set(eventTypes);
    this.featureFlags = featureFlags;
    this.#sessions = sessions;
    this.#token = token;
  }

  async isStillAdmitted(): Promise<boolean> {
    return (await this.#sessions.authenticate(this.#token)) !== undefined;
  }
}

function forbidden(detail: string, scope: string): RequestError {
  return new RequestError(detail, {
    status: 403,
    code: "forbidden",
    headers: { "www-authenticate": `Bearer realm="posthorn", error="insufficient_scope", scope="${scope}"` },
  });
}

function over(): RequestError {
  return new RequestError("the session is over; open the portal again", {
    status: 401,
    code: "unauthorized",
    headers: { "www-authenticate": 'Bearer realm="posthorn", error="invalid_token"' },
  });
}
