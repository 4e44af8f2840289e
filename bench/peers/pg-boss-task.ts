// node bench/peers/pg-boss-task.ts --database postgres://user@127.0.0.1:5432/bench --jobs 20000
import { PgBoss } from "pg-boss";
import { database, runNoops } from "../load/noop-run.ts";

await runNoops(async (ran) => {
  const boss = new PgBoss({ connectionString: database, max: 20 });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue("noops", { retryLimit: 9 });
  const options = {
    localConcurrency: 8,
    batchSize: 50,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
    perJobResults: true,
  } as const;
  await boss.work("noops", options, async (jobs) =>
    jobs.map(({ id, data }) => {
      ran(Number(data.number));
      return { id, status: "completed" as const };
    }),
  );
  return { enqueue: (number) => boss.send("noops", { number }), close: () => boss.stop() };
});
