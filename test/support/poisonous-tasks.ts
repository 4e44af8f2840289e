import { setTimeout as pause } from "node:timers/promises";
import { task } from "../../src/posthorn.ts";

/** Ends its process by an error that nobody catches, while it runs. */
export const poison = task("poison", {
  run() {
    setTimeout(() => Promise.reject(new Error("boom")), 400);
    return pause(5_000);
  },
});

/** Takes its time, and harms nobody. */
export const innocent = task("innocent", {
  async run() {
    await pause(20_000);
  },
});

/** Computes for some seconds, with no thread of its own. */
export const blocking = task("blocking", {
  run() {
    const end = performance.now() + 12_000;
    while (performance.now() < end);
  },
});
