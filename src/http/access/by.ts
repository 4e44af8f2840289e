import type { Context } from "hono";
import type { By } from "../../core/actor.ts";
import { headerOf, senderOf } from "../request/incoming.ts";
import type { Caller } from "./permission.ts";

/** The form of a caller's own request ids, which the audit keeps. */
const REQUEST_ID = /^[\w.:/+=@-]{1,200}$/;

/** Who asks for a change, for the audit, and why, where the request says. */
export function byOf(c: Context, { actor }: Caller, reason?: string | undefined): By {
  const requestId = headerOf(c, "x-request-id") ?? "";
  return {
    actor: {
      ...actor,
      ip: senderOf(c)?.socket.remoteAddress ?? null,
      requestId: REQUEST_ID.test(requestId) ? requestId : null,
    },
    reason: reason ?? null,
  };
}

/** The same, and which tenants the caller sees: for changes to what is listed without a tenant. */
export function byWithReach(c: Context, caller: Caller): By & Pick<Caller, "reach"> {
  return { ...byOf(c, caller), reach: caller.reach };
}
