import type { AuditChange } from "../../engine/audit/audit.ts";
import type { Caller } from "./permission.ts";
import { plainError } from "./plain-refusals.ts";
import { typesSeenOf } from "./types-seen.ts";

/** A customer only sees whether it was one of their own people or somebody else, not which of the server's keys. */
export function ownActor(actor: string | null): string | null {
  return actor === null || actor.startsWith("portal:") ? actor : "operator";
}

/** A change of an endpoint as a portal session may see it. */
export function changeSeen(caller: Caller, change: AuditChange): AuditChange {
  const { eventTypes, statusReason } = change;
  // as `changesOf` writes them
  const types = (eventTypes ?? []) as readonly (readonly string[] | null)[];
  const reasons = (statusReason ?? []) as readonly (string | null)[];
  return {
    ...change,
    ...(eventTypes && { eventTypes: pairOf(types, (patterns) => typesSeenOf(caller, patterns)) }),
    ...(statusReason && { statusReason: pairOf(reasons, (reason) => plainError(caller, reason)) }),
  };
}

function pairOf<Value>(
  [was = null, is = null]: readonly (Value | null)[],
  seen: (value: Value | null) => unknown,
): AuditChange[string] {
  return [seen(was), seen(is)];
}
