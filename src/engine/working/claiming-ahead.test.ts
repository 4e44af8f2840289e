import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Engine } from "../engine.ts";
import type { LaneLimits } from "../task.ts";
import { ControlledTask } from "../test-kit/controlled-task.ts";
import { newJob, setUp as setUpEngine } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";
import { Pool } from "./pool.ts";

interface Two {
  readonly concurrency?: number;
  readonly laneLimits?: LaneLimits;
  /** What the first worker's handlers need, and the second's. */
  readonly pools?: readonly [Pool, Pool];
}

/** Two idle workers on one database, each with a task of its own to run its jobs with, of the same name. */
async function two(context: TestContext, { concurrency = 4, laneLimits, pools }: Two = {}) {
  const tasks = [0, 1].map((at) => new ControlledTask("controlled", laneLimits, pools?.[at]));
  const [mine = new ControlledTask(), theirs = new ControlledTask()] = tasks;
  const set = await setUpEngine(context, { concurrency, tasks: [mine], startsAt: Date.now() });
  const other = await set.another({ tasks: [theirs] });
  await set.pass(5_000); // they know each other
  return {
    ...set,
    ...{ mine, theirs, other },
    /** How many handlers run in each worker. */
    running: () => [mine.open.size, theirs.open.size],
    /** As their looks at the database would, again and again, with little time passing. */
    async settleDown(...engines: Engine[]): Promise<void> {
      for (let n = 0; n < 10; n++) {
        for (const engine of engines.length > 0 ? engines : [set.engine, other]) engine.wake();
        await quiet();
      }
    },
  };
}

test("two idle workers begin as many long jobs as they have slots, at once", async (context) => {
  const { accept, running, settleDown } = await two(context);
  for (let n = 0; n < 8; n++) await accept(1, { lane: `lane ${n % 4}` });
  await settleDown();
  assert.deepEqual(running(), [4, 4]);
});

test("so they do with one lane, of which each takes half of its slots", async (context) => {
  const { accept, running, settleDown } = await two(context, { concurrency: 64 });
  await accept(64);
  await settleDown();
  assert.deepEqual(running(), [32, 32]);
});

test("so they do with limited lanes, each up to its part", async (context) => {
  const { accept, running, settleDown } = await two(context, { laneLimits: { concurrency: 2 } });
  for (let n = 0; n < 8; n++) await accept(1, { lane: `lane ${n % 4}` });
  await settleDown();
  assert.deepEqual(running(), [4, 4]);
});

test("a job for which the threads of a worker leave no room is left to another", async (context) => {
  const { accept, running, settleDown, real } = await two(context, { pools: [new Pool(2), new Pool(3)] });
  for (let n = 0; n < 4; n++) await accept(1, { lane: `lane ${n}` });
  await settleDown();
  assert.equal(running()[0], 2);
  assert.deepEqual(running(), [2, 2]);
  await accept(2);
  await settleDown();
  assert.deepEqual(running(), [2, 3]);
  assert.equal(
    (await real.records.list({ status: "running" }, { limit: 9 })).jobs.length,
    5,
    "nothing else is held",
  );
});

test("once a thread is free, the next job begins", async (context) => {
  const { accept, running, mine, engine, other, settleDown } = await two(context, {
    pools: [new Pool(1), new Pool(1)],
  });
  await other.stop(0);
  for (let n = 0; n < 3; n++) await accept(1, { lane: `lane ${n}` });
  await settleDown(engine);
  for (let n = 1; n <= 3; n++) {
    assert.deepEqual([running()[0], mine.runs.length], [1, n]);
    mine.endAll();
    await settleDown(engine);
  }
});

test("a job that is claimed is a job that runs, where nothing is known of its lane", async (context) => {
  const { accept, task, real } = await setUpEngine(context, { concurrency: 8 });
  for (const lane of ["a", "b", "c"]) await accept(20, { lane });
  const leased = await real.records.list({ status: "running" }, { limit: 100 });
  assert.deepEqual(leased.jobs.map(({ id }) => id).sort(), [...task.open].map(({ job }) => job.id).sort());
});

test("a job of a lane that nothing is known of is claimed once, where the others are quick", async (context) => {
  const set = await setUpEngine(context, { concurrency: 4 });
  let returned = 0;
  set.log.instrument["jobs.returned"].subscribe(({ count }) => {
    returned += count;
  });
  await set.quicken("a", "b");
  for (let n = 0; n < 80; n++) await set.engine.intake.accept(newJob(set.clock.now(), { lane: `new ${n}` }));
  await quiet();
  for (let n = 0; n < 80; n++) {
    [...set.task.open][0]?.end();
    await quiet();
  }
  assert.equal(set.task.runs.length, 80);
  assert.equal(returned, 0);
});

test("what was claimed ahead and does not begin within two seconds goes back, and is not claimed again", async (context) => {
  const set = await setUpEngine(context, { concurrency: 4, startsAt: Date.now() });
  const theirs = new ControlledTask();
  await set.quicken("a", "b");
  const jobs: string[] = [];
  for (let n = 0; n < 16; n++) jobs.push(...(await set.accept(1, { lane: n % 2 ? "a" : "b" })));
  assert.deepEqual(await set.statuses(jobs), { running: 12, queued: 4 }, "quick lanes are claimed ahead");
  assert.equal(set.task.open.size, 3);
  const other = await set.another({ tasks: [theirs] });
  await set.pass(1_000);
  await set.pass(1_000);
  other.wake();
  await quiet();
  assert.deepEqual([set.task.open.size, theirs.open.size], [3, 3]);
  for (let second = 0; second < 10; second++) await set.pass(1_000);
  assert.deepEqual(await set.statuses(jobs), { running: 6, queued: 10 });
  assert.deepEqual(await set.outcomes(jobs[7] ?? ""), [], "nor was any attempt of it counted");
  assert.equal((await set.look(jobs[7] ?? "")).attempts, 0);
});

test("nothing waits behind handlers that never end: other workers run it", async (context) => {
  const { accept, pass, mine, theirs, other, statuses, engine } = await two(context, { concurrency: 4 });
  const hanging = await accept(2, { maxAttempts: 1 });
  await pass(16_000);
  await pass(1_000);
  assert.deepEqual(await statuses(hanging), { failed: 2 });
  assert.equal(mine.open.size + theirs.open.size, 2, "their handlers still run");
  const [hung, free] = mine.open.size === 2 ? [engine, theirs] : [other, mine];
  assert.ok(hung);
  const more = await accept(6);
  for (let n = 0; n < 10; n++) {
    await pass(1_000);
    for (const run of free.open) if (more.includes(run.job.id)) run.end();
    other.wake();
    engine.wake();
    await quiet();
  }
  assert.deepEqual(await statuses(more), { succeeded: 6 });
});

test("a handler that outlives its attempt by ten seconds is reported, and its slot counted, until it ends", async (context) => {
  const { acceptOne, pass, task, log, real } = await setUpEngine(context, { startsAt: Date.now() });
  const job = await acceptOne({ maxAttempts: 1 });
  const held = async () => (await real.workers.list()).map(({ slotsHeld }) => slotsHeld);
  const told = () => log.lines.filter((line) => line.includes("outlived"));
  await pass(15_000);
  await pass(1_000);
  await pass(9_999);
  assert.deepEqual([told(), await held()], [[], [0]]);
  await pass(1);
  assert.deepEqual(told(), [
    "warn: a handler has outlived its attempt by ten seconds and holds its slot; have it stop when its signal is aborted",
  ]);
  assert.deepEqual(log.fields.at(-1), { job, task: "controlled", lane: "lane", attempt: 1, held: 1 });
  assert.deepEqual(await held(), [1]);
  task.endAll();
  await quiet();
  await pass(60_000);
  assert.deepEqual([told().length, await held()], [1, [0]]);
});

test("so is a handler whose job was cancelled", async (context) => {
  const { acceptOne, pass, task, log, store, engine, clock } = await setUpEngine(context);
  const id = await acceptOne();
  await store.byHand.cancel(id, clock.now());
  engine.forget(id, "test");
  await pass(10_000);
  assert.equal(log.lines.filter((line) => line.includes("outlived")).length, 1);
  task.endAll();
});

test("a slow thread pool with jobs in many lanes is asked about now and then, not all the time", async (context) => {
  const pool = new Pool(1);
  const task = new ControlledTask("controlled", undefined, pool);
  const { engine, accept, pass, log } = await setUpEngine(context, {
    ...{ tasks: [task], concurrency: 64, start: false },
  });
  for (let n = 0; n < 200; n++) await accept(1, { lane: `lane ${n}` });
  let returned = 0;
  log.instrument["jobs.returned"].subscribe(({ count }) => {
    returned += count;
  });
  await engine.start();
  await quiet();
  assert.equal(returned, 63, "the first claim cannot know");
  for (let n = 0; n < 10; n++) await pass(100);
  assert.equal(returned, 63 + 10 * 4);
  assert.equal(task.runs.length, 1);
});
