import { z } from "zod";
import { schedule, task } from "../../posthorn.ts";

/** What a program's own task module looks like. */
export const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string() }),
  async run({ orderId }, { progress }) {
    progress(1, "sent");
    return { sent: orderId };
  },
});

const tidyUp = task("tidy-up", { run() {} });

/** Waits for its signal, and then for half a second. */
const linger = task("linger", {
  async run() {
    console.log("lingering");
    await new Promise((resolve) => process.once("SIGTERM", resolve));
    return "done after all";
  },
});

export default [tidyUp, [linger]];

export const nightly = schedule("nightly", { cron: "0 3 * * *", task: tidyUp, input: undefined });

/** Not a task: exported along with them, and passed over. */
export const LIMIT = 5;
