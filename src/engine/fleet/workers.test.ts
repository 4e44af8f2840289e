import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ConflictError, NotFoundError } from "../../core/errors.ts";
import { Audit } from "../audit/audit.ts";
import { ControlledTask } from "../test-kit/controlled-task.ts";
import { setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";
import { HEARTBEAT_MS } from "./membership.ts";
import { Workers } from "./workers.ts";

const BY = { actor: "ana", reason: "a new machine" };

async function underWatch(context: TestContext) {
  const world = await setUp(context, { concurrency: 4, startsAt: Date.now() });
  const { store, clock, engine } = world;
  const workers = new Workers({ store, clock, audit: new Audit({ shelf: store.audit, clock }) });
  const one = async () => (await workers.list())[0] ?? assert.fail("there is no worker");
  return {
    ...world,
    workers,
    one,
    own: new Workers({
      ...{ store, clock },
      own: () => engine.report,
      audit: new Audit({ shelf: store.audit, clock }),
    }),
  };
}

test("a worker tells how much it runs and claims while it has work, and nothing of long ago is told of it", async (context) => {
  const { accept, pass, task, one, own, engine } = await underWatch(context);
  await accept(3);
  await pass(HEARTBEAT_MS);
  const { running, claimsPerSecond, concurrency } = await one();
  assert.deepEqual([running, concurrency], [2, 4]);
  assert.ok(claimsPerSecond !== null && claimsPerSecond >= 2 / (HEARTBEAT_MS / 1_000));
  await pass(HEARTBEAT_MS);
  assert.equal((await one()).claimsPerSecond, 0);
  for (let n = 0; n < 2; n++) {
    task.endAll();
    await quiet();
  }
  const before = await one();
  for (let beat = 0; beat < 4; beat++) await pass(HEARTBEAT_MS);
  const after = await one();
  assert.deepEqual(after.reportedAt, before.reportedAt, "an idle worker on SQLite writes nothing");
  assert.deepEqual([after.running, after.claimsPerSecond, after.loopDelayMs], [null, null, null]);
  const [self] = await own.list();
  assert.deepEqual([self?.running, self?.claimsPerSecond], [0, 0], "the process itself knows");
  await engine.stop(0);
});

test("a worker that is asked to drain takes no more jobs, and finishes what it runs however long that takes; others go on", async (context) => {
  const { accept, acceptOne, pass, task, statuses, workers, one, engine, another, log, store } =
    await underWatch(context);
  task.timeoutMs = () => 3_600_000;
  const begun = await accept(2);
  const { id } = await one();
  const asked = await workers.drain(id, BY);
  assert.deepEqual([asked.draining, asked.drainAskedAt === null], [false, false]);
  await pass(HEARTBEAT_MS);
  assert.ok((await one()).draining);
  assert.deepEqual([engine.isDraining, engine.takesNoMore], [false, true], "its process goes on");
  assert.match(log.lines.join("\n"), /this worker was asked to drain/);

  await acceptOne();
  for (let beat = 0; beat < 24; beat++) await pass(HEARTBEAT_MS);
  assert.deepEqual(await statuses(begun), { running: 2 });
  assert.equal(task.runs.length, 2);
  task.endAll();
  await quiet();
  assert.deepEqual(await statuses(begun), { succeeded: 2 });
  await pass(HEARTBEAT_MS);
  assert.equal(task.runs.length, 2, "it takes nothing more");

  const other = new ControlledTask("controlled");
  const second = await another({ tasks: [other] });
  await quiet();
  assert.equal(other.runs.length, 1);
  other.endAll();
  await quiet();

  await workers.drain(id, BY);
  const { rows } = await store.audit.list({ limit: 9, order: "descending", actions: ["worker.drain"] });
  assert.deepEqual(
    rows.map(({ actor, target, note }) => [actor, target, note]),
    [["ana", id, "a new machine"]],
  );
  for (const each of [second, engine]) await each.stop(0);
  assert.deepEqual([await workers.list(), await store.workerReports.list()], [[], []]);
});

test("a worker that is not there, or of a release that takes no such request, is not asked", async (context) => {
  const { workers, store, one, engine } = await underWatch(context);
  await assert.rejects(workers.drain("wrk_x", BY), NotFoundError);
  const { id } = await one();
  await store.workerReports.forget(id);
  await assert.rejects(workers.drain(id, BY), (error: unknown) => {
    assert.ok(error instanceof ConflictError && error.code === "worker_cannot_drain");
    return /stop its process instead/.test(error.message);
  });
  await engine.stop(0);
});
