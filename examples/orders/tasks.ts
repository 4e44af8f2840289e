import { task } from "posthorn";
import { z } from "zod";
import type { OrderBook } from "./order-book.ts";
import type { PostOffice } from "./post-office.ts";

/** Tasks are values. What their handlers need is given to the function that makes them. */
export function defineTasks(orders: OrderBook, postOffice: PostOffice) {
  const writeAudit = task("write-audit", {
    input: z.object({ orderId: z.string(), what: z.string() }),
    run({ orderId, what }, { job }) {
      orders.audit(orderId, job ? `${what} (durable)` : `${what} (best effort)`);
    },
  });

  const sendReceipt = task("send-receipt", {
    // All that the mail says: a job must not depend on what its process held in memory.
    input: z.object({ orderId: z.string(), item: z.string(), cents: z.int(), to: z.email() }),
    retry: { attempts: 8 },
    timeout: "30s",
    async run({ orderId, item, cents, to }) {
      await postOffice.send({
        // At least once means that a crash may send it twice: a mail reader folds two mails with one Message-ID.
        messageId: `<receipt-${orderId}@shop.example>`,
        to,
        subject: `Receipt for order ${orderId}`,
        text: `${item}: ${(cents / 100).toFixed(2)}`,
      });
    },
  });

  return { writeAudit, sendReceipt };
}
