/**
 * What a best-effort task costs: added by a request of its own, run, done. A million that do nothing, fifty requests in each turn
 * of the event loop, five rounds; prints the median as microseconds a task.
 *
 *     node bench/best-effort.ts
 */
import { BackgroundRunner } from "../src/tasks/background/background-runner.ts";
import { BackgroundTasks } from "../src/tasks/background/background-tasks.ts";
import { task } from "../src/tasks/task.ts";

const TASKS = 1_000_000;
const ROUNDS = 5;
const EACH_TURN = 50;

const kinds = {
  "a function": (background: BackgroundTasks) => background.add(nothing, 1),
  "a task": (background: BackgroundTasks) => background.add(synchronous, 1),
  "an asynchronous task": (background: BackgroundTasks) => background.add(asynchronous, 1),
};
function nothing(_n: number): void {}
const synchronous = task<number>("synchronous", { run() {} });
const asynchronous = task<number>("asynchronous", { async run() {} });

for (const [kind, add] of Object.entries(kinds)) {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await microsecondsPerTask(add));
  const median = rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  console.log(`${kind}: ${median.toFixed(2)} µs (${rounds.map((each) => each.toFixed(2)).join(", ")})`);
}

async function microsecondsPerTask(add: (background: BackgroundTasks) => void): Promise<number> {
  const runner = new BackgroundRunner();
  const begun = performance.now();
  for (let n = 0; n < TASKS; n++) {
    const background = new BackgroundTasks(runner);
    add(background);
    background.release();
    if (n % EACH_TURN === 0) await new Promise(setImmediate);
  }
  const { dropped } = await runner.drain("5m");
  if (dropped > 0 || runner.counts.succeeded !== TASKS) throw new Error("not all of them ran");
  return ((performance.now() - begun) * 1_000) / TASKS;
}
