import type { Context } from "hono";
import type { Role } from "../../store/shelves/api-keys.ts";

/** What a route needs: `read` looks up, `send` makes and changes jobs, `admin` also changes schedules, `none` is open to everyone. */
export type Permission = "none" | "read" | "send" | "admin";

/** `admin` may do everything. */
const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ["none", "read", "send", "admin"],
  send: ["none", "read", "send"],
  read: ["none", "read"],
};

export function mayUse(role: Role, needs: Permission): boolean {
  return GRANTED[role].includes(needs);
}

/** Who sent the request. Idempotency keys belong to one caller. */
export interface Caller {
  readonly id: string;
  /** Whether it would still be let in: to be asked by what goes on for long. Undefined for one that always is. */
  isStillAdmitted?(): Promise<boolean>;
}

/** Lets a request in, or throws the RequestError that refuses it. */
export interface Gate {
  admit(c: Context, needs: Permission): Caller | Promise<Caller>;
}
