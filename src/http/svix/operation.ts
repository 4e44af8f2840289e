import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { NotFoundError } from "../../core/errors.ts";
import { isWithin } from "../../core/reach.ts";
import type { RegisteredEndpoint } from "../../webhooks/endpoints/registered-endpoint.ts";
import type { Capability } from "../../webhooks/portal/capabilities.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import { byOf } from "../access/by.ts";
import type { EventRates } from "../access/event-rates.ts";
import type { Permission } from "../access/permission.ts";
import type { Facade } from "../facade.ts";
import type { BodyReader } from "../request/body.ts";
import { headerOf } from "../request/incoming.ts";
import type { SvixCaller } from "./caller.ts";
import { notFound, SvixError } from "./errors.ts";

export interface SvixServices {
  readonly posthorn: Facade;
  readonly bodies: BodyReader;
  readonly rates: Pick<EventRates, "take">;
  readonly clock: Clock;
  /** Where browsers reach this server. */
  publicUrl(c: Context): string;
}

/** One operation of Svix's API. */
export interface SvixOperation {
  /** As Svix's specification names it: `v1.application.create`. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  readonly path: string;
  /** `application`: tokens of one application may, in that application. */
  readonly scope: "everyone" | "organization" | "application";
  readonly needs: Permission;
  /** What a session of the portal must be able to do. Default: `view` for what needs `read`, `endpoints` for the rest. */
  readonly portal?: Capability;
  /** Whether its 202 says that what came with the request is on disk. */
  readonly accepts?: true;
  handle(request: SvixRequest): Promise<Response>;
}

/** What event types are called here. */
export interface TypeNames {
  /** Posthorn's name for it; undefined when there are no such events. */
  known(name: string, webhooks: Facade["webhooks"]): Promise<string | undefined>;
  shown(name: string): string;
}

/** By the names under which they are registered. */
const REGISTERED: TypeNames = {
  async known(name, { eventTypes }) {
    const type = await unlessUnknown(eventTypes.get(name));
    return type && !type.isArchived ? name : undefined;
  },
  shown: (name) => name,
};

/** A request that was admitted. */
export class SvixRequest {
  readonly c: Context;
  readonly caller: SvixCaller;
  readonly services: SvixServices;
  readonly webhooks: Facade["webhooks"];
  readonly typeNames: TypeNames = REGISTERED;
  #query: URLSearchParams | undefined;

  constructor(c: Context, caller: SvixCaller, services: SvixServices) {
    this.c = c;
    this.caller = caller;
    this.services = services;
    this.webhooks = services.posthorn.webhooks;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(/\?([^#]*)/.exec(this.c.req.raw.url)?.[1] ?? "");
    return this.#query;
  }

  /** In milliseconds since the epoch. */
  get now(): number {
    return this.services.clock.now();
  }

  /** What the path holds in this place. */
  at(name: string): string {
    return this.c.req.param(name) ?? "";
  }

  /** The application that the path names. @throws SvixError 404, also when the caller does not see it. */
  async application(): Promise<RegisteredTenant> {
    const tenant = await unlessUnknown(this.webhooks.tenants.get(this.at("app")));
    const { reach } = this.caller;
    if (tenant && (!reach || isWithin(tenant, reach))) return tenant;
    throw notFound(`there is no application ${this.at("app")}`);
  }

  /** The endpoint that the path names. @throws SvixError 404 */
  async endpoint(): Promise<RegisteredEndpoint> {
    const { id } = await this.application();
    return this.webhooks.endpoints.get(id, this.at("endpoint"));
  }

  /** By whom something is changed. */
  get by(): By {
    return byOf(this.c, this.caller);
  }

  /** Whether payloads and answers were asked for. What of them a caller may see is decided for the whole API. */
  get showsContent(): boolean {
    return this.flag("with_content", true);
  }

  /** A flag of the query. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.query.get(name);
    return value === null ? otherwise : value === "true";
  }

  /**
   * For operations that create something: the first answer to a key counts, whatever a repeated request contains. Svix's clients send a new
   * key with each request, and the same one when they repeat it.
   */
  get idempotency():
    | { readonly scope: string; readonly key: string; readonly fingerprint: string }
    | undefined {
    const key = headerOf(this.c, "idempotency-key");
    if (!key) return undefined;
    const { method, raw } = this.c.req;
    const path = raw.url.slice(raw.url.indexOf("/", raw.url.indexOf("://") + 3));
    return {
      scope: short(`${this.caller.id} ${method} ${path}`),
      key: short(key),
      fingerprint: "",
    };
  }
}

/** Undefined where there is none. */
export async function unlessUnknown<Of>(asked: Promise<Of>): Promise<Of | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotFoundError || (error instanceof SvixError && error.status === 404))
      return undefined;
    throw error;
  }
}

/** In characters. */
const LONGEST_SCOPE = 255;

/** Svix limits neither keys nor paths, so a long one is replaced by its digest. */
function short(text: string): string {
  return text.length <= LONGEST_SCOPE ? text : createHash("sha256").update(text).digest("hex");
}
