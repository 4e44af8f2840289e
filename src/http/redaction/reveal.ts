import type { Context } from "hono";
import { z } from "zod";
import type { AuditTrail } from "../../engine/audit/audit-trail.ts";
import { byOf } from "../access/by.ts";
import type { Caller } from "../access/permission.ts";

/** Of a route that `reveals`: the query parameter. */
export const revealed = {
  reveal: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .meta({
      description:
        "Shows everything, including secrets that are otherwise hidden (from people who are signed in to the console, and with posthorn-payloads). The value is the reason, which is recorded in the audit. Requires a key with full payloads.",
    })
    .optional(),
};

export const revealQuery = z.strictObject(revealed);

/** If the query gives a reason, records that everything is shown, before it is shown. */
export async function noteRevealed(
  c: Context,
  caller: Caller,
  { reveal }: z.infer<typeof revealQuery>,
  audit: Pick<AuditTrail, "revealed">,
  what: Parameters<AuditTrail["revealed"]>[0],
): Promise<void> {
  if (reveal !== undefined) await audit.revealed(what, byOf(c, caller, reveal));
}
