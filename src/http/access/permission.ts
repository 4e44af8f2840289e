import type { Context } from "hono";
import type { Role } from "../../store/shelves/api-keys.ts";

/** What a route needs: `read` looks, `send` makes and changes jobs, `admin` changes what goes on by itself, `none` is open to all. */
export type Permission = "none" | "read" | "send" | "admin";

/** `admin` may do all there is. */
const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ["none", "read", "send", "admin"],
  send: ["none", "read", "send"],
  read: ["none", "read"],
};

export function mayUse(role: Role, needs: Permission): boolean {
  return GRANTED[role].includes(needs);
}

/** Who asks. Idempotency keys are theirs alone. */
export interface Caller {
  readonly id: string;
}

/** Lets a request in, or throws the RequestError that refuses it. */
export interface Gate {
  admit(c: Context, needs: Permission): Caller | Promise<Caller>;
}
