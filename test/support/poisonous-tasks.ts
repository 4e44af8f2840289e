import { setTimeout as pause } from "node:timers/promises";
import { task } from "../../src/posthorn.ts";

/** Ends its process with an error that nobody catches, while it runs. */
export const poison = task("poison", {
  run() {
    setTimeout(() => Promise.reject(new Error("boom")), 400);
    return pause(5_000);
  },
});

/** Takes its time, and does no harm. */
export const innocent = task("innocent", {
  async run() {
    await pause(20_000);
  },
});

/** Blocks its process for some seconds, as what computes without a thread of its own does, but leaves the processor to others. */
export const blocking = task("blocking", {
  run() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000);
  },
});
