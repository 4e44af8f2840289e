import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailableError } from "../../core/errors.ts";
import type { Outcome } from "../../core/outcome.ts";
import { listJobs } from "../../store/list-jobs.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { FAILED, SUCCEEDED } from "../test-kit/controlled-task.ts";
import { setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";

test("as many handlers run at once as there are slots, and all jobs get their turn", async (context) => {
  const { task, accept, statuses } = await setUp(context, { concurrency: 4 });
  const ids = [];
  for (let lane = 0; lane < 20; lane++) ids.push(...(await accept(2, { lane: `lane ${lane}` })));
  assert.equal(task.open.size, 4);
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.equal(task.mostAtOnce, 4);
  assert.equal(task.runs.length, 40);
  assert.deepEqual(await statuses(ids), { succeeded: 40 });
});

test("one lane gets half of the slots at most", async (context) => {
  const { task, accept } = await setUp(context, { concurrency: 8 });
  await accept(30, { lane: "busy" });
  assert.equal(task.open.size, 4);
  for (let round = 0; round < 5; round++) {
    task.endAll();
    await quiet();
  }
  assert.equal(task.mostOfOneLane, 4);
});

test("one lane gets 32 slots at most, however many there are", async (context) => {
  const { task, accept } = await setUp(context, { concurrency: 100 });
  await accept(70);
  assert.equal(task.mostOfOneLane, 32);
});

test("a lane that hangs leaves slots to the others", async (context) => {
  const { task, accept, statuses } = await setUp(context, { concurrency: 4 });
  await accept(100, { lane: "hangs" });
  const others = await accept(50, { lane: "works" });
  while (task.openOf("works").length > 0) {
    for (const run of task.openOf("works")) run.end();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 50 });
  assert.equal(task.openOf("hangs").length, 2);
});

test("so do several", async (context) => {
  const { task, accept, statuses } = await setUp(context, { concurrency: 16 });
  for (const lane of ["a", "b", "c"]) await accept(100, { lane });
  const others = await accept(50, { lane: "works" });
  while (task.openOf("works").length > 0) {
    for (const run of task.openOf("works")) run.end();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 50 });
});

test("a worker holds four times as many jobs as it has slots, and no more", async (context) => {
  const { task, store, accept, quicken } = await setUp(context, { concurrency: 4 });
  await quicken("a", "b", "c", "d");
  for (const lane of ["a", "b", "c", "d"]) await accept(10, { lane });
  assert.equal((await store.records.list({ status: "running" }, { limit: 100 })).jobs.length, 16);
  for (let round = 0; round < 12; round++) {
    const running = await listJobs(store.records, { status: "running" }, { limit: 100 });
    assert.ok(running.length <= 16, `${running.length} are held`);
    task.open.values().next().value?.end();
    await quiet();
  }
});

test("a worker holds no more payloads than memory is set aside for", async (context) => {
  const { task, store, accept } = await setUp(context, { concurrency: 64 });
  const payload = JSON.stringify("x".repeat(1024 * 1024));
  for (let lane = 0; lane < 40; lane++) await accept(1, { lane: `lane ${lane}`, payload });
  assert.ok((await listJobs(store.records, { status: "running" }, { limit: 100 })).length <= 33);
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.equal(task.runs.length, 40);
});

test("lanes that hang and come all at once leave slots to a lane that comes later", async (context) => {
  const { task, accept, statuses, quicken } = await setUp(context, { concurrency: 16 });
  await quicken("a", "b", "c");
  for (const lane of ["a", "b", "c"]) await accept(100, { lane });
  const others = await accept(20, { lane: "works" });
  for (let round = 0; round < 30; round++) {
    for (const run of task.openOf("works")) run.end();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 20 });
});

for (const concurrency of [1, 2, 5, 64]) {
  test(`handlers that end at once use up a backlog with ${concurrency} slots`, async (context) => {
    const at = await setUp(context, { concurrency, start: false });
    at.task.run = () => Promise.resolve(SUCCEEDED);
    const ids = [...(await at.accept(300, { lane: "a" })), ...(await at.accept(100, { lane: "b" }))];
    await at.engine.start();
    for (let round = 0; round < 20; round++) await quiet();
    assert.deepEqual(await at.statuses(ids), { succeeded: 400 });
  });
}

test("a slot stays taken until its handler has really ended; the attempt is recorded before", async (context) => {
  const { task, accept, pass, look, outcomes, store } = await setUp(context, { concurrency: 1 });
  const [id = "", next = ""] = await accept(2, { maxAttempts: 1 });
  await pass(15_000);
  assert.equal(task.at(0).signal.aborted, true);
  assert.equal((await look(id)).status, "running");
  await pass(1_000);
  const job = await look(id);
  assert.deepEqual([job.status, job.error], ["failed", "timed out after 15000 ms"]);
  assert.deepEqual(await outcomes(id), ["failed"]);
  assert.equal(task.runs.length, 1, "the slot is still taken");

  task.at(0).end({ kind: "succeeded", result: '"late"' });
  await quiet();
  assert.equal(task.runs.length, 2);
  assert.equal(task.at(1).job.id, next);
  assert.deepEqual(await look(id), job, "its late result changes nothing");
  assert.equal((await store.records.attempts(id, { limit: 9 })).length, 1);
});

test("a handler that obeys its signal is recorded with what it says then", async (context) => {
  const { task, acceptOne, pass, look } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 1 });
  await pass(15_000);
  task.at(0).fail(task.at(0).signal.reason);
  await quiet();
  assert.equal((await look(id)).error, "timed out after 15000 ms");
});

test("a job that timed out may run again while its first handler still hangs", async (context) => {
  const { task, acceptOne, pass, look, outcomes } = await setUp(context, { concurrency: 4 });
  const id = await acceptOne();
  await pass(16_000);
  await pass(1_000);
  assert.equal(task.runs.length, 2);
  task.at(1).end();
  await quiet();
  task.at(0).end(FAILED);
  await quiet();
  assert.equal((await look(id)).status, "succeeded");
  assert.deepEqual(await outcomes(id), ["failed", "succeeded"]);
});

const THROWN: [what: string, thrown: unknown, error: string][] = [
  ["an Error", new Error("no such mailbox"), "no such mailbox"],
  ["text", "no such mailbox", "no such mailbox"],
  ["undefined", undefined, "undefined"],
];
for (const [what, thrown, error] of THROWN) {
  test(`a handler that rejects with ${what} has failed, and is tried again`, async (context) => {
    const { task, acceptOne, look } = await setUp(context);
    const id = await acceptOne();
    task.at(0).fail(thrown);
    await quiet();
    const job = await look(id);
    assert.deepEqual([job.status, job.error, job.attempts], ["queued", error, 1]);
  });

  test(`so has one that throws ${what} before it returns a promise`, async (context) => {
    const { task, acceptOne, look } = await setUp(context);
    task.run = () => {
      throw thrown;
    };
    const id = await acceptOne();
    assert.deepEqual([(await look(id)).status, (await look(id)).error], ["queued", error]);
  });
}

test("a job whose time limit cannot be read fails its attempt, and affects nothing else", async (context) => {
  const { task, acceptOne, look, pass } = await setUp(context, { concurrency: 1 });
  task.timeoutMs = () => {
    throw new Error("options cannot be read");
  };
  const id = await acceptOne();
  task.endAll();
  await quiet();
  const job = await look(id);
  assert.deepEqual([job.status, job.error], ["queued", "options cannot be read"]);
  task.timeoutMs = () => 15_000;
  await pass(1_000);
  task.endAll();
  await quiet();
  assert.equal((await look(id)).status, "succeeded");
});

test("a job of a task that is unknown waits for a release that knows it", async (context) => {
  const { engine, acceptOne, look, pass, outcomes, log, task } = await setUp(context);
  const id = await acceptOne({ task: "from-the-future" });
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 0]);
  await pass(300_000);
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 0]);
  assert.deepEqual(log.lines, ["warn: no handler for this task here; its jobs are left to other workers"]);
  engine.handle({
    name: "from-the-future",
    retryPolicy: () => task.retryPolicy(),
    timeoutMs: () => 1_000,
    run: async () => ({ kind: "succeeded" }),
  });
  await quiet();
  assert.equal((await look(id)).status, "succeeded");
  assert.deepEqual(await outcomes(id), ["succeeded"]);
});

test("a result that the database refuses is a failed attempt, not a job that runs forever", async (context) => {
  const { task, acceptOne, look, pass, log } = await setUp(context);
  const id = await acceptOne();
  task.at(0).end({ kind: "succeeded", code: 200.5 });
  await quiet();
  const job = await look(id);
  assert.equal(job.status, "queued");
  assert.match(job.error ?? "", /could not be recorded/);
  assert.deepEqual(log.lines, ["error: result could not be recorded", "warn: an attempt failed"]);
  await pass(1_000);
  task.at(1).end();
  await quiet();
  assert.equal((await look(id)).status, "succeeded");
});

const REST: Outcome = { kind: "failed", error: "slow down", retry: true, laneRestMs: 60_000 };

test("a lane that asks for rest gets it: what waits goes back with no attempt counted, and runs after", async (context) => {
  const { task, accept, pass, statuses, look, quicken } = await setUp(context, { concurrency: 2 });
  await quicken("tired");
  const [first = ""] = await accept(1, { lane: "tired" });
  const [second = "", third = ""] = await accept(2, { lane: "tired" });
  assert.equal((await look(third)).status, "running", "it was claimed ahead");
  task.at(0).end(REST);
  await quiet();
  assert.equal(task.runs.length, 1, "one of two slots is the lane's, and it rests");
  for (const id of [second, third]) {
    assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 0]);
  }
  const others = await accept(4, { lane: "awake" });
  while (task.openOf("awake").length > 0) {
    task.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses(others), { succeeded: 4 });
  await pass(59_999);
  assert.equal(task.openOf("tired").length, 0);
  await pass(2);
  assert.equal(task.openOf("tired").length, 1);
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses([first, second, third]), { succeeded: 3 });
});

test("waiting jobs that cannot be given back run here", async (context) => {
  const { task, accept, statuses, log, quicken } = await setUp(context, {
    concurrency: 2,
    between: (store) =>
      overlaid(store, { workers: { release: () => Promise.reject(new Error("the disk is gone")) } }),
  });
  await quicken("lane");
  const ids = [...(await accept(1)), ...(await accept(1))];
  task.at(0).end({ ...REST, retry: false });
  await quiet();
  task.endAll();
  await quiet();
  assert.deepEqual(await statuses(ids), { failed: 1, succeeded: 1 });
  assert.deepEqual(
    log.lines.filter((line) => line.startsWith("error: waiting")),
    ["error: waiting jobs could not be given back"],
  );
});

test("waiting jobs do not start while it is unknown whether they were given back", async (context) => {
  let isAnswerLost = true;
  const { task, accept, statuses, pass, log, quicken } = await setUp(context, {
    concurrency: 2,
    between: (store) =>
      overlaid(store, {
        workers: {
          async release(leases, now) {
            if (isAnswerLost) throw new StoreUnavailableError("gone");
            return store.workers.release(leases, now);
          },
        },
      }),
  });
  await quicken("lane");
  const ids = [...(await accept(1)), ...(await accept(1))];
  task.at(0).end({ ...REST, retry: false });
  await quiet();
  assert.equal(task.open.size, 0);
  assert.deepEqual(await statuses(ids), { failed: 1, running: 1 });
  isAnswerLost = false;
  await pass(1_000);
  assert.deepEqual(await statuses(ids), { failed: 1, queued: 1 });
  assert.deepEqual(
    log.lines.filter((line) => line.includes("database")),
    ["error: the database is unavailable; nothing is accepted, and results wait until it is back"],
  );
});

test("a cancelled job's handler is told, and its result is not recorded", async (context) => {
  const { task, acceptOne, engine, store, clock, look, log } = await setUp(context);
  const id = await acceptOne();
  await store.byHand.cancel(id, clock.now());
  engine.forget(id, "test");
  assert.equal(task.at(0).signal.aborted, true);
  task.at(0).end();
  await quiet();
  assert.equal((await look(id)).status, "cancelled");
  assert.deepEqual(log.lines, ["warn: result dropped: the job was taken from this worker meanwhile"]);
});

test("a cancelled job that waits for a slot never begins, and its place is used", async (context) => {
  const { task, accept, engine, store, clock, statuses, quicken } = await setUp(context, { concurrency: 2 });
  await quicken("lane");
  const ids = [...(await accept(1)), ...(await accept(2))];
  const [, waiting = ""] = ids;
  await store.byHand.cancel(waiting, clock.now());
  engine.forget(waiting, "test");
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses(ids), { succeeded: 2, cancelled: 1 });
  assert.equal(task.runs.length, 2);
});
