// node bench/peers/pg-boss.ts postgres://user@127.0.0.1:5432/bench [notify]
import { type Job, PgBoss } from "pg-boss";
import { type Delivery, databaseUrl, deliver, serveApi } from "./http.ts";

const notify = process.argv[3] === "notify";
const boss = new PgBoss({ connectionString: databaseUrl(), max: 20, useListenNotify: notify });
boss.on("error", (error) => console.error(error));
await boss.start();
await boss.createQueue("deliveries", { notify, retryLimit: 9 });
await boss.work(
  "deliveries",
  {
    localConcurrency: 8,
    batchSize: 50,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
    perJobResults: true,
  },
  (jobs) => Promise.all(jobs.map(runOne)),
);

async function runOne({ id, data }: Job) {
  try {
    return { id, status: "completed" as const, output: await deliver(data as unknown as Delivery) };
  } catch (error) {
    return { id, status: "failed" as const, output: { message: String(error) } };
  }
}

serveApi(
  async (delivery) => (await boss.send("deliveries", delivery)) ?? "",
  () => boss.stop(),
);
