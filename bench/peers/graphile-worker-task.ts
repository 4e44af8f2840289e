// node bench/peers/graphile-worker-task.ts --database postgres://user@127.0.0.1:5432/bench --jobs 20000

import { database, runNoops } from "../load/noop-run.ts";
import { startGraphile } from "./graphile-runner.ts";

await runNoops(async (ran) => {
  const runner = await startGraphile(database, {
    noop: async (payload) => ran((payload as { number: number }).number), // as enqueued below
  });
  return { enqueue: (number) => runner.addJob("noop", { number }), close: () => runner.stop() };
});
