import assert from "node:assert/strict";
import { test } from "node:test";
import { overlaid } from "../../store/overlaid-store.ts";
import type { Store } from "../../store/store.ts";
import { ControlledTask } from "../test-kit/controlled-task.ts";
import { newJob, setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";

const ONE = { concurrency: 1 };

/** Ends what runs, round after round, until nothing does. */
async function endAll(task: ControlledTask): Promise<void> {
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
}

/** Counts the commits that reach the store. */
function counting() {
  const commits = { count: 0 };
  const between = (store: Store) =>
    overlaid(store, {
      queue: {
        commit(batch) {
          commits.count++;
          return store.queue.commit(batch);
        },
      },
    });
  return { commits, between };
}

for (const most of [1, 3]) {
  test(`a lane limited to ${most} runs ${most} at once and never more, however its jobs come`, async (context) => {
    const { task, accept, statuses } = await setUp(context, { laneLimits: { concurrency: most } });
    const ids = await accept(20);
    assert.equal(task.open.size, most);
    for (let n = 0; n < 10; n++) {
      task.open.values().next().value?.end();
      ids.push(...(await accept(1)));
    }
    await endAll(task);
    assert.equal(task.mostOfOneLane, most);
    assert.deepEqual(await statuses(ids), { succeeded: 30 });
  });
}

test("a limited lane that was waiting before the start is limited too", async (context) => {
  const { engine, task, accept, look } = await setUp(context, { laneLimits: ONE, start: false });
  const ids = await accept(200);
  await engine.start();
  await quiet();
  assert.equal(task.open.size, 1);
  const [, second = ""] = ids;
  const { status, attempts } = await look(second);
  assert.deepEqual([status, attempts], ["queued", 0], "what may not begin does not wait here");
  await endAll(task);
  assert.equal(task.mostOfOneLane, 1);
  assert.equal(task.runs.length, 200);
});

test("a limited lane that hangs does not disturb others, limited or not", async (context) => {
  const free = new ControlledTask("free");
  const held = new ControlledTask("controlled", ONE);
  const { accept, statuses } = await setUp(context, { tasks: [held, free], concurrency: 4 });
  await accept(300, { lane: "hangs" });
  const others = await accept(100, { lane: "free", task: "free" });
  for (let n = 0; n < 30; n++) others.push(...(await accept(1, { lane: `tenant ${n % 5}` })));
  for (let round = 0; round < 60; round++) {
    free.endAll();
    for (const run of held.open) if (run.job.lane !== "hangs") run.end();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 130 });
  assert.equal(held.openOf("hangs").length, 1);
  assert.equal(held.mostOfOneLane, 1);
});

test("while a handler outlives its attempt, its lane has no room, and continues once it ends", async (context) => {
  const { commits, between } = counting();
  const { task, accept, pass, statuses } = await setUp(context, { laneLimits: ONE, between });
  const ids = await accept(2, { maxAttempts: 1 });
  await pass(15_000);
  await pass(1_000);
  assert.deepEqual(await statuses(ids), { failed: 1, queued: 1 });
  commits.count = 0;
  await pass(60_000);
  assert.equal(task.runs.length, 1);
  assert.equal(commits.count, 0, "nothing is claimed to be given back");
  task.at(0).end();
  await quiet();
  assert.equal(task.runs.length, 2);
});

test("no more jobs of a lane begin in any span than its rate, and none is forgotten", async (context) => {
  const rate = { limit: 3, perMs: 1_000 };
  const { engine, task, clock, accept, pass, statuses } = await setUp(context, {
    laneLimits: { rate },
    start: false,
  });
  const ids = await accept(20, { lane: "rated" });
  await engine.start();
  await quiet();
  const begun: number[] = [];
  const start = clock.now();
  for (let round = 0; round < 70; round++) {
    while (begun.length < task.runs.length) begun.push(clock.now() - start);
    task.endAll();
    await pass(100);
    if (round === 30) ids.push(...(await accept(4, { lane: "rated" })));
  }
  await endAll(task);
  for (const [n, at] of begun.entries())
    assert.ok((begun[n + 3] ?? Number.POSITIVE_INFINITY) - at >= 1_000, `${begun}`);
  assert.ok((begun.at(-1) ?? 0) <= 7_000, `nothing keeps the last back: ${begun}`);
  assert.deepEqual(await statuses(ids), { succeeded: 24 });
});

test("a lane at its rate does not disturb others", async (context) => {
  const free = new ControlledTask("free");
  const rated = new ControlledTask("controlled", { rate: { limit: 1, perMs: 60_000 } });
  const { accept, statuses } = await setUp(context, { tasks: [rated, free], concurrency: 4 });
  await accept(300, { lane: "rated" });
  const others = await accept(50, { lane: "free", task: "free" });
  while (free.open.size > 0) {
    free.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 50 });
  assert.equal(rated.runs.length, 1);
});

for (const [name, laneLimits] of [
  ["of one at once", ONE],
  ["by its rate", { rate: { limit: 1, perMs: 60_000 } }],
] as const) {
  test(`a limited lane ${name} with 10 000 jobs waiting lets the database rest`, async (context) => {
    const { commits, between } = counting();
    const { engine, task, clock, pass } = await setUp(context, { laneLimits, between, start: false });
    for (let n = 0; n < 10; n++)
      await engine.intake.submit({ jobs: Array.from({ length: 1_000 }, () => newJob(clock.now())) });
    await quiet();
    commits.count = 0;
    await engine.start();
    await quiet();
    assert.equal(task.runs.length, 1);
    assert.ok(commits.count <= 4, `${commits.count} commits to begin one job`);
    commits.count = 0;
    await quiet();
    await pass(10_000);
    assert.equal(commits.count, 0, "and none while it runs");
    task.endAll();
    await pass(60_000);
    assert.equal(task.runs.length, 2);
    assert.ok(commits.count <= 6, `${commits.count} commits for the next`);
  });
}

for (const workers of [2, 3]) {
  test(`${workers} workers share a lane's limit, and together run as many as it allows`, async (context) => {
    const set = await setUp(context, {
      laneLimits: { concurrency: 4 },
      startsAt: Date.now(),
      concurrency: 16,
      start: false,
    });
    const engines = [set.engine];
    for (let n = 1; n < workers; n++) engines.push(await set.another());
    await set.engine.start();
    await set.pass(5_000); // a heartbeat, after which all know of all
    const ids = await set.accept(60);
    for (const engine of engines) engine.wake();
    await quiet();
    assert.equal(set.task.open.size, 4);
    for (let round = 0; round < 60; round++) {
      set.task.endAll();
      for (const engine of engines) engine.wake();
      await quiet();
    }
    assert.equal(set.task.mostOfOneLane, 4);
    assert.deepEqual(await set.statuses(ids), { succeeded: 60 });
  });
}

test("a worker without a part in a lane leaves it alone, and takes over when the other leaves", async (context) => {
  const { commits, between } = counting();
  const set = await setUp(context, { laneLimits: ONE, startsAt: Date.now(), between });
  const theirs = new ControlledTask("controlled", ONE);
  const other = await set.another({ tasks: [theirs] });
  await set.pass(5_000);
  await set.accept(20);
  other.wake();
  await quiet();
  assert.equal(set.task.open.size + theirs.open.size, 1);
  const isMine = set.task.open.size === 1;
  const [busy, idle] = isMine ? [set.engine, other] : [other, set.engine];
  const [running, left] = isMine ? [set.task, theirs] : [theirs, set.task];
  commits.count = 0;
  for (let n = 0; n < 10; n++) {
    idle.wake();
    await quiet();
  }
  assert.ok(commits.count <= 10, "it asks once each time that it is woken");
  assert.equal(left.runs.length, 0);
  running.endAll();
  const stopped = busy.drain(1_000);
  await quiet();
  running.endAll();
  await stopped;
  await set.pass(5_000); // a heartbeat: it is alone now
  assert.equal(left.open.size, 1);
});

test("a worker that does not handle a task takes no part of its lanes from those that do", async (context) => {
  const set = await setUp(context, { laneLimits: ONE, startsAt: Date.now(), concurrency: 64 });
  const others = [
    await set.another({ tasks: [new ControlledTask("other", ONE)] }),
    await set.another({ tasks: [] }),
  ];
  await set.pass(5_000); // a heartbeat, after which all know of all
  for (let lane = 0; lane < 20; lane++) await set.accept(1, { lane: `lane ${lane}` });
  assert.equal(set.task.open.size, 20, "each lane has one, wherever what cannot be divided would go");
  for (const engine of others) engine.wake();
  await quiet();
  assert.equal(set.task.open.size, 20);
});

test("a worker that takes the task on later gets its part", async (context) => {
  const set = await setUp(context, { laneLimits: { concurrency: 2 }, startsAt: Date.now() });
  const theirs = new ControlledTask("controlled", { concurrency: 2 });
  const other = await set.another({ tasks: [] });
  await set.pass(5_000);
  other.handle(theirs);
  await quiet();
  await set.pass(5_000);
  await set.accept(10);
  other.wake();
  await quiet();
  assert.deepEqual([set.task.open.size, theirs.open.size], [1, 1]);
});

test("idle workers that share limits keep each other in mind, others write nothing", async (context) => {
  const announced: string[] = [];
  const between = (store: Store) =>
    overlaid(store, {
      workers: {
        announce(worker) {
          announced.push(worker.id);
          return store.workers.announce(worker);
        },
      },
    });
  const set = await setUp(context, { laneLimits: ONE, startsAt: Date.now(), between });
  await set.another();
  await set.another({ tasks: [] });
  await set.pass(5_000);
  announced.length = 0;
  for (let n = 0; n < 12; n++) await set.pass(5_000);
  assert.equal(new Set(announced).size, 2);
  assert.equal((await set.store.workers.list()).length, 2);
});
