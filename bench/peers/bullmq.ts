// node bench/peers/bullmq.ts redis://127.0.0.1:6379
import { Queue, Worker } from "bullmq";
import { CONCURRENCY, type Delivery, databaseUrl, deliver, serveApi } from "./http.ts";

const url = databaseUrl();
const queue = new Queue("deliveries", { connection: { url } });
const worker = new Worker("deliveries", (job) => deliver(job.data as unknown as Delivery), {
  connection: { url, maxRetriesPerRequest: null }, // which a worker's connection has to have
  concurrency: CONCURRENCY,
});
serveApi(
  async (delivery) => (await queue.add("deliver", delivery, { attempts: 10 })).id ?? "",
  async () => {
    await worker.close();
    await queue.close();
  },
);
