import assert from "node:assert/strict";
import { test } from "node:test";
import { task } from "../src/posthorn.ts";
import { LONG, open } from "./support/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

test("a task in a thread that never ends is timed out, and its slot runs the next job", async (t) => {
  const spin = task("spin", {
    thread: import.meta.resolve("../src/tasks/threads/test-kit/spin.ts"),
    timeout: 200,
    retry: { attempts: 1 },
  });
  const next = task("next", { run: () => "ran" });
  const posthorn = await open(t, { tasks: [spin, next], concurrency: 1 });
  const hangs = await posthorn.enqueue(spin, null);
  const waits = await posthorn.enqueue(next, null);
  const { status, error } = await posthorn.result(spin, hangs.jobId, LONG);
  assert.deepEqual([status, error], ["failed", "timed out after 200 ms"]);
  assert.equal((await posthorn.result(next, waits.jobId, LONG)).result, "ran");
});

test("closing ends a thread that spins, and its job runs after the next start, with no attempt held against it", async (t) => {
  const database = scratchDatabase();
  const spin = task("spin", { thread: import.meta.resolve("../src/tasks/threads/test-kit/spin.ts") });
  const first = await open(t, { database, tasks: [spin] });
  const { jobId } = await first.enqueue(spin, null);
  await until("it spins", async () => (await first.jobs.get(jobId)).progress !== null);
  await first.close();
  const second = await open(t, { database });
  const { status, attempts } = await second.jobs.get(jobId);
  assert.deepEqual([status, attempts], ["queued", 0]);
  second.work(task("spin"), () => "done");
  assert.equal((await second.jobs.waitUntilEnded(jobId, LONG)).status, "succeeded");
});

test("a cancelled job's thread is ended", async (t) => {
  const spin = task("spin", { thread: import.meta.resolve("../src/tasks/threads/test-kit/spin.ts") });
  const next = task("next", { run: () => "ran" });
  const posthorn = await open(t, { tasks: [spin, next], concurrency: 1 });
  const { jobId } = await posthorn.enqueue(spin, null);
  await until("it spins", async () => (await posthorn.jobs.get(jobId)).progress !== null);
  await posthorn.jobs.cancel(jobId);
  const after = await posthorn.enqueue(next, null);
  assert.equal((await posthorn.result(next, after.jobId, LONG)).result, "ran");
  assert.equal((await posthorn.jobs.get(jobId)).status, "cancelled");
});
