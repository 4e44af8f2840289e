import { task } from "../../posthorn.ts";

/** Ends, or goes on, and leaves an error that nobody catches. */
export const forgets = task("forgets", {
  async run({ how }: { how: string }) {
    if (how === "timer") {
      setTimeout(() => {
        throw new Error("thrown out of a timer");
      }, 10);
    } else void Promise.reject(new Error("not awaited"));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
});

/** Runs alongside it, and is not to blame. */
export const waits = task("waits", {
  run: () => new Promise<void>((resolve) => setTimeout(resolve, 60_000)),
});
