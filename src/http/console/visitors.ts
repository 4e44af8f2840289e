import type { Context } from "hono";
import { defaultPayloads, type Keys, ROLES } from "../../access/keys.ts";
import type { Clock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { ApiKey, Role } from "../../store/shelves/api-keys.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";
import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** A visitor of the console, as the surrounding server knows them. */
export interface ConsoleUser {
  /** The visitor's name, which is shown, and recorded with their changes. */
  readonly name: string;
  readonly role: Role;
  /** The uid or id of the only tenant that they may see. Default: all of them. */
  readonly tenant?: string;
}

/**
 * Who sent the request, or undefined for nobody who may come in. It is asked for each request of the console that carries no API
 * key: read the session of your own application here.
 */
export type Authorize = (request: Request) => ConsoleUser | undefined | Promise<ConsoleUser | undefined>;

/** A request's sender, with the rights of a key. */
export interface Visitor {
  readonly key: ApiKey;
  /** The same again, to be asked by what goes on for long. */
  again(): Promise<ApiKey | undefined>;
}

interface VisitorParts {
  readonly keys: Pick<Keys, "find">;
  readonly cookie: SessionCookie;
  readonly tenants: Pick<Tenants, "get">;
  readonly clock: Clock;
  readonly authorize: Authorize | undefined;
}

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Recognises visitors by their browser's cookie, or by what the surrounding server says about them. */
export class Visitors {
  readonly #parts: VisitorParts;

  constructor(parts: VisitorParts) {
    this.#parts = parts;
  }

  /** Whether people come in by the server around this one, and not by a key. */
  get areAuthorized(): boolean {
    return this.#parts.authorize !== undefined;
  }

  /**
   * Undefined for a request of nobody.
   * @throws RequestError 403 for a change that did not come from the console's own pages.
   */
  async visitorOf(c: Context): Promise<Visitor | undefined> {
    const { keys, cookie, clock, authorize } = this.#parts;
    if (authorize) {
      const key = await this.#authorized(c.req.raw, authorize);
      if (!key) return undefined;
      refuseForeign(c);
      return { key, again: () => this.#authorized(c.req.raw, authorize) };
    }
    const id = cookie.keyOf(c, clock.now());
    const key = id === undefined ? undefined : await keys.find(id);
    if (!key) return undefined;
    refuseForeign(c);
    // the session ends too, and not only the key
    return { key, again: async () => (cookie.keyOf(c, clock.now()) ? keys.find(key.id) : undefined) };
  }

  /** As a key, which is what rights are bound to; it is in no database. */
  async #authorized(request: Request, authorize: Authorize): Promise<ApiKey | undefined> {
    const user = await authorize(request);
    if (!user) return undefined;
    const { name, role, tenant } = user;
    if (typeof name !== "string" || !ROLES.includes(role))
      throw new InvalidInputError([
        { path: ["authorize"], detail: "must give a name and a role: admin, manage, send or read" },
      ]);
    return {
      id: `console:${name}`,
      name,
      role,
      tenant: tenant === undefined ? null : (await this.#parts.tenants.get(tenant)).id,
      mode: null,
      hash: "",
      createdAt: 0,
      revokedAt: null,
      payloads: defaultPayloads(role),
      expiresAt: null,
      lastUsedAt: null,
    };
  }
}

/**
 * A browser sends its cookies with what any page makes it send. Only a page of this server can name itself in this header, which
 * other origins may not set without asking.
 * @throws RequestError 403
 */
export function refuseForeign(c: Context): void {
  if (!UNSAFE.has(c.req.method)) return;
  if (headerOf(c, "sec-fetch-site") === "same-origin" || headerOf(c, "posthorn-console") === "1") return;
  throw new RequestError("a change has to come from the console's own pages; send posthorn-console: 1", {
    status: 403,
    code: "forbidden",
  });
}
