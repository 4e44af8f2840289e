import type { Context } from "hono";
import { RequestError } from "../request/request-error.ts";
import type { AccessRule, Gate } from "./permission.ts";

/** Whether a gate would also allow this, for routes that show more to some callers than to others. */
export async function admits(gate: Gate, c: Context, rule: AccessRule): Promise<boolean> {
  try {
    await gate.admit(c, rule);
    return true;
  } catch (refused) {
    if (refused instanceof RequestError) return false;
    throw refused;
  }
}
