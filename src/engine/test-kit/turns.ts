import { setImmediate as nextTurn } from "node:timers/promises";

/** More turns of the event loop than anything that is not waiting for time or for a test needs to come to rest. */
const ENOUGH = 300;

/** Lets everything proceed that can proceed without time passing. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < ENOUGH; turn++) await nextTurn();
}
