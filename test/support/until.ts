import { setTimeout as pause } from "node:timers/promises";

/** What takes longer, even on a busy machine, will not come. */
const LONGEST_MS = 120_000;
const LOOK_EVERY_MS = 20;
/** A look that takes long is taken less often: for a third of the time at most, and at least this often. */
const LOOK_AT_LEAST_EVERY_MS = 500;

/**
 * What `look` gives, once that is neither `undefined` nor `false`.
 * @param what it waits for, as the end of the sentence "waited in vain until …"; a function is asked when that is said.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const givenUpAt = performance.now() + LONGEST_MS;
  for (;;) {
    const begun = performance.now();
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const ended = performance.now();
    if (ended > givenUpAt) {
      const told = typeof what === "string" ? what : what();
      throw new Error(`waited ${LONGEST_MS / 1_000} s in vain until ${told}`);
    }
    await pause(Math.max(LOOK_EVERY_MS, Math.min(2 * (ended - begun), LOOK_AT_LEAST_EVERY_MS)));
  }
}

/** Lets the event loop go round: for work that waits for nothing but its turn. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
