import type { Context } from "hono";
import { type Keys, leastOf, type Payloads, payloadsOf } from "../../access/keys.ts";
import type { Reach } from "../../core/reach.ts";
import type { ApiKey } from "../../store/shelves/api-keys.ts";
import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import { type AccessRule, type Caller, type Gate, mayUse } from "./permission.ts";

const NOBODY: Caller = {
  id: "anyone",
  actor: { name: "anyone", role: "read", via: "api" },
  payloads: "full",
};
const UNKNOWN = { key: undefined, refused: "unknown" } as const;
const REFUSED = {
  unknown: "the API key is unknown",
  revoked: "the API key was revoked",
  expired: "the API key has expired; have another one made",
} as const;
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** Requires an API key as a bearer token (RFC 6750). The store is asked each time, so a revoked key stops working at once. */
export class KeyGate implements Gate {
  readonly #keys: Pick<Keys, "look">;

  constructor(keys: Pick<Keys, "look">) {
    this.#keys = keys;
  }

  admit(c: Context, rule: AccessRule): Caller | Promise<Caller> {
    return rule.needs === "none" ? NOBODY : this.#authenticated(c, rule);
  }

  async #authenticated(c: Context, { needs, scope }: AccessRule): Promise<Caller> {
    const header = headerOf(c, "authorization");
    if (header === null) throw unauthorized("send an API key: authorization: Bearer phk_…", "");
    const token = BEARER.exec(header)?.[1];
    const { key, refused = "unknown" } = token === undefined ? UNKNOWN : await this.#keys.look(token);
    if (token === undefined || !key) throw unauthorized(REFUSED[refused], ', error="invalid_token"');
    return keyHolder(key, { needs, scope }, async () => (await this.#keys.look(token)).key);
  }
}

/**
 * The holder of a key, if the key may do this.
 * @param again whether the key is still valid.
 * @param via how the request came in, as the audit names it.
 * @throws RequestError 403
 */
export function keyHolder(
  key: ApiKey,
  { needs, scope }: AccessRule,
  again: () => Promise<ApiKey | undefined>,
  via: "api" | "console" = "api",
): Caller {
  if (!mayUse(key.role, needs))
    throw forbidden(`a key with the role ${key.role} may not do this; it requires the role ${needs}`, needs);
  const holder = new KeyHolder(key, again, via);
  if (scope === "server" && holder.reach)
    throw forbidden("a key that is bound to a tenant or a mode may not do this", needs);
  return holder;
}

class KeyHolder implements Caller {
  readonly id: string;
  readonly actor: Caller["actor"];
  readonly reach: Reach | undefined;
  readonly payloads: Payloads;
  readonly unasked: Payloads;
  readonly #again: () => Promise<ApiKey | undefined>;

  constructor(key: ApiKey, again: () => Promise<ApiKey | undefined>, via: "api" | "console") {
    const { id, name, role, tenant, mode } = key;
    this.id = id;
    this.payloads = payloadsOf(key);
    // people look over each other's shoulders: the console only shows secrets in payloads to those who give a reason
    this.unasked = via === "console" ? leastOf(this.payloads, "redacted") : this.payloads;
    this.actor = { name, id, role, via };
    this.reach =
      tenant === null && mode === null ? undefined : { tenant: tenant ?? undefined, mode: mode ?? undefined };
    this.#again = again;
  }

  async isStillAdmitted(): Promise<boolean> {
    return (await this.#again()) !== undefined;
  }
}

function forbidden(detail: string, needs: string): RequestError {
  return new RequestError(detail, {
    status: 403,
    code: "forbidden",
    headers: {
      "www-authenticate": `Bearer realm="posthorn", error="insufficient_scope", scope="${needs}"`,
    },
  });
}

function unauthorized(detail: string, error: string): RequestError {
  return new RequestError(detail, {
    status: 401,
    code: "unauthorized",
    headers: { "www-authenticate": `Bearer realm="posthorn"${error}` },
  });
}
