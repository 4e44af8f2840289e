import assert from "node:assert/strict";
import { test } from "node:test";
import { OverloadedError } from "../core/errors.ts";
import { newId } from "../core/id.ts";
import { overlaid } from "../store/overlaid-store.ts";
import type { Store } from "../store/store.ts";
import type { WorkerRecord } from "../store/worker-record.ts";
import { isDraining } from "./fleet/liveness.ts";
import { FAILED } from "./test-kit/controlled-task.ts";
import { newJob, setUp } from "./test-kit/engine-under-test.ts";
import { quiet } from "./test-kit/turns.ts";

const JITTERS: [random: number, firstMs: number, laterMs: number][] = [
  [0, 800, 8_000],
  [0.5, 1_000, 10_000],
  [1 - Number.EPSILON, 1_200, 12_000],
];
for (const [random, firstMs, laterMs] of JITTERS) {
  test(`a failed attempt is repeated on the task's schedule, its jitter ${random}`, async (context) => {
    const { task, acceptOne, pass, look, clock } = await setUp(context, { random: () => random });
    const id = await acceptOne({ maxAttempts: 4 });
    for (const [retries, delayMs] of [firstMs, laterMs, laterMs].entries()) {
      task.endAll(FAILED);
      await quiet();
      const { status, runAt } = await look(id);
      assert.deepEqual([status, runAt], ["queued", clock.now() + delayMs]);
      await pass(delayMs - 1);
      assert.equal(task.runs.length, retries + 1);
      await pass(1);
      assert.equal(task.runs.length, retries + 2);
    }
    task.endAll();
    await quiet();
    assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["succeeded", 4]);
  });
}

test("a job whose attempts are used up has failed, with its last error", async (context) => {
  const { task, acceptOne, pass, look, outcomes } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 3 });
  for (const error of ["first", "second", "third"]) {
    task.endAll({ ...FAILED, error });
    await pass(0);
    await pass(10_000);
  }
  assert.deepEqual([(await look(id)).status, (await look(id)).error], ["failed", "third"]);
  assert.deepEqual(await outcomes(id), ["failed", "failed", "failed"]);
  await pass(3_600_000);
  assert.equal(task.runs.length, 3);
});

test("a failure that no retry can help ends the job at once", async (context) => {
  const { task, acceptOne, look } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 9 });
  task.endAll({ ...FAILED, retry: false });
  await quiet();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["failed", 1]);
});

test("a pause that the other side asks for is waited in full", async (context) => {
  const { task, acceptOne, look, clock } = await setUp(context, { random: () => 0 });
  const id = await acceptOne();
  task.endAll({ ...FAILED, retryAfterMs: 3_600_000 });
  await quiet();
  assert.equal((await look(id)).runAt, clock.now() + 3_600_000);
});

test("a retry by hand gives a job all its attempts again", async (context) => {
  const { task, acceptOne, pass, look, engine, store, clock } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 2 });
  const failTwice = async () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      task.endAll(FAILED);
      await pass(0);
      await pass(1_000);
    }
  };
  await failTwice();
  assert.equal((await look(id)).status, "failed");
  await store.byHand.rerun(id, clock.now());
  engine.wake();
  await quiet();
  await failTwice();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["failed", 4]);
});

test("a job runs when it is due, not before", async (context) => {
  const { task, acceptOne, pass, clock } = await setUp(context);
  await acceptOne({ runAt: clock.now() + 60_000 });
  await acceptOne({ runAt: clock.now() + 30_000 });
  await pass(29_999);
  assert.equal(task.runs.length, 0);
  await pass(1);
  assert.equal(task.runs.length, 1);
  await pass(30_000);
  assert.equal(task.runs.length, 2);
});

test("a job that falls due while it is committed runs at once", async (context) => {
  const { task, engine, clock, pass } = await setUp(context, {
    between: (store, time) =>
      overlaid(store, {
        queue: {
          commit: async (batch) => {
            const done = await store.queue.commit(batch);
            if (batch.enqueues.length > 0) time.advance(50);
            return done;
          },
        },
      }),
  });
  await engine.intake.accept(newJob(clock.now(), { runAt: clock.now() + 10 }));
  await quiet();
  await pass(0);
  assert.equal(task.runs.length, 1);
});

test("heartbeats are sent while jobs are in hand, and only then", async (context) => {
  const beats: number[] = [];
  const { task, acceptOne, pass } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        workers: {
          heartbeat: (id, deadline) => {
            beats.push(deadline);
            return store.workers.heartbeat(id, deadline);
          },
        },
      }),
  });
  for (let beat = 0; beat < 3; beat++) await pass(5_000);
  assert.deepEqual(beats, []);
  await acceptOne();
  await pass(5_000);
  await pass(5_000);
  assert.equal(beats.length, 2);
  task.endAll();
  await quiet();
  await pass(5_000);
  assert.equal(beats.length, 2);
});

test("an idle engine writes nothing", async (context) => {
  const writes: string[] = [];
  const note = (name: string) => {
    writes.push(name);
    return Promise.reject(new Error(`${name} was called`));
  };
  const { pass } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        workers: {
          heartbeat: () => note("heartbeat"),
          reclaim: () => note("reclaim"),
          release: () => note("release"),
        },
        queue: { promote: () => note("promote") },
      }),
  });
  for (let beat = 0; beat < 10; beat++) await pass(5_000);
  assert.deepEqual(writes, []);
});

test("at startup, what the dead workers of this machine held is taken up", async (context) => {
  const { engine, real, clock, task, outcomes } = await setUp(context, { start: false });
  const id = await heldBy(real, clock.now(), await earlierSelf());
  await engine.start();
  await quiet();
  assert.equal(task.at(0).job.id, id);
  assert.deepEqual(await outcomes(id), ["lost"]);
});

test("a worker that was declared dead stops its handlers, and takes the jobs up as new ones", async (context) => {
  const { task, acceptOne, pass, store, clock, look, outcomes } = await setUp(context);
  const id = await acceptOne();
  const [self] = await store.workers.list();
  assert.ok(self);
  await store.workers.reclaim(self, clock.now(), "silent");
  await pass(5_000);
  assert.equal(task.at(0).signal.aborted, true);
  task.at(0).end();
  await quiet();
  task.at(1).end(FAILED);
  await quiet();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 2]);
  assert.deepEqual(await outcomes(id), ["lost", "failed"]);
});

test("stop gives back what waits, finishes what runs, and leaves no trace of the worker", async (context) => {
  const { engine, task, accept, statuses, store } = await setUp(context, { concurrency: 2 });
  const ids = await accept(6);
  assert.equal(task.open.size, 1);
  const stopped = engine.stop(30_000);
  await quiet();
  assert.deepEqual(await statuses(ids), { running: 1, queued: 5 });
  task.endAll();
  await stopped;
  assert.deepEqual(await statuses(ids), { succeeded: 1, queued: 5 });
  assert.equal(task.runs.length, 1);
  assert.deepEqual(await store.workers.list(), []);
});

test("what outlasts the drain time is told to stop, and its job goes back with no attempt counted", async (context) => {
  const { engine, task, acceptOne, look, pass } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 1 });
  const stopped = engine.stop(5_000);
  await quiet();
  await pass(4_999);
  assert.equal(task.at(0).signal.aborted, false);
  await pass(1);
  assert.equal(task.at(0).signal.aborted, true);
  task.at(0).fail(task.at(0).signal.reason);
  await stopped;
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 0]);
});

test("so does that of a handler that will not stop", async (context) => {
  const { engine, acceptOne, look, pass, store } = await setUp(context);
  const id = await acceptOne();
  const stopped = engine.stop(5_000);
  await quiet();
  await pass(5_000);
  await pass(1_000);
  await stopped;
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["queued", 0]);
  assert.deepEqual(await store.workers.list(), []);
});

test("a worker that drains says so, and still sends heartbeats, so that no other worker takes its jobs", async (context) => {
  const { engine, task, acceptOne, pass, store, clock } = await setUp(context);
  task.timeoutMs = () => 600_000;
  await acceptOne();
  const stopped = engine.stop(120_000);
  await quiet();
  for (let beat = 0; beat < 20; beat++) {
    await pass(5_000);
    const [self] = await store.workers.list();
    assert.ok(self && self.deadline > clock.now() && isDraining(self));
  }
  task.endAll();
  await stopped;
});

test("what a commit claims that was under way at the stop goes back without having begun", async (context) => {
  const held = Promise.withResolvers<void>();
  const { engine, task, clock, real, look } = await setUp(context, {
    start: false,
    between: (store) =>
      overlaid(store, {
        queue: {
          commit: async (batch) => {
            const done = await store.queue.commit(batch);
            if (batch.claim) await held.promise;
            return done;
          },
        },
      }),
  });
  const job = newJob(clock.now());
  await real.queue.commit({ now: clock.now(), enqueues: [{ job }], settlements: [], claim: undefined });
  await engine.start();
  await quiet();
  const stopped = engine.stop(30_000);
  await quiet();
  held.resolve();
  await stopped;
  assert.equal(task.runs.length, 0);
  assert.deepEqual([(await look(job.id)).status, (await look(job.id)).attempts], ["queued", 0]);
});

test("stop may be called twice; after it nothing is accepted", async (context) => {
  const { engine, task, acceptOne, look, clock } = await setUp(context);
  const id = await acceptOne();
  const both = [engine.stop(30_000), engine.stop(30_000)];
  await quiet();
  task.endAll();
  await Promise.all(both);
  await engine.stop(30_000);
  assert.equal((await look(id)).status, "succeeded");
  await assert.rejects(engine.intake.accept(newJob(clock.now())), OverloadedError);
});

test("after five seconds, stop gives up on results that cannot be recorded", async (context) => {
  let isDown = false;
  const { engine, task, acceptOne, pass, look } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        queue: {
          commit: (batch) => (isDown ? Promise.reject(new Error("gone")) : store.queue.commit(batch)),
        },
        workers: { retire: async () => {} },
      }),
  });
  const id = await acceptOne();
  isDown = true;
  task.endAll();
  const stopped = engine.stop(1_000);
  await quiet();
  for (const ms of [1_000, 1_000, 5_000]) await pass(ms);
  await stopped;
  assert.equal((await look(id)).status, "running");
});

test("an engine that was not started accepts, and runs nothing", async (context) => {
  const { engine, task, accept, pass, statuses } = await setUp(context, { start: false });
  const ids = await accept(3);
  await pass(60_000);
  assert.equal(task.runs.length, 0);
  await engine.stop(1_000);
  assert.deepEqual(await statuses(ids), { queued: 3 });
});

test("an engine that only watches sees jobs end elsewhere, until it is stopped", async (context) => {
  let looks = 0;
  let seen = 0;
  const { engine, acceptOne, pass, real, clock } = await setUp(context, {
    start: false,
    between: (store) =>
      overlaid(store, {
        queue: {
          changedElsewhere: async () => {
            looks++;
            return true;
          },
        },
      }),
  });
  await engine.watch();
  const id = await acceptOne();
  const wait = engine.ended(id, 60_000).then(() => seen++);
  await pass(1_000);
  assert.equal(seen, 0);
  await real.byHand.cancel(id, clock.now());
  await pass(1_000);
  await wait;
  await engine.stop(1_000);
  await pass(10_000);
  assert.equal(looks, 2);
});

/** A worker of this process that started long before it. */
async function earlierSelf(): Promise<Omit<WorkerRecord, "deadline">> {
  const { Membership } = await import("./fleet/membership.ts");
  const { systemClock } = await import("../core/clock.ts");
  const { Instrument } = await import("../observe/instrument.ts");
  const { openSqliteStore } = await import("../store/sqlite/sqlite-store.ts");
  const store = await openSqliteStore({ file: ":memory:" });
  const facts = { concurrency: 1, slotsHeld: 0, version: "1.0.0", tasks: [] };
  const { machine, pid } = new Membership(store, systemClock, new Instrument(), facts).record();
  await store.close();
  return { id: newId("wrk"), machine, pid, startedAt: 0, ...facts };
}

async function heldBy(store: Store, now: number, worker: Omit<WorkerRecord, "deadline">): Promise<string> {
  const job = newJob(now);
  await store.queue.commit({
    now,
    enqueues: [{ job }],
    settlements: [],
    claim: {
      worker: { ...worker, deadline: now + 30_000 },
      limit: 1,
      maxBytes: Number.MAX_SAFE_INTEGER,
      room: { byDefault: 1, except: new Map() },
    },
  });
  return job.id;
}

test("an error that quotes all it was given is cut before it is kept", async (context) => {
  const { task, acceptOne, look } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 1 });
  task.at(0).fail(new Error("x".repeat(1_000_000)));
  await quiet();
  assert.match((await look(id)).error ?? "", /^x{10000}… \(990000 characters more\)$/);
});

test("each failed attempt is logged with its error, and so is the job's end", async (context) => {
  const { acceptOne, task, log, clock, pass } = await setUp(context);
  const startedAt = clock.now();
  const job = await acceptOne();
  const err = new Error("no paper");
  task.at(0).fail(err);
  await quiet();
  await pass(1_000);
  task.at(1).end({ kind: "failed", error: "no ink", retry: false });
  await quiet();
  assert.deepEqual(log.lines, [
    "warn: an attempt failed",
    "warn: an attempt failed",
    "error: job failed permanently",
  ]);
  const retryAt = new Date(startedAt + 1_000);
  const came = { lane: "lane", class: "error", durationMs: 0 };
  assert.deepEqual(log.fields, [
    { job, task: "controlled", ...came, attempt: 1, err, retryAt },
    { job, task: "controlled", ...came, attempt: 2, error: "no ink" },
    { job, task: "controlled", attempts: 2, error: "no ink" },
  ]);
});
