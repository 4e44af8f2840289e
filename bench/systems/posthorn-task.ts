// node bench/systems/posthorn-task.ts --database posthorn.db --jobs 20000
import { openPosthorn, task } from "../../src/posthorn.ts";
import { database, runNoops } from "../load/noop-run.ts";

await runNoops(async (ran) => {
  const noop = task("noop", { run: ({ number }: { number: number }) => ran(number) });
  const posthorn = await openPosthorn({ database, tasks: [noop] });
  return { enqueue: (number) => posthorn.enqueue(noop, { number }), close: () => posthorn.close() };
});
