import type { Context } from "hono";
import type { Payloads } from "../../access/keys.ts";
import type { Caller } from "../access/permission.ts";
import { headerOf } from "../request/incoming.ts";

const LEAST_FIRST: readonly (string | null)[] = ["none", "redacted", "full"] satisfies Payloads[];

/** How much an answer shows: what the caller may see, or less where it asks for less with `posthorn-payloads`. */
export function payloadsShown(c: Context, { payloads }: Caller): Payloads {
  const asked = headerOf(c, "posthorn-payloads");
  const level = LEAST_FIRST.indexOf(asked);
  const isLess = level !== -1 && level < LEAST_FIRST.indexOf(payloads);
  return isLess ? (asked as Payloads) : payloads; // it is one of them
}
