import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ManualClock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import type { Outcome } from "../../core/outcome.ts";
import { Audit } from "../../engine/audit/audit.ts";
import type { BulkRequest } from "../../engine/bulk/bulk-request.ts";
import { BulkRuns } from "../../engine/bulk/bulk-runs.ts";
import type { BulkPage, Pinned } from "../../engine/bulk/bulk-source.ts";
import { BulkTask, type CountedAs } from "../../engine/bulk/bulk-task.ts";
import { JobSource } from "../../engine/bulk/job-source.ts";
import { Stays } from "../../engine/bulk/stays.ts";
import { Engine } from "../../engine/engine.ts";
import { runContext } from "../../engine/test-kit/run-context.ts";
import { Instrument } from "../../observe/instrument.ts";
import type { Enqueue, LeasedJob } from "../../store/queue.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { Registry } from "../registry/registry.ts";
import { BulkPlaces } from "./bulk-places.ts";
import { Redelivering } from "./redelivering.ts";

const LANE = "https://example.com/in";
const ALL_AT_ONCE = { pace: 10_000, startsIn: 0 } as const;
const CANCELLED = { action: "redeliver", filter: { status: "cancelled" }, ...ALL_AT_ONCE } as const;

/** On a real store, beneath an engine that does not work: the run's job is run by hand. */
async function setUp(context: TestContext, slots = 1) {
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  // at the beginning of a second, and not before the first ids of the process
  const clock = new ManualClock(Math.ceil(Date.now() / 1_000) * 1_000);
  const registry = new Registry(store, clock);
  const { intake } = new Engine({ store, tasks: [], retention: { jobsMs: 1e12 }, clock });
  const redelivering = new Redelivering({ store, registry, breakers: { heldUpBy: () => undefined } });
  const source = new JobSource(store.bulkJobs, redelivering);
  const next = (pinned: Pinned, page: BulkPage) =>
    pinned.kind === "jobs" ? source.next(pinned, page) : assert.fail("it is not a replay");
  const instrument = new Instrument();
  const bulk = new BulkRuns({
    store,
    intake,
    places: new BulkPlaces(store, registry),
    next,
    clock,
    audit: new Audit({ shelf: store.audit, clock }),
    instrument,
    endings: async () => undefined,
  });
  let wakes = 0;
  let woken = () => {};
  const wake = () => {
    wakes++;
    woken();
  };
  let isEnding = false;
  const stays = new Stays({ slots, clock, isEnding: () => isEnding });
  const task = (name?: string, countedAs?: CountedAs) =>
    new BulkTask(
      {
        ...{ store, next, clock, instrument, wake },
        stays,
        submit: (submission) => intake.submit(submission),
        endings: async () => undefined,
        rateOf: async () => undefined,
        cancelled: () => {},
      },
      name,
      countedAs,
    );
  const driverOf = async (id: string): Promise<LeasedJob> => {
    const { jobId } = await bulk.get(id);
    const row = await store.records.get(jobId);
    assert.ok(row);
    return {
      ...{ handle: 1, id: jobId, task: row.task, lane: row.lane, options: "{}", priority: 0, token: 1 },
      ...{ payload: JSON.stringify({ run: id }), maxAttempts: 20, createdAt: row.createdAt, dueAt: 0 },
      ...{ startedAt: clock.now(), attempts: 1, failures: 0, losses: 0, ties: undefined, origin: undefined },
    };
  };
  const started = async (request: BulkRequest) => (await bulk.start(request)).run.id;
  /** Second by second, until it is over. */
  const finished = async (id: string, by = task()) => {
    for (;;) {
      const outcome = await by.run(await driverOf(id), unaborted);
      if (outcome.kind !== "snoozed") return outcome;
      clock.advance(outcome.forMs);
    }
  };
  return {
    ...{ store, clock, bulk, task, driverOf, started, finished, wakes: () => wakes },
    ends: () => {
      isEnding = true;
    },
    onWake: (told: () => void) => {
      woken = told;
    },
  };
}

const unaborted = runContext(new AbortController().signal);

/** Jobs that were queued and cancelled at the clock's time; being cancelled is the shortest way to an end. */
async function addCancelled(store: Store, clock: ManualClock, count: number, lane = LANE): Promise<string[]> {
  const now = clock.now();
  const enqueues: Enqueue[] = Array.from({ length: count }, () => ({
    job: {
      ...{
        id: newId("job", now),
        task: "webhook.deliver",
        lane,
        priority: 0,
        payload: "{}",
        maxAttempts: 10,
      },
      ...{ options: '{"targetUrl":"https://example.com/in"}', createdAt: now, runAt: now },
    },
  }));
  await store.queue.commit({ now, enqueues, settlements: [], claim: undefined });
  const ids = enqueues.map(({ job }) => job.id);
  for (const id of ids) await store.byHand.cancel(id, now);
  return ids;
}

const counted = (done: number, skipped = {}) => ({
  kind: "succeeded",
  result: JSON.stringify({ matched: done, done, skipped }),
});

test("all that match are queued again, batch by batch, and counted", async (context) => {
  const { store, clock, started, finished, wakes } = await setUp(context);
  const ids = await addCancelled(store, clock, 1_234);
  clock.advance(1_000);
  assert.deepEqual(await finished(await started(CANCELLED)), counted(1_234));
  assert.equal(wakes(), 13);
  for (const id of ids) assert.equal((await store.records.get(id))?.status, "queued");
});

test("what ended in the millisecond of the request is among them, what ends later is not", async (context) => {
  const { store, clock, started, finished } = await setUp(context);
  const [before] = await addCancelled(store, clock, 1);
  const run = await started(CANCELLED);
  clock.advance(1);
  const [after] = await addCancelled(store, clock, 1);
  assert.deepEqual(await finished(run), counted(1));
  assert.equal((await store.records.get(before ?? ""))?.status, "queued");
  assert.equal((await store.records.get(after ?? ""))?.status, "cancelled");
});

test("its conditions hold", async (context) => {
  const { store, clock, started, finished } = await setUp(context);
  await addCancelled(store, clock, 2);
  await addCancelled(store, clock, 3, "https://example.com/other");
  const failed = { ...CANCELLED, filter: { status: "failed" } } as const;
  assert.deepEqual(await finished(await started(failed)), counted(0));
  const inLane = { ...CANCELLED, filter: { status: "cancelled", lane: LANE } } as const;
  assert.deepEqual(await finished(await started(inLane)), counted(2));
});

test("an attempt that is told to stop throws, and the next one does what is left", async (context) => {
  const { store, clock, task, started, driverOf, finished, onWake } = await setUp(context);
  await addCancelled(store, clock, 700);
  const run = await started(CANCELLED);
  const aborter = new AbortController();
  onWake(() => aborter.abort(new Error("time is up")));
  await assert.rejects(task().run(await driverOf(run), runContext(aborter.signal)), /time is up/);
  assert.equal((await store.bulkRuns.get(run))?.done, 100);
  assert.deepEqual(await finished(run), counted(700));
});

test("a job of a name that promised another result gives that", async (context) => {
  const { store, clock, task, started, finished } = await setUp(context);
  await addCancelled(store, clock, 3);
  assert.deepEqual(await finished(await started(CANCELLED), task("webhook.retry", "retried")), {
    kind: "succeeded",
    result: '{"retried":3}',
  });
});

test("a run takes its pace a second of each lane, and follows a change of it", async (context) => {
  const { store, clock, bulk, task, started, driverOf } = await setUp(context);
  await addCancelled(store, clock, 40);
  await addCancelled(store, clock, 40, "https://example.com/other");
  const run = await started({ ...CANCELLED, pace: 10 });
  const second = async () => {
    for (const until = clock.now() + 1_000; clock.now() < until; ) {
      const outcome = await task().run(await driverOf(run), unaborted);
      clock.advance(outcome.kind === "snoozed" ? outcome.forMs : 1_000);
    }
    return (await bulk.get(run)).done;
  };
  assert.deepEqual([await second(), await second()], [10, 20]);
  assert.deepEqual((await bulk.get(run)).remaining, { n: 60, atLeast: false, seconds: 6 });
  await bulk.setPace(run, 100);
  assert.deepEqual((await bulk.get(run)).remaining, { n: 60, atLeast: false, seconds: null });
  assert.equal(await second(), 80);
  assert.equal((await bulk.get(run)).remaining, null);
});

test("between two parts a run waits in a spare slot; after two seconds, or where there is no spare slot, it sleeps", async (context) => {
  const { store, clock, task, started, driverOf } = await setUp(context, 8);
  await addCancelled(store, clock, 40);
  const run = await started({ ...CANCELLED, pace: 10 });
  const begun = clock.now();
  let outcome: Outcome | undefined;
  const waits = task();
  const ending = waits.run(await driverOf(run), unaborted).then((ended) => {
    outcome = ended;
  });
  const done = async () => (await store.bulkRuns.get(run))?.done;
  while ((await done()) !== 2) await nextTurn();
  // the one slot of eight is taken
  const other = await started({ ...CANCELLED, filter: { status: "cancelled", lane: LANE }, pace: 10 });
  assert.equal((await waits.run(await driverOf(other), unaborted)).kind, "snoozed");
  while (!outcome) {
    clock.advance(10);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }
  await ending;
  assert.equal(outcome.kind, "snoozed");
  assert.ok(clock.now() >= begun + 2_000 && Number(await done()) >= 18, `${await done()} done`);
});

test("a run whose worker was lost, and one of a worker that ends, wait in no slot", async (context) => {
  const { store, clock, task, started, driverOf, ends } = await setUp(context, 8);
  await addCancelled(store, clock, 40);
  const run = await started({ ...CANCELLED, pace: 10 });
  const lost = { ...(await driverOf(run)), losses: 1 };
  assert.equal((await task().run(lost, unaborted)).kind, "snoozed");
  clock.advance(200);
  ends();
  assert.equal((await task().run(await driverOf(run), unaborted)).kind, "snoozed");
});

test("it begins after its wait, during which it can be undone completely", async (context) => {
  const { store, clock, bulk, task, started, driverOf } = await setUp(context);
  const [job = ""] = await addCancelled(store, clock, 1);
  const run = await started({ action: "redeliver", filter: { status: "cancelled" } });
  assert.deepEqual(await task().run(await driverOf(run), unaborted), { kind: "snoozed", forMs: 10_000 });
  assert.equal((await bulk.takeBack(run)).state, "taken_back");
  clock.advance(10_000);
  await task().run(await driverOf(run), unaborted);
  assert.equal((await store.records.get(job))?.status, "cancelled");
  await assert.rejects(bulk.resume(run), /taken_back/);
});

test("a clock that is set back makes it wait no longer", async (context) => {
  const { store, clock, started, task, driverOf } = await setUp(context);
  await addCancelled(store, clock, 1);
  clock.advance(1_000);
  const run = await started({ ...CANCELLED, startsIn: "1m" });
  clock.advance(-86_400_000);
  assert.deepEqual(await task().run(await driverOf(run), unaborted), counted(1));
});

test("a run that is stopped queues nothing more, and goes on when it is resumed", async (context) => {
  const { store, clock, bulk, task, started, driverOf, finished } = await setUp(context);
  await addCancelled(store, clock, 30);
  const run = await started({ ...CANCELLED, pace: 50 });
  await task().run(await driverOf(run), unaborted);
  assert.deepEqual([(await bulk.stop(run)).state, (await bulk.get(run)).done], ["stopped", 10]);
  const first = await driverOf(run);
  assert.deepEqual(await task().run(first, unaborted), counted(10));
  assert.equal((await bulk.resume(run)).state, "running");
  assert.deepEqual(await task().run(first, unaborted), { kind: "succeeded", result: '{"superseded":true}' });
  assert.deepEqual(await finished(run), counted(30));
});

test("what is taken back is cancelled, except for what has begun", async (context) => {
  const { store, clock, bulk, task, started, driverOf, finished } = await setUp(context);
  const ids = await addCancelled(store, clock, 30);
  const run = await started({ ...CANCELLED, pace: 100 });
  await task().run(await driverOf(run), unaborted);
  const worker = {
    ...{ id: "wrk_1", machine: "m", pid: 1, startedAt: 0, deadline: clock.now() + 1e6, concurrency: 5 },
    ...{ slotsHeld: 0, version: "1", tasks: [] },
  };
  const room = { byDefault: 5, except: new Map([["posthorn.bulk", 0]]) };
  const { claimed } = await store.queue.commit({
    ...{ now: clock.now(), enqueues: [], settlements: [] },
    claim: { worker, limit: 5, maxBytes: 1e9, room },
  });
  assert.equal(claimed.length, 5);
  assert.equal((await bulk.takeBack(run)).state, "taking_back");
  await finished(run);
  assert.equal((await bulk.get(run)).state, "taken_back");
  const statuses = await Promise.all(ids.map(async (id) => (await store.records.get(id))?.status));
  assert.deepEqual(
    [statuses.filter((each) => each === "running").length, statuses.includes("queued")],
    [5, false],
  );
});

test("a run pauses when the first twenty of a lane all fail, and goes on when it is told to", async (context) => {
  const { store, clock, bulk, task, started, driverOf, finished } = await setUp(context);
  const ids = await addCancelled(store, clock, 50);
  const run = await started({ ...CANCELLED, pace: 125 });
  await task().run(await driverOf(run), unaborted);
  for (const id of ids.slice(0, 20)) await store.byHand.cancel(id, clock.now());
  clock.advance(1_000);
  await task().run(await driverOf(run), unaborted);
  const paused = await bulk.get(run);
  assert.deepEqual([paused.state, paused.done], ["paused", 25]);
  assert.match(paused.reason ?? "", /the first jobs to https:\/\/example.com\/in all fail/);
  await bulk.resume(run);
  assert.deepEqual(await finished(run), counted(50));
});

test("a preview counts what would be done and skipped, and changes nothing", async (context) => {
  const { store, clock, bulk } = await setUp(context);
  await addCancelled(store, clock, 12);
  const seen = await bulk.preview({ action: "run_now", filter: { status: ["cancelled"] }, pace: 5 });
  assert.deepEqual(
    [seen.matched, seen.changed, seen.skipped],
    [{ n: 12, atLeast: false }, 0, { cancelled: 12 }],
  );
  const again = await bulk.preview({ ...CANCELLED, pace: 5 });
  assert.deepEqual(again.lanes, [{ lane: LANE, n: 12, rate: null, seconds: 3 }]);
  assert.deepEqual([again.changed, again.samples.length, again.ages["1h"]], [12, 5, 12]);
  assert.equal((await store.records.list({ status: "queued" }, { limit: 9 })).jobs.length, 0);
});

test("a request without a condition, or with one that is wrong, is refused, each field named", async (context) => {
  const { bulk } = await setUp(context);
  const fields = async (request: unknown) => {
    const error = await bulk.start(request as BulkRequest).catch((thrown: unknown) => thrown);
    const { problems } = error as { problems: { path: string[] }[] };
    return problems.map(({ path }) => path.join("."));
  };
  assert.deepEqual(await fields({ action: "redeliver", filter: {} }), ["filter"]);
  // it would redeliver every webhook
  assert.deepEqual(await fields({ action: "redeliver", filter: { task: "mail" } }), ["filter.task"]);
  assert.deepEqual(await fields({ action: "rerun", filter: { task: "webhook.deliver" } }), ["filter.task"]);
  await assert.rejects(
    bulk.start({ action: "cancel", filter: { class: ["5xx", "timeout"] } }),
    /class: must be one class; only a replay takes several/,
  );
  assert.deepEqual(
    await fields({ action: "dance", filter: { task: 5, class: "9xx" }, pace: 0, startsIn: "x" }),
    ["action", "pace", "startsIn", "filter.task", "filter.class"],
  );
  assert.deepEqual(await fields({ action: "replay", filter: { tenant: "acme" }, what: "most" }), [
    "what",
    "filter.endpoint",
    "filter.createdFrom",
  ]);
});
