import type { Context } from "hono";
import type { Payloads } from "../../access/keys.ts";
import type { Actor } from "../../core/actor.ts";
import type { Role } from "../../store/shelves/api-keys.ts";
import type { Capability } from "../../webhooks/portal/capabilities.ts";

/**
 * What a route needs: `read` looks up, `send` makes and changes jobs, `manage` also changes tenants, endpoints and event types, `admin`
 * also changes schedules, `none` is open to everyone.
 */
export type Permission = "none" | "read" | "send" | "manage" | "admin";

/** `admin` may do everything. */
const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ["none", "read", "send", "manage", "admin"],
  manage: ["none", "read", "send", "manage"],
  send: ["none", "read", "send"],
  read: ["none", "read"],
};

/**
 * Whom a route is for. `everyone`: it is the same for all. `tenant`: a caller that sees some tenants only is kept to those, and to their
 * events and deliveries. `server`: callers that see all of them.
 */
export type Scope = "everyone" | "tenant" | "server";

/** Of a route, what decides who may call it. */
export interface AccessRule {
  readonly needs: Permission;
  readonly scope: Scope;
  /** What a session of the portal must be able to do. Default: none may call it. */
  readonly portal?: Capability;
  /** Whether it shows with `?reveal=REASON` what it would hide from a caller that may see all. It writes down who asks. */
  readonly reveals?: true;
}

export function mayUse(role: Role, needs: Permission): boolean {
  return GRANTED[role].includes(needs);
}

/** Which tenants a caller sees; the others do not exist for it. */
export interface Reach {
  /** The id of the only one. */
  readonly tenant?: string | undefined;
  /** Only those of this mode. */
  readonly mode?: "live" | "test" | undefined;
}

/** Who sent the request. Idempotency keys belong to one caller. */
export interface Caller {
  readonly id: string;
  /** What the audit calls it. */
  readonly actor: Actor;
  /** How much of what was sent and answered it is shown. */
  readonly payloads: Payloads;
  /** How much of that it is shown as long as it does not say why it needs more. Default: all of it. */
  readonly unasked?: Payloads;
  /** Undefined for one that sees everything. */
  readonly reach?: Reach | undefined;
  /** Of a session of the portal: all that it may do. */
  readonly capabilities?: readonly Capability[];
  /** Of a session of the portal: the only event types that it sees, if not all. */
  readonly eventTypes?: ReadonlySet<string> | undefined;
  /** Of such a session: what it sees of the event types with feature flags, if not all. */
  readonly featureFlags?: readonly string[] | undefined;
  /** Whether it would still be let in: to be asked by what goes on for long. Undefined for one that always is. */
  isStillAdmitted?(): Promise<boolean>;
}

/** Lets a request in, or throws the RequestError that refuses it. */
export interface Gate {
  admit(c: Context, rule: AccessRule): Caller | Promise<Caller>;
}
