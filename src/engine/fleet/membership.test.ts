import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, ManualClock } from "../../core/clock.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { isSuspect, MAX_LOSSES } from "../../core/transition.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import { newJob } from "../test-kit/engine-under-test.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { BLOCKED_PATIENCE_MS } from "./liveness.ts";
import { DEAD_AFTER_MS, HEARTBEAT_MS, Membership } from "./membership.ts";

const HOUR_MS = 3_600_000;
const FACTS = { concurrency: 64, version: "1.0.0" };

/** Starts at the real time, which is what a process's own age is measured in. */
async function setUp(context: TestContext) {
  const clock = new ManualClock(Date.now());
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  const log = new RecordedLog();
  return { clock, store, log, membership: new Membership(store, clock, log.instrument, FACTS) };
}

/** A worker takes a job; the job's id. */
async function work(store: Store, clock: Clock, worker: WorkerRecord): Promise<string> {
  const job = newJob(clock.now());
  const claim = {
    worker,
    limit: 1,
    maxBytes: Number.MAX_SAFE_INTEGER,
    room: { byDefault: 1, except: new Map<string, number>() },
  };
  await store.queue.commit({ now: clock.now(), enqueues: [{ job }], settlements: [], claim });
  return job.id;
}

async function statusOf(store: Store, id: string): Promise<string | undefined> {
  return (await store.records.get(id))?.status;
}

/** The id of a process of this machine that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--eval", ""]);
  await once(child, "exit");
  assert.ok(child.pid);
  return child.pid;
}

test("what a dead process of this machine held is queued again at once", async (context) => {
  const { clock, store, membership, log } = await setUp(context);
  const id = await work(store, clock, { ...membership.record(), id: "wrk_dead", pid: await deadPid() });
  assert.equal((await membership.reclaimFromDead()).length, 1);
  assert.equal(await statusOf(store, id), "queued");
  assert.deepEqual(
    (await store.records.attempts(id, { limit: 9 })).map((attempt) => attempt.outcome),
    ["lost"],
  );
  assert.deepEqual(await store.workers.list(), []);
  assert.deepEqual(log.lines, ["warn: a worker's process ended; its jobs are queued again"]);
});

test("a process of this machine that exists but is silent counts as blocked: what it holds stays its own for longer", async (context) => {
  const { clock, store, membership, log } = await setUp(context);
  const live = { ...membership.record(), id: "wrk_live", pid: process.ppid };
  const id = await work(store, clock, live);
  // looks as often as a worker does, or it would not know who was silent
  const silentFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += HEARTBEAT_MS) {
      clock.advance(HEARTBEAT_MS);
      assert.deepEqual(await membership.reclaimFromDead(), []);
    }
  };
  await silentFor(DEAD_AFTER_MS + BLOCKED_PATIENCE_MS);
  clock.advance(1);
  assert.equal((await membership.reclaimFromDead()).length, 1);
  assert.equal(await statusOf(store, id), "queued");
  const [attempt] = await store.records.attempts(id, { limit: 1 });
  assert.match(attempt?.error ?? "", /was silent for longer than its lease/);
  assert.deepEqual(log.lines, [
    "warn: a worker was silent for longer than its lease; its jobs are queued again",
  ]);
});

test("what a process of this machine holds that somebody has stopped stays its own until its deadline", async (context) => {
  const { clock, store, membership } = await setUp(context);
  const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1_000); console.log('runs')"]);
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  assert.ok(child.pid);
  child.kill("SIGSTOP");
  while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, "utf8"))) await nextTurn(); // it takes a moment
  const id = await work(store, clock, { ...membership.record(), id: "wrk_stopped", pid: child.pid });
  clock.advance(DEAD_AFTER_MS);
  assert.equal((await membership.reclaimFromDead()).length, 0);
  clock.advance(1);
  assert.equal((await membership.reclaimFromDead()).length, 1);
  assert.equal(await statusOf(store, id), "queued");
});

test("what a worker of another machine holds is queued again only after its deadline", async (context) => {
  const { clock, store, membership } = await setUp(context);
  const elsewhere = { ...membership.record(), id: "wrk_far", machine: "elsewhere", pid: await deadPid() };
  const id = await work(store, clock, elsewhere);
  for (let silentMs = 0; silentMs <= DEAD_AFTER_MS; silentMs += HEARTBEAT_MS) {
    assert.equal((await membership.reclaimFromDead()).length, 0);
    clock.advance(HEARTBEAT_MS);
  }
  assert.equal((await membership.reclaimFromDead()).length, 1);
  assert.equal(await statusOf(store, id), "queued");
});

test("after a time in which no worker could be heard, each of the others gets the time of three heartbeats", async (context) => {
  const { clock, store, membership } = await setUp(context);
  const elsewhere = { ...membership.record(), machine: "elsewhere" };
  await work(store, clock, { ...elsewhere, id: "wrk_live" });
  await work(store, clock, { ...elsewhere, id: "wrk_dead" });
  assert.equal((await membership.reclaimFromDead()).length, 0);
  clock.advance(2 * DEAD_AFTER_MS);
  assert.equal((await membership.reclaimFromDead()).length, 0);
  await store.workers.heartbeat("wrk_live", clock.now() + DEAD_AFTER_MS);
  for (let beats = 0; beats < 2; beats++) {
    clock.advance(HEARTBEAT_MS);
    assert.equal((await membership.reclaimFromDead()).length, 0);
  }
  clock.advance(HEARTBEAT_MS);
  assert.equal((await membership.reclaimFromDead()).length, 1);
  assert.deepEqual(
    (await store.workers.list()).map(({ id }) => id),
    ["wrk_live"],
  );
});

test("a worker that cannot reach the database as it leaves says so, and leaves", async (context) => {
  const { clock, store, log } = await setUp(context);
  const away = overlaid(store, {
    workers: { retire: () => Promise.reject(new StoreUnavailableError("gone")) },
  });
  await new Membership(away, clock, log.instrument, FACTS).stop();
  assert.match(log.lines.join("\n"), /^error: this worker could not give back what it holds;/);
});

test("a worker with this process's id from before its start is dead: an earlier life", async (context) => {
  const { clock, store, membership } = await setUp(context);
  const startedAt = Math.floor(Date.now() - process.uptime() * 1_000 - 60_000);
  await work(store, clock, { ...membership.record(), id: "wrk_earlier", startedAt });
  assert.equal((await membership.reclaimFromDead()).length, 1);
});

test("another worker of this very process is alive", async (context) => {
  const { clock, store, membership } = await setUp(context);
  const other = new Membership(store, clock, new RecordedLog().instrument, FACTS);
  await work(store, clock, other.record());
  assert.equal((await membership.reclaimFromDead()).length, 0);
});

test("a worker never mistakes its own jobs for a dead worker's", async (context) => {
  const { clock, store, membership } = await setUp(context);
  await work(store, clock, membership.record());
  clock.advance(10 * DEAD_AFTER_MS);
  assert.equal((await membership.reclaimFromDead()).length, 0);
});

test("a job that was lost too often is reported as failed, with its reason and its bulk run", async (context) => {
  const { clock, store, membership, log } = await setUp(context);
  const failed: unknown[] = [];
  log.instrument["job.failed"].subscribe(({ jobId, task, lane, attempts, bulkId, message, error }) => {
    assert.ok(error instanceof Error && error.message === message);
    failed.push([jobId, task, lane, attempts, bulkId, message]);
  });
  const job = { ...newJob(clock.now()), origin: { bulk: "qtask_1" } };
  await store.queue.commit({ now: clock.now(), enqueues: [{ job }], settlements: [], claim: undefined });
  for (let losses = 0; losses < MAX_LOSSES; losses++) {
    assert.deepEqual(failed, []);
    clock.advance(HOUR_MS);
    await store.queue.promote(clock.now(), 1);
    const dead = { ...membership.record(), id: `wrk_${losses}`, pid: await deadPid() };
    const room = { byDefault: 1, except: new Map<string, number>() };
    const claim = { worker: dead, limit: 1, maxBytes: 1_000, room };
    const { claimed } = await store.queue.commit({ now: clock.now(), enqueues: [], settlements: [], claim });
    for (const lease of claimed) await store.workers.isolate(lease, isSuspect(lease));
    assert.equal((await membership.reclaimFromDead()).length, 1);
  }
  const { error } = (await store.records.get(job.id)) ?? {};
  assert.deepEqual(failed, [[job.id, job.task, job.lane, MAX_LOSSES, "qtask_1", error]]);
  assert.equal(log.lines.at(-1), "error: job failed permanently");
});

test("a heartbeat postpones the deadline", async (context) => {
  const { clock, store, membership } = await setUp(context);
  await work(store, clock, membership.record());
  clock.advance(5_000);
  await membership.heartbeat();
  assert.equal((await store.workers.list())[0]?.deadline, clock.now() + DEAD_AFTER_MS);
});

test("a worker that was declared dead says so when it finds out", async (context) => {
  const { clock, store, membership, log } = await setUp(context);
  const record = membership.record();
  await work(store, clock, record);
  await store.workers.reclaim(record, clock.now(), "silent");
  await membership.heartbeat();
  assert.deepEqual(log.lines, [
    "warn: this worker was declared dead while it could not run; its jobs were queued again",
  ]);
});
