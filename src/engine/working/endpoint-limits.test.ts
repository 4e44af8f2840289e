import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../core/id.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { LaneLimits } from "../task.ts";
import { ControlledTask } from "../test-kit/controlled-task.ts";
import { setUp } from "../test-kit/engine-under-test.ts";
import { quiet } from "../test-kit/turns.ts";

/** A task whose lanes each have limits of their own, and tenants too; what it does not know it has to load first. */
class LimitedTask extends ControlledTask {
  readonly lanes = new Map<string, LaneLimits>();
  readonly tenants = new Map<string, LaneLimits>();
  readonly known = new Set<string>();
  readonly loads: string[][] = [];
  loading: Promise<void> = Promise.resolve();
  override readonly limitsOf = (job: LeasedJob) => this.lanes.get(job.lane);
  readonly tenantLimitsOf = (job: LeasedJob) => this.tenants.get(job.lane.slice(0, 31));
  isPrepared: ((job: LeasedJob) => boolean) | undefined;

  async prepare(jobs: readonly LeasedJob[]): Promise<void> {
    this.loads.push(jobs.map(({ lane }) => lane));
    await this.loading;
    for (const { lane } of jobs) this.known.add(lane);
  }

  /** From now on, lanes are not known before they are loaded. */
  forgetAll(): void {
    this.known.clear();
    this.isPrepared = ({ lane }) => this.known.has(lane);
  }
}

const TENANT = `app_${"a".repeat(26)}/`;
const SPAN = 60_000;

function lanesOf(count: number): string[] {
  return Array.from({ length: count }, () => `${TENANT}${newId("ep")}`);
}

test("each lane keeps to its own limit", async (context) => {
  const task = new LimitedTask();
  const { accept, statuses } = await setUp(context, { tasks: [task] });
  task.lanes.set("one", { concurrency: 1 }).set("three", { concurrency: 3 });
  const ids = [
    ...(await accept(10, { lane: "one" })),
    ...(await accept(10, { lane: "three" })),
    ...(await accept(10, { lane: "free" })),
  ];
  const counts = ["one", "three", "free"].map((lane) => task.openOf(lane).length);
  assert.deepEqual(counts, [1, 3, 10]);
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.deepEqual(await statuses(ids), { succeeded: 30 });
});

test("a limit that is changed counts within a second, and what runs stays counted", async (context) => {
  const task = new LimitedTask();
  const { accept, pass } = await setUp(context, { tasks: [task] });
  task.lanes.set("lane", { concurrency: 2 });
  await accept(30, { lane: "lane" });
  assert.equal(task.open.size, 2);
  task.lanes.set("lane", { concurrency: 5 });
  await pass(1_000);
  assert.equal(task.open.size, 5, "loosened, with nothing else to wake the worker");
  task.lanes.set("lane", { concurrency: 3 });
  await pass(1_000);
  task.open.values().next().value?.end();
  await quiet();
  assert.equal(task.open.size, 4, "tightened: none begins until fewer run than the limit");
  for (let n = 0; n < 4; n++) {
    task.open.values().next().value?.end();
    await quiet();
    assert.equal(task.open.size, 3);
  }
  task.lanes.delete("lane");
  await pass(1_000);
  assert.ok(task.open.size > 3, "taken off");
});

test("a rate that is changed counts within a second, and what has begun stays counted", async (context) => {
  const task = new LimitedTask();
  const { accept, pass } = await setUp(context, { tasks: [task] });
  task.lanes.set("lane", { rate: { limit: 2, perMs: SPAN } });
  await accept(30, { lane: "lane" });
  assert.equal(task.runs.length, 2);
  task.lanes.set("lane", { rate: { limit: 6, perMs: SPAN } });
  await pass(1_000);
  assert.equal(task.runs.length, 6);
  task.lanes.set("lane", { rate: { limit: 3, perMs: SPAN } });
  task.endAll();
  await pass(SPAN - 900);
  assert.equal(task.runs.length, 6, "of the six four still count");
  await pass(1_000);
  assert.equal(task.runs.length, 6 + 3);
});

test("a tenant's jobs at once are limited over all its lanes, and others are not disturbed", async (context) => {
  const task = new LimitedTask();
  const { accept, pass, statuses } = await setUp(context, { tasks: [task] });
  task.tenants.set(TENANT, { concurrency: 3 });
  const ids: string[] = [];
  for (const lane of lanesOf(8)) ids.push(...(await accept(3, { lane })));
  assert.equal(task.open.size, 3);
  await accept(4, { lane: "other" });
  assert.equal(task.openOf("other").length, 4);
  task.tenants.set(TENANT, { concurrency: 4 });
  await pass(1_000);
  let most = 0;
  while (task.open.size > 0) {
    most = Math.max(most, [...task.open].filter(({ job }) => job.lane.startsWith(TENANT)).length);
    task.endAll();
    await quiet();
  }
  assert.equal(most, 4);
  assert.deepEqual(await statuses(ids), { succeeded: 24 });
});

test("a tenant's rate is kept over all its lanes", async (context) => {
  const task = new LimitedTask();
  const { accept, pass } = await setUp(context, { tasks: [task] });
  task.tenants.set(TENANT, { rate: { limit: 5, perMs: SPAN } });
  for (const lane of lanesOf(8)) await accept(2, { lane });
  for (const most of [5, 10, 15, 16]) {
    task.endAll();
    await quiet();
    assert.equal(task.runs.length, most);
    await pass(SPAN);
  }
});

test("what a claim brings and the task does not know is loaded at once, and begins with its limits", async (context) => {
  const task = new LimitedTask();
  task.forgetAll();
  const { promise, resolve } = Promise.withResolvers<void>();
  task.loading = promise;
  const { engine, accept } = await setUp(context, { tasks: [task], start: false });
  for (const lane of ["one", "two", "three"]) {
    task.lanes.set(lane, { concurrency: 1 });
    await accept(2, { lane });
  }
  await engine.start();
  await quiet();
  assert.equal(task.loads.length, 1);
  assert.deepEqual(new Set(task.loads[0]), new Set(["one", "two", "three"]));
  assert.equal(task.runs.length, 0, "none begins before");
  resolve();
  await quiet();
  assert.deepEqual(new Set(task.runs.map(({ job }) => job.lane)), new Set(["one", "two", "three"]));
  assert.equal(task.mostOfOneLane, 1);
  while (task.open.size > 0) {
    task.endAll();
    await quiet();
  }
  assert.equal(task.runs.length, 6);
  assert.equal(task.loads.length, 1, "what is known is not loaded again");
});

test("what cannot be loaded goes back uncounted, and is tried again", async (context) => {
  const task = new LimitedTask();
  task.forgetAll();
  task.loading = Promise.reject(new Error("not now"));
  task.loading.catch(() => {});
  const { accept, pass, look, log } = await setUp(context, { tasks: [task] });
  const [id = ""] = await accept(1, { lane: "lane" });
  const { status, attempts } = await look(id);
  assert.deepEqual([status, attempts, task.runs.length], ["queued", 0, 0]);
  assert.equal(task.loads.length, 1, "not at once");
  assert.deepEqual(log.lines.filter((line) => line.startsWith("error")).length, 1);
  task.loading = Promise.resolve();
  await pass(1_100);
  assert.equal(task.at(0).job.attempts, 1);
});

test("limits that a task has to load again stay as they were until it has", async (context) => {
  const task = new LimitedTask();
  const { accept, pass } = await setUp(context, { tasks: [task] });
  task.lanes.set("lane", { concurrency: 2 });
  await accept(9, { lane: "lane" });
  const { promise, resolve } = Promise.withResolvers<void>();
  task.loading = promise;
  task.forgetAll();
  task.lanes.set("lane", { concurrency: 4 });
  await pass(1_000);
  assert.equal(task.open.size, 2);
  resolve();
  await pass(1_000);
  assert.equal(task.open.size, 4);
});

test("a lane and its tenant that one worker has each are that same worker's", async (context) => {
  const task = new LimitedTask();
  const set = await setUp(context, { tasks: [task], startsAt: Date.now() });
  const others = [await set.another(), await set.another()];
  await set.pass(5_000); // a heartbeat, after which all know of all
  const lanes = lanesOf(6);
  task.tenants.set(TENANT, { concurrency: 2 });
  for (const lane of lanes) task.lanes.set(lane, { concurrency: 1 });
  const ids: string[] = [];
  for (const lane of lanes) ids.push(...(await set.accept(2, { lane })));
  for (let round = 0; round < 20; round++) {
    assert.ok(task.open.size <= 2);
    task.endAll();
    for (const engine of [set.engine, ...others]) engine.wake();
    await quiet();
  }
  assert.deepEqual(await set.statuses(ids), { succeeded: 12 });
  assert.equal(task.mostOfOneLane, 1);
});

test("after a restart a slow rate continues where it stopped", async (context) => {
  const task = new LimitedTask();
  task.lanes.set("slow", { rate: { limit: 2, perMs: SPAN } });
  const set = await setUp(context, { tasks: [task] });
  await set.accept(9, { lane: "slow" });
  assert.equal(task.runs.length, 2);
  task.endAll();
  await set.pass(20_000);
  await set.engine.stop(1_000);
  await set.another();
  await quiet();
  assert.equal(
    task.runs.length,
    2,
    "as if it had begun at its rate until it stopped: the next is due after half the span",
  );
  await set.pass(10_000);
  assert.equal(task.runs.length, 3);
  await set.pass(29_000);
  assert.equal(task.runs.length, 3);
  await set.pass(1_000);
  assert.equal(task.runs.length, 4);
});

test("a slow rate belongs to one worker, and passes to another when that one drains, which continues where it stopped", async (context) => {
  const task = new LimitedTask();
  const limits = { rate: { limit: 1, perMs: SPAN } };
  task.lanes.set("slow", limits);
  const theirs = new LimitedTask();
  theirs.lanes.set("slow", limits);
  const set = await setUp(context, { tasks: [task], startsAt: Date.now() });
  const other = await set.another({ tasks: [theirs] });
  await set.pass(5_000); // a heartbeat, after which both know of both
  await set.accept(9, { lane: "slow" });
  other.wake();
  await quiet();
  await set.pass(SPAN);
  assert.deepEqual([task.runs.length, theirs.runs.length].sort(), [0, 2]);
  const [busy, left] = task.runs.length > 0 ? [set.engine, theirs] : [other, task];
  const running = left === theirs ? task : theirs;
  running.at(0).end();
  const draining = busy.drain(3 * SPAN);
  await quiet();
  await set.pass(5_000); // a heartbeat
  assert.equal(left.runs.length, 0);
  await set.pass(SPAN - 5_000);
  assert.equal(left.runs.length, 1, "while the other still drains");
  running.endAll();
  await draining;
});

for (const workers of [1, 3]) {
  test(`a lane of ten a second begins ten a second, on ${workers} ${workers === 1 ? "worker" : "workers"}`, async (context) => {
    const task = new LimitedTask();
    task.lanes.set("lane", { rate: { limit: 10, perMs: 1_000 } });
    const set = await setUp(context, { tasks: [task], startsAt: Date.now(), concurrency: 16, start: false });
    const engines = [set.engine];
    for (let n = 1; n < workers; n++) engines.push(await set.another());
    await set.engine.start();
    await set.pass(5_000); // a heartbeat, after which all know of all
    await set.accept(1_000, { lane: "lane" });
    for (const engine of engines) engine.wake();
    await quiet();
    const before = task.runs.length;
    for (let ms = 0; ms < 60_000; ms += 100) {
      task.endAll();
      await set.pass(100);
    }
    const begun = task.runs.length - before;
    assert.ok(begun >= 540 && begun <= 660, `${begun} in a minute`);
  });
}
