import { task } from "posthorn";

export const sendReceipt = task<{ orderId: string }, { sent: string }>("send-receipt", {
  retry: { attempts: 3 },
});
export const warmCache = task("warm-cache", {
  run: ({ orderId }: { orderId: string }, { log }) => log.info({ orderId }, "cached"),
});
