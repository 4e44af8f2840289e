import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../core/errors.ts";
import { listJobs } from "../../store/list-jobs.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { ControlledTask, FAILED } from "../test-kit/controlled-task.ts";
import { setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";

const MINUTE = 60_000;

test("a job of a task that is missing here waits, loses no attempt, and is reported once", async (context) => {
  const releases: number[] = [];
  const { accept, look, pass, log, task } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        workers: {
          release(leases, now) {
            releases.push(leases.length);
            return store.workers.release(leases, now);
          },
        },
      }),
  });
  const ids = await accept(20, { task: "missing" });
  for (let n = 0; n < 5; n++) await pass(MINUTE / 2);
  for (const id of ids) {
    const { status, attempts, error } = await look(id);
    assert.deepEqual([status, attempts, error], ["queued", 0, null]);
  }
  assert.deepEqual(log.lines, ["warn: no handler for this task here; its jobs are left to other workers"]);
  assert.ok(releases.length <= 3, "it looks again once a minute, and gives all back in one");
  await accept(1);
  assert.equal(task.runs.length, 1);
});

test("once its task is handled here, what waited runs at once", async (context) => {
  const { engine, accept, statuses } = await setUp(context);
  const ids = await accept(20, { task: "late" });
  const late = new ControlledTask("late");
  engine.handle(late);
  await quiet();
  assert.ok(late.open.size > 0);
  while (late.open.size > 0) {
    late.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses(ids), { succeeded: 20 });
  assert.throws(() => engine.handle(new ControlledTask("late")), ConfigurationError);
});

test("a task that is added late keeps to its lane's limits", async (context) => {
  const { engine, accept } = await setUp(context);
  await accept(20, { task: "late" });
  const late = new ControlledTask("late", { concurrency: 2 });
  engine.handle(late);
  for (let n = 0; n < 5; n++) {
    await quiet();
    late.endAll();
  }
  assert.equal(late.mostOfOneLane, 2);
});

test("a task that is added late does not wake lanes that asked for rest", async (context) => {
  const { engine, task, accept } = await setUp(context, { concurrency: 2 });
  await accept(3, { lane: "tired" });
  task.at(0).end({ ...FAILED, laneRestMs: MINUTE });
  await accept(1, { task: "late", lane: "other" });
  engine.handle(new ControlledTask("late"));
  await quiet();
  assert.equal(task.openOf("tired").length, 0);
});

test("jobs that are known here run though unknown ones of their lane stand before them", async (context) => {
  const { engine, accept, statuses, task } = await setUp(context, { start: false });
  for (let n = 0; n < 3; n++) {
    await accept(2, { task: "missing" });
    await accept(2);
  }
  await engine.start();
  await quiet();
  assert.equal(task.open.size, 6);
  task.endAll();
  await quiet();
  assert.deepEqual(await statuses(task.runs.map(({ job }) => job.id)), { succeeded: 6 });
});

test("two programs that know different tasks of one lane get all of them done", async (context) => {
  const set = await setUp(context, { concurrency: 4, startsAt: Date.now() });
  const theirs = new ControlledTask("theirs");
  const other = await set.another({ tasks: [theirs] });
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    ids.push(...(await set.accept(1, { task: "theirs" })));
    ids.push(...(await set.accept(1)));
  }
  for (let round = 0; round < 40; round++) {
    for (const task of [set.task, theirs]) task.endAll();
    other.wake(); // as its look at the file would
    await set.pass(MINUTE / 4);
  }
  assert.deepEqual(await set.statuses(ids), { succeeded: 20 });
});

test("an unknown job that could not be given back is given back later, and keeps no slot from others", async (context) => {
  let isDown = true;
  const { engine, task, accept, look, pass, store } = await setUp(context, {
    start: false,
    concurrency: 2,
    between: (real) =>
      overlaid(real, {
        workers: {
          release: (leases, now) =>
            isDown ? Promise.reject(new Error("the disk is gone")) : real.workers.release(leases, now),
        },
      }),
  });
  const [unknown = ""] = await accept(1, { task: "missing", lane: "a" });
  await accept(1, { lane: "b" });
  await engine.start();
  await quiet();
  assert.equal(task.open.size, 1);
  assert.equal((await look(unknown)).status, "running");
  isDown = false;
  await pass(1_000);
  const { status, attempts } = await look(unknown);
  assert.deepEqual([status, attempts], ["queued", 0]);
  assert.equal((await listJobs(store.records, { status: "running" }, { limit: 9 })).length, 1);
});
