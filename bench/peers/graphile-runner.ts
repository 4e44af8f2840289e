import { Logger, type Runner, run } from "graphile-worker";
import { CONCURRENCY } from "./http.ts";

/** With the local queue and the batches that its page on performance recommends. */
export function startGraphile(
  connectionString: string,
  taskList: Record<string, (payload: unknown) => Promise<void>>,
): Promise<Runner> {
  return run({
    preset: {
      worker: {
        connectionString,
        concurrentJobs: CONCURRENCY,
        // its default; with 66, one a job, 371 deliveries/s instead of 680
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
    taskList,
  });
}
