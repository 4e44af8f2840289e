import type { Context } from "hono";
import type { Payloads } from "../../access/keys.ts";
import type { Actor } from "../../core/actor.ts";
import type { Reach } from "../../core/reach.ts";
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
 * Whom a route is for. `everyone`: it is the same for all callers. `tenant`: callers that only see some tenants are restricted to those,
 * with their events and deliveries. `server`: only callers that see all tenants.
 */
export type Scope = "everyone" | "tenant" | "server";

/** Of a route, what decides who may call it. */
export interface AccessRule {
  readonly needs: Permission;
  readonly scope: Scope;
  /** The capability that a portal session needs. Default: portal sessions may not call it. */
  readonly portal?: Capability;
  /** Whether `?reveal=REASON` shows what it otherwise hides from a caller that may see everything. The audit records who asks. */
  readonly reveals?: true;
}

export function mayUse(role: Role, needs: Permission): boolean {
  return GRANTED[role].includes(needs);
}

/** Who sent the request. Idempotency keys belong to one caller. */
export interface Caller {
  readonly id: string;
  /** What the audit calls it. */
  readonly actor: Actor;
  /** How much it may see of payloads and answers. */
  readonly payloads: Payloads;
  /** How much of that it is shown without giving a reason. Default: all of it. */
  readonly unasked?: Payloads;
  /** Undefined for one that sees everything. */
  readonly reach?: Reach | undefined;
  /** For a portal session: its capabilities. */
  readonly capabilities?: readonly Capability[];
  /** For a portal session: the event types that it sees, if not all. */
  readonly eventTypes?: ReadonlySet<string> | undefined;
  /** For a portal session: the feature flags whose event types it sees, if not all. */
  readonly featureFlags?: readonly string[] | undefined;
  /** Whether the caller would still be let in, for long-running streams to check. Undefined if it always is. */
  isStillAdmitted?(): Promise<boolean>;
}

/** Lets a request in, or throws the RequestError that refuses it. */
export interface Gate {
  admit(c: Context, rule: AccessRule): Caller | Promise<Caller>;
}
