import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { runContext } from "../../engine/test-kit/run-context.ts";
import type { Enqueue, LeasedJob } from "../../store/queue.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { OLD_REDELIVER_TASK } from "./redeliver-request.ts";
import { RedeliverTask } from "./redeliver-task.ts";

const LANE = "https://example.com/in";

async function setUp(context: TestContext) {
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  const clock = new ManualClock();
  let wakes = 0;
  const task = new RedeliverTask({ jobs: store.byHand, clock, wake: () => wakes++ });
  const redeliverJob = (payload = '{"status":"failed"}'): LeasedJob => ({
    handle: 1,
    id: newId("job"),
    task: "webhook.redeliver",
    lane: "webhook.redeliver",
    options: "{}",
    payload,
    priority: 0,
    maxAttempts: 20,
    createdAt: clock.now(),
    startedAt: clock.now(),
    attempts: 1,
    failures: 0,
    losses: 0,
    token: 1,
    ties: undefined,
    origin: undefined,
  });
  return { store, clock, task, redeliverJob, wakes: () => wakes };
}

/** Jobs that were queued and cancelled at the clock's time; being cancelled is the shortest way to an end. */
async function addCancelled(store: Store, clock: ManualClock, count: number, lane = LANE): Promise<string[]> {
  const now = clock.now();
  const enqueues: Enqueue[] = Array.from({ length: count }, () => ({
    job: {
      id: newId("job"),
      task: "webhook.deliver",
      lane,
      priority: 0,
      options: '{"targetUrl":"https://example.com/in"}',
      payload: "{}",
      maxAttempts: 10,
      createdAt: now,
      runAt: now,
    },
  }));
  await store.queue.commit({ now, enqueues, settlements: [], claim: undefined });
  const ids = enqueues.map(({ job }) => job.id);
  for (const id of ids) await store.byHand.cancel(id, now);
  return ids;
}

const unaborted = runContext(new AbortController().signal);
const CANCELLED = '{"status":"cancelled"}';

test("all that fit are queued again, batch by batch, and counted", async (context) => {
  const { store, clock, task, redeliverJob, wakes } = await setUp(context);
  const ids = await addCancelled(store, clock, 1_234);
  clock.advance(1_000);
  assert.deepEqual(await task.run(redeliverJob(CANCELLED), unaborted), {
    kind: "succeeded",
    result: '{"redelivered":1234}',
  });
  assert.equal(wakes(), 3);
  for (const id of ids) assert.equal((await store.records.get(id))?.status, "queued");
});

test("what ended in the millisecond of the request is among them, what ends later is not", async (context) => {
  const { store, clock, task, redeliverJob } = await setUp(context);
  const [before] = await addCancelled(store, clock, 1);
  const job = redeliverJob(CANCELLED);
  clock.advance(1);
  const [after] = await addCancelled(store, clock, 1);
  assert.deepEqual(await task.run(job, unaborted), { kind: "succeeded", result: '{"redelivered":1}' });
  assert.equal((await store.records.get(before ?? ""))?.status, "queued");
  assert.equal((await store.records.get(after ?? ""))?.status, "cancelled");
});

test("its conditions hold", async (context) => {
  const { store, clock, task, redeliverJob } = await setUp(context);
  await addCancelled(store, clock, 2);
  await addCancelled(store, clock, 3, "https://example.com/other");
  const lane = JSON.stringify({ status: "cancelled", lane: LANE });
  assert.deepEqual(await task.run(redeliverJob(), unaborted), {
    kind: "succeeded",
    result: '{"redelivered":0}',
  });
  assert.deepEqual(await task.run(redeliverJob(lane), unaborted), {
    kind: "succeeded",
    result: '{"redelivered":2}',
  });
});

test("an attempt that is told to stop throws, and the next one does what is left", async (context) => {
  const { store, clock, task, redeliverJob } = await setUp(context);
  await addCancelled(store, clock, 700);
  const aborter = new AbortController();
  const stopping = new RedeliverTask({
    jobs: store.byHand,
    clock,
    wake: () => aborter.abort(new Error("time is up")),
  });
  const job = redeliverJob(CANCELLED);
  await assert.rejects(stopping.run(job, runContext(aborter.signal)), /time is up/);
  assert.deepEqual(await task.run(job, unaborted), { kind: "succeeded", result: '{"redelivered":200}' });
});

test("a job of the task's old name gives the result of that name", async (context) => {
  const { store, clock, redeliverJob } = await setUp(context);
  await addCancelled(store, clock, 3);
  const task = new RedeliverTask({ jobs: store.byHand, clock, name: OLD_REDELIVER_TASK, wake: () => {} });
  assert.deepEqual(await task.run(redeliverJob(CANCELLED), unaborted), {
    kind: "succeeded",
    result: '{"retried":3}',
  });
});
