import { parseArgs } from "node:util";
import type { TaskReport } from "../report/result.ts";

/** As many requests of a web server would enqueue at once. */
const AT_ONCE = 64;

/** A queue whose jobs do nothing: `enqueue` resolves when the job is kept. */
export interface NoopQueue {
  readonly enqueue: (number: number) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

const { values } = parseArgs({
  options: { database: { type: "string" }, jobs: { type: "string", default: "20000" } },
});

/** What `--database` says. */
export const database = values.database ?? "";

/** Enqueues jobs one by one while they run in the same process, and prints the outcome. */
export async function runNoops(open: (ran: (number: number) => void) => Promise<NoopQueue>): Promise<void> {
  const jobs = Number(values.jobs);
  const hasRun = new Uint8Array(jobs);
  let ran = 0;
  let repeated = 0;
  let allRan = () => {};
  const done = new Promise<void>((resolve) => {
    allRan = resolve;
  });
  const queue = await open((number) => {
    if (hasRun[number] === 1) {
      repeated++;
      return;
    }
    hasRun[number] = 1;
    ran++;
    if (ran === jobs) allRan();
  });
  const from = performance.now();
  let begun = 0;
  const enqueueSome = async () => {
    while (begun < jobs) await queue.enqueue(begun++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, enqueueSome));
  const enqueued = performance.now();
  await done;
  const report: TaskReport = {
    enqueued: jobs,
    ran,
    repeated,
    enqueueSeconds: (enqueued - from) / 1_000,
    totalSeconds: (performance.now() - from) / 1_000,
  };
  await queue.close();
  console.log(JSON.stringify(report));
  process.exit();
}
