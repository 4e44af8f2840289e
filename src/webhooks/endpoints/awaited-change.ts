import { isToCome } from "../../core/clock.ts";
import type { Outcome } from "../../core/outcome.ts";

/** How often a task looks whether the change has been made that its job was made before. */
export const AWAIT_CHANGE_MS = 100;
/** If the change has not been made by then, it never will be: its caller was told that it failed, or is gone. */
export const CHANGE_LIMIT_MS = 60_000;
/** For this long other processes may not know yet: they may create jobs for an endpoint that is gone, or have some in hand. */
export const UNAWARE_MS = 2_000;

/** What a task does that looks again once they know: undefined from then on. */
export function untilOthersKnow(changedAt: number, now: number): Outcome | undefined {
  const settled = changedAt + UNAWARE_MS;
  return isToCome(settled, now, UNAWARE_MS) ? { kind: "snoozed", forMs: settled - now } : undefined;
}
