import type { Context } from "hono";
import { leastOf, PAYLOADS, type Payloads } from "../../access/keys.ts";
import type { AccessRule, Caller } from "../access/permission.ts";
import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";

/**
 * How much an answer shows: what the caller sees without a reason, less if it asks for less with `posthorn-payloads`, or everything if it
 * gives a reason with `?reveal=`.
 * @throws RequestError 403 when it asks for more than it may see.
 */
export function payloadsShown(
  c: Context,
  caller: Caller,
  { reveals }: Pick<AccessRule, "reveals"> = {},
): Payloads {
  const { payloads, unasked = payloads } = caller;
  if (reveals && c.req.query("reveal") !== undefined) {
    if (payloads === "full") return payloads;
    throw new RequestError(
      `a key with the payloads right "${payloads}" may not reveal what is hidden; use one with "full"`,
      {
        status: 403,
        code: "forbidden",
      },
    );
  }
  const asked = headerOf(c, "posthorn-payloads");
  const level = asked === null ? undefined : PAYLOADS.find((each) => each === asked);
  return level === undefined ? unasked : leastOf(unasked, level);
}
