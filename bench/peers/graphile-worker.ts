// node bench/peers/graphile-worker.ts postgres://user@127.0.0.1:5432/bench
import { Logger, run } from "graphile-worker";
import { CONCURRENCY, type Delivery, databaseUrl, deliver, serveApi } from "./http.ts";

const runner = await run({
  preset: {
    worker: {
      connectionString: databaseUrl(),
      concurrentJobs: CONCURRENCY,
      maxPoolSize: 10,
      pollInterval: 1_000,
      localQueue: { size: 2 * CONCURRENCY },
      completeJobBatchDelay: 250,
      failJobBatchDelay: 250,
      logger: new Logger(() => (level, message) => {
        if (level === "error") console.error(message);
      }),
    },
  },
  taskList: { deliver: async (payload) => void (await deliver(payload as Delivery)) },
});
serveApi(
  async (delivery) => (await runner.addJob("deliver", delivery)).id,
  () => runner.stop(),
);
