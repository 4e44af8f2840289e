// node bench/peers/bullmq-task.ts --database redis://127.0.0.1:6379 --jobs 20000
import { Queue, Worker } from "bullmq";
import { database, runNoops } from "../load/noop-run.ts";
import { CONCURRENCY } from "./http.ts";

await runNoops(async (ran) => {
  const queue = new Queue("noops", { connection: { url: database } });
  const worker = new Worker("noops", async ({ data }) => ran(Number(data.number)), {
    connection: { url: database, maxRetriesPerRequest: null },
    concurrency: CONCURRENCY,
  });
  return {
    enqueue: (number) => queue.add("noop", { number }, { attempts: 10 }),
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
});
