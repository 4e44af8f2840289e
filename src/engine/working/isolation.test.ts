import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Clock } from "../../core/clock.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { SUSPECT_AFTER } from "../../core/transition.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import type { Store } from "../../store/store.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import type { ControlledTask } from "../test-kit/controlled-task.ts";
import { newJob, setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";
import { LEAST_ALONE_MS, LONGEST_DRAIN_MS } from "./isolation.ts";

const HOUR = 3_600_000;

/** A job that is due, lost so often in company that it is a suspect, each time after `tookMs`. */
async function addSuspect(store: Store, clock: Clock, tookMs = 500): Promise<string> {
  const now = clock.now();
  const job = newJob(now, { runAt: now - 10 * HOUR });
  const lane = `lane of ${job.id}`;
  const enqueues = [{ job: { ...job, lane } }];
  await store.queue.commit({ now, enqueues, settlements: [], claim: undefined });
  const room = { byDefault: 0, except: new Map([[lane, 1]]) };
  for (let losses = 0; losses < SUSPECT_AFTER; losses++) {
    const worker: WorkerRecord = {
      ...{ id: `wrk_lost${losses}`, machine: "elsewhere", pid: 1, startedAt: 0, deadline: now },
      ...{ concurrency: 1, version: "1.0.0", tasks: ["controlled"], slotsHeld: 0 },
    };
    const at = now - (SUSPECT_AFTER - losses) * HOUR;
    await store.queue.promote(at, 9);
    const claim = { worker, limit: 1, maxBytes: Number.MAX_SAFE_INTEGER, room };
    const { claimed } = await store.queue.commit({ now: at, enqueues: [], settlements: [], claim });
    assert.deepEqual([claimed[0]?.id, claimed[0]?.losses], [job.id, losses]);
    await store.workers.reclaim(worker, at + tookMs, "ended");
  }
  await store.queue.promote(now, 9);
  return job.id;
}

/** An engine that has not been started, and a suspect that is due. */
async function withSuspect(context: TestContext, tookMs?: number) {
  const set = await setUp(context, { start: false });
  set.task.timeoutMs = () => HOUR;
  return { ...set, suspect: await addSuspect(set.real, set.clock, tookMs) };
}

/** The worker dies from one moment to the next; gives what the record of the job then says. */
async function lose(store: Store, clock: Clock, id: string): Promise<string> {
  const [worker] = await store.workers.list();
  assert.ok(worker);
  await store.workers.reclaim(worker, clock.now(), "ended");
  return (await store.records.get(id))?.error ?? "";
}

function openOf(task: ControlledTask): string[] {
  return [...task.open].map(({ job }) => job.id);
}

test("a job whose workers were lost three times in a row runs alone, and the others after it", async (context) => {
  const { engine, accept, task, suspect, statuses, look, log } = await withSuspect(context);
  const others = await accept(3);
  await engine.start();
  await quiet();
  assert.deepEqual(openOf(task), [suspect]);
  assert.deepEqual(await statuses(others), { queued: 3 }, "nothing else is even held here");
  assert.match(log.lines.join("\n"), /warn: the workers of this job were lost several times in a row/);
  task.endAll();
  await quiet();
  assert.equal((await look(suspect)).status, "succeeded");
  assert.equal(task.open.size, 3);
});

test("while it runs alone, another worker runs the others", async (context) => {
  const { engine, accept, task, suspect, statuses, another, pass } = await withSuspect(context);
  await engine.start();
  await quiet();
  const others = await accept(2);
  assert.deepEqual(openOf(task), [suspect]);
  await another();
  await pass(1_000);
  assert.deepEqual(await statuses(others), { running: 2 });
});

test("what runs when a suspect comes is waited for, while nothing else begins", async (context) => {
  const { engine, task, real, clock, accept } = await setUp(context);
  const [busy = ""] = await accept(1);
  const suspect = await addSuspect(real, clock);
  engine.wake();
  await quiet();
  const [late = ""] = await accept(1);
  assert.deepEqual(openOf(task), [busy]);
  task.endAll();
  await quiet();
  assert.deepEqual(openOf(task), [suspect]);
  task.endAll();
  await quiet();
  assert.deepEqual(openOf(task), [late]);
});

test("what does not end is not waited for longer than ten seconds: the suspect runs in company then", async (context) => {
  const { engine, task, real, clock, accept, pass } = await setUp(context);
  const [busy = ""] = await accept(1);
  const suspect = await addSuspect(real, clock);
  engine.wake();
  await quiet();
  await pass(LONGEST_DRAIN_MS - 1);
  assert.deepEqual(openOf(task), [busy]);
  await pass(1);
  const [late = ""] = await accept(1);
  assert.deepEqual(openOf(task), [busy, suspect, late]);
  assert.match(await lose(real, clock, suspect), /held this job$/);
});

test("one that runs on is alone for a minute; then others begin, and the loss of its worker tells nothing", async (context) => {
  const { engine, task, real, clock, accept, pass, suspect } = await withSuspect(context);
  await engine.start();
  await quiet();
  const [other = ""] = await accept(1);
  await pass(LEAST_ALONE_MS - 1);
  assert.deepEqual(openOf(task), [suspect]);
  await pass(1);
  assert.deepEqual(openOf(task), [suspect, other]);
  assert.match(await lose(real, clock, suspect), /held this job$/);
});

test("a job that took longer to lose its worker is alone for longer", async (context) => {
  const { engine, task, accept, pass, suspect } = await withSuspect(context, 2 * LEAST_ALONE_MS);
  await engine.start();
  await quiet();
  const [other = ""] = await accept(1);
  await pass(4 * LEAST_ALONE_MS - 1);
  assert.deepEqual(openOf(task), [suspect]);
  await pass(1);
  assert.deepEqual(openOf(task), [suspect, other]);
});

test("the loss of a worker that runs a suspect alone is held against the job", async (context) => {
  const { engine, real, clock, suspect } = await withSuspect(context);
  await engine.start();
  await quiet();
  assert.match(await lose(real, clock, suspect), /held this job and no other$/);
});

test("of several suspects each runs alone, one after the other", async (context) => {
  const { engine, real, clock, task, suspect } = await withSuspect(context);
  const suspects = [suspect, await addSuspect(real, clock), await addSuspect(real, clock)];
  await engine.start();
  for (let done = 0; done < suspects.length; done++) {
    await quiet();
    assert.equal(task.open.size, 1);
    task.endAll();
  }
  await quiet();
  assert.deepEqual(task.runs.map(({ job }) => job.id).sort(), suspects.sort());
  assert.equal(task.mostAtOnce, 1);
});

test("a suspect that is cancelled while it waits to be alone holds nothing up", async (context) => {
  const { engine, task, real, clock, accept } = await setUp(context);
  const [busy = ""] = await accept(1);
  const suspect = await addSuspect(real, clock);
  engine.wake();
  await quiet();
  await engine.giveBack(suspect);
  await real.byHand.cancel(suspect, clock.now());
  const [late = ""] = await accept(1);
  assert.deepEqual(openOf(task), [busy, late]);
});

test("where it cannot be noted that a job is alone, it runs all the same", async (context) => {
  const isolate = () => Promise.reject(new StoreUnavailableError("gone"));
  const between = (store: Store) => overlaid(store, { workers: { isolate } });
  const { engine, task, real, clock, log } = await setUp(context, { between, start: false });
  const suspect = await addSuspect(real, clock);
  await engine.start();
  await quiet();
  assert.deepEqual(openOf(task), [suspect]);
  assert.ok(!log.lines.some((line) => line.includes("it runs alone here")));
});
