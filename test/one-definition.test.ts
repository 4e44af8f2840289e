import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { silentLog } from "../src/observe/log.ts";
import { BackgroundRunner, BackgroundTasks, openPosthorn, task } from "../src/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";

test("one task definition runs after the response, best effort, or durably as a job", async (t) => {
  const ran: [orderId: string, jobId: string | undefined][] = [];
  const sendReceipt = task("send-receipt", {
    input: z.object({ orderId: z.string() }),
    run({ orderId }, { job }) {
      ran.push([orderId, job?.id]);
      return `sent ${orderId}`;
    },
  });
  const posthorn = await openPosthorn({
    database: scratchDatabase(),
    tasks: [sendReceipt],
    log: silentLog,
  });
  t.after(() => posthorn.close());

  const runner = new BackgroundRunner({ log: silentLog });
  const background = new BackgroundTasks(runner);
  background.add(sendReceipt, { orderId: "1" });
  background.release();
  await runner.drain();
  assert.deepEqual(ran, [["1", undefined]]);

  const { jobId } = await posthorn.enqueue(sendReceipt, { orderId: "2" });
  const { status, result } = await posthorn.result(sendReceipt, jobId, 30_000);
  assert.deepEqual([status, result], ["succeeded", "sent 2"]);
  assert.deepEqual(ran, [
    ["1", undefined],
    ["2", jobId],
  ]);
});
