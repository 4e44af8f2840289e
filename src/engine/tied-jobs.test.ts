import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { OverloadedError, StoreUnavailableError, TransactionError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { listJobs } from "../store/list-jobs.ts";
import { overlaid } from "../store/overlaid-store.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Engine } from "./engine.ts";
import { Jobs } from "./jobs.ts";
import { ControlledTask } from "./test-kit/controlled-task.ts";
import { newJob, setUp } from "./test-kit/engine-under-test.ts";
import { quiet } from "./test-kit/turns.ts";

const MINUTE = 60_000;
const AFTER = { task: "controlled", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };

test("jobs enqueued together are there together, and run at once or when they are due", async (context) => {
  const { engine, clock, task, pass } = await setUp(context);
  const jobs = [newJob(clock.now()), newJob(clock.now(), { runAt: clock.now() + MINUTE })];
  const { jobIds, existing } = await engine.intake.submit({ jobs });
  assert.deepEqual(
    jobIds,
    jobs.map(({ id }) => id),
  );
  assert.deepEqual(existing, [false, false]);
  await quiet();
  assert.equal(task.runs.length, 1);
  await pass(MINUTE);
  assert.equal(task.runs.length, 2);
});

test("when one of several jobs enqueued together is refused, none of them exists, nor their group", async (context) => {
  const { engine, clock, store, acceptOne } = await setUp(context, { start: false });
  const id = await acceptOne();
  const jobs = [newJob(clock.now()), newJob(clock.now(), { id })];
  await assert.rejects(engine.intake.submit({ jobs, groups: [{ id: "grp_a", onSettled: AFTER }] }));
  assert.equal((await listJobs(store.records, {}, { limit: 9 })).length, 1);
  assert.equal(await store.groups.get("grp_a"), undefined);
  await engine.stop(0);
  await assert.rejects(engine.intake.submit({ jobs: [newJob(clock.now())] }), OverloadedError);
});

test("a group's task runs once its jobs have ended, and at once when it has none", async (context) => {
  const { engine, clock, task } = await setUp(context);
  const ties = { groupId: "grp_a" };
  const jobs = [newJob(clock.now(), { ties }), newJob(clock.now(), { ties })];
  const groups = ["grp_a", "grp_none"].map((id) => ({ id, onSettled: AFTER }));
  await engine.intake.submit({ jobs, groups });
  await quiet();
  const inputs = () => task.openOf("after").map(({ job }) => JSON.parse(job.payload).groupId);
  assert.deepEqual(inputs(), ["grp_none"]);
  for (const run of task.openOf("lane")) run.end();
  await quiet();
  assert.deepEqual(inputs(), ["grp_none", "grp_a"]);
});

test("what follows a job runs as soon as it has ended, also when it was cancelled before it ran", async (context) => {
  const { engine, store, task, acceptOne, clock, pass } = await setUp(context);
  const jobs = new Jobs(store, engine);
  const ties = { onSettled: AFTER };
  await acceptOne({ ties });
  task.endAll();
  await quiet();
  assert.equal(task.openOf("after").length, 1);
  const later = await acceptOne({ ties, runAt: clock.now() + MINUTE });
  await pass(10);
  await jobs.cancel(later);
  await quiet();
  assert.deepEqual(
    task.openOf("after").map(({ job }) => JSON.parse(job.payload).status),
    ["succeeded", "cancelled"],
  );
});

test("a snoozed attempt is run again later with its number, as often as it is snoozed", async (context) => {
  const { task, acceptOne, pass, look, outcomes } = await setUp(context);
  const id = await acceptOne({ maxAttempts: 1 });
  const snoozed: Outcome = { kind: "snoozed", forMs: MINUTE };
  for (let n = 0; n < 5; n++) {
    assert.equal(task.at(n).context.attempt, 1);
    task.endAll(snoozed);
    await quiet();
    await pass(MINUTE - 1);
    assert.equal(task.runs.length, n + 1);
    await pass(1);
  }
  task.endAll();
  await quiet();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["succeeded", 1]);
  assert.deepEqual(await outcomes(id), ["succeeded"]);
});

test("a watcher of a job is called when it begins, makes progress, waits again and ends", async (context) => {
  const { engine, task, acceptOne, pass, look } = await setUp(context, { start: false });
  const id = await acceptOne();
  let calls = 0;
  const stop = engine.watchJob(id, () => calls++);
  const called = () => {
    const since = calls;
    calls = 0;
    return since;
  };
  await engine.start();
  await quiet();
  assert.equal(called(), 1);
  task.at(0).context.progress(0.5, "half");
  await quiet();
  assert.ok(called() > 0);
  assert.deepEqual((await look(id)).progress, { fraction: 0.5, note: "half" });
  task.at(0).end({ kind: "failed", error: "it broke", retry: true });
  await quiet();
  assert.equal(called(), 1);
  await pass(1_000);
  assert.equal(called(), 1, "it begins again");
  task.at(1).end();
  await quiet();
  assert.equal(called(), 1);
  stop();
  engine.forget(id, "test");
  await quiet();
  assert.equal(called(), 0);
});

test("a watcher that throws stops neither the job nor its record", async (context) => {
  const { engine, task, acceptOne, look, log } = await setUp(context, { start: false });
  const id = await acceptOne();
  engine.watchJob(id, () => {
    throw new Error("not my day");
  });
  await engine.start();
  await quiet();
  task.endAll();
  await quiet();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["succeeded", 1]);
  assert.deepEqual(new Set(log.lines), new Set(["error: a watcher of this job threw an error"]));
});

test("progress that the database does not take fails no result", async (context) => {
  const { task, acceptOne, look, log } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        queue: {
          commit: (batch) =>
            (batch.progress?.length ?? 0) > 0
              ? Promise.reject(new Error("no such text"))
              : store.queue.commit(batch),
        },
      }),
  });
  const id = await acceptOne();
  task.at(0).context.progress(0.5, "half");
  task.at(0).end();
  await quiet();
  assert.deepEqual([(await look(id)).status, (await look(id)).attempts], ["succeeded", 1]);
  assert.deepEqual(log.lines, ["warn: progress could not be recorded"]);
});

test("progress waits with the results while the database is away", async (context) => {
  let isDown = false;
  const { task, accept, look, log, pass } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        queue: {
          commit: (batch) =>
            isDown ? Promise.reject(new StoreUnavailableError("gone")) : store.queue.commit(batch),
        },
      }),
  });
  const [first = "", second = ""] = await accept(2, { lane: "lane" });
  isDown = true;
  task.at(0).end();
  await quiet();
  for (let n = 1; n <= 4; n++) {
    task.at(1).context.progress(n / 10);
    await pass(100);
  }
  assert.equal(log.lines.length, 1, "not a line for each word");
  isDown = false;
  await pass(500);
  assert.equal((await look(first)).status, "succeeded");
  assert.equal((await look(second)).progress?.fraction, 0.4);
});

test("a schedule fires through the engine, until it drains", async (context) => {
  const { engine, task, pass, store, clock } = await setUp(context);
  const { lane, priority, options, maxAttempts } = AFTER;
  const job = { task: "controlled", lane, priority, options, maxAttempts, payload: '"tick"' };
  const name = "tick";
  const minutely = { name, cron: "* * * * *", timeZone: "UTC", missed: "skip" } as const;
  await store.schedules.declare({ ...minutely, job, nextAt: clock.now() + MINUTE });
  await engine.refreshSchedules();
  await pass(MINUTE);
  assert.equal(task.runs.length, 1);
  assert.equal(task.at(0).job.payload, '"tick"');
  await store.schedules.pause([{ name, nextAt: null }], true);
  await engine.refreshSchedules();
  await pass(10 * MINUTE);
  assert.equal(task.runs.length, 1);
  await store.schedules.pause([{ name, nextAt: clock.now() + MINUTE }], false);
  await engine.refreshSchedules();
  await pass(MINUTE);
  assert.equal(task.runs.length, 2, "what was missed while it was paused is not made up for");
  const drained = engine.drain(1_000);
  task.endAll();
  await drained;
  await pass(10 * MINUTE);
  assert.equal((await listJobs(store.records, {}, { limit: 99 })).length, 2);
  assert.ok(((await store.schedules.list())[0]?.nextAt ?? 0) < clock.now());
});

/** An engine on a file, and a connection of the caller's own to it. */
async function onFile(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  const file = join(folder, "posthorn.db");
  const clock = new ManualClock();
  const store = await openSqliteStore({ file });
  const task = new ControlledTask();
  const engine = new Engine({ store, tasks: [task], retention: { jobsMs: 1e12 }, clock });
  await engine.start();
  await quiet(); // its first claim is done, and waits for no lock
  const own = new DatabaseSync(file);
  context.after(async () => {
    own.close();
    await engine.stop(0);
    await store.close();
    await rm(folder, { recursive: true });
  });
  return { engine, clock, task, own, store };
}

test("a job enqueued in a caller's transaction runs soon after its commit, and never after a rollback", async (context) => {
  const { engine, clock, task, own, store } = await onFile(context);
  const ask = () => engine.intake.accept(newJob(clock.now()), undefined, own);
  await assert.rejects(ask(), TransactionError);
  own.exec("begin immediate");
  const { jobId } = await ask();
  clock.advance(20);
  await quiet();
  assert.equal(task.runs.length, 0);
  own.exec("commit");
  clock.advance(40);
  await quiet();
  assert.deepEqual(
    task.runs.map(({ job }) => job.id),
    [jobId],
  );
  own.exec("begin immediate");
  await ask();
  own.exec("rollback");
  clock.advance(2_000);
  await quiet();
  assert.equal(task.runs.length, 1);
  assert.equal((await listJobs(store.records, {}, { limit: 9 })).length, 1);
  task.endAll();
  await quiet();
});

test("one whose commit comes late is found by the regular look", async (context) => {
  const { engine, clock, task, own } = await onFile(context);
  own.exec("begin immediate");
  await engine.intake.accept(newJob(clock.now()), undefined, own);
  for (let n = 0; n < 5; n++) {
    clock.advance(1_000);
    await quiet();
  }
  own.exec("commit");
  clock.advance(1_000);
  await quiet();
  assert.equal(task.runs.length, 1);
  task.endAll();
  await quiet();
});
