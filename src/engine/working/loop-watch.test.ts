import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import type { LeasedJob } from "../../store/queue.ts";
import { newJob, setUp as setUpEngine } from "../test-kit/engine-under-test.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { quiet } from "../test-kit/turns.ts";
import { LoopWatch } from "./loop-watch.ts";

const EVERY = 1_000;
const LEASE = 30_000;

function leased(): LeasedJob {
  const tries = { attempts: 1, failures: 0, losses: 0 };
  return {
    ...newJob(0),
    ...tries,
    handle: 1,
    token: 1,
    startedAt: 0,
    dueAt: 0,
    ties: undefined,
    origin: undefined,
  };
}

function setUp(running: readonly LeasedJob[] = [leased()]) {
  const log = new RecordedLog();
  const time = { now: 50_000 };
  const watch = new LoopWatch(
    log.instrument,
    new ManualClock(),
    LEASE,
    () => running,
    () => time.now,
  );
  watch.start();
  return {
    log,
    stalled: (job: LeasedJob, ms: number) => log.instrument["handler.stalled"].publish({ job, ms }),
    ended: (job: LeasedJob) => log.instrument["handler.ended"].publish(job),
    time,
    /** The next tick, so much later than it should be. */
    tickLate(ms: number): void {
      time.now += EVERY + ms;
      watch.tick();
    },
  };
}

test("nothing is reported of ticks that come about when they should", () => {
  const { log, tickLate } = setUp();
  for (const late of [0, -20, 4_999]) tickLate(late);
  assert.deepEqual(log.lines, []);
});

test("a tick that comes seconds late shows that a handler blocked the event loop", () => {
  const { log, tickLate } = setUp();
  tickLate(5_000);
  tickLate(0);
  assert.deepEqual(log.lines, ["warn: a handler blocked the event loop; give long computations a thread"]);
});

test("past the lease the log says what that means for the jobs", () => {
  const { log, tickLate } = setUp();
  tickLate(LEASE);
  assert.match(log.lines[0] ?? "", /past its lease: its jobs may run again elsewhere/);
});

test("no handler is blamed when none runs", () => {
  const { log, tickLate } = setUp([]);
  tickLate(60_000);
  assert.deepEqual(log.lines, []);
});

test("a handler that is known to have blocked is named alone, and once", () => {
  const { log, stalled, tickLate } = setUp([leased(), leased()]);
  stalled(leased(), 7_000);
  tickLate(6_000);
  tickLate(0);
  assert.equal(log.lines.length, 1);
  tickLate(5_000);
  assert.equal(log.lines.length, 2, "the next is told again");
});

test("a handler that ended as soon as it no longer blocked is named, and before others", () => {
  for (const others of [[], [leased()]]) {
    const { log, ended, time, tickLate } = setUp(others);
    ended(leased()); // before anything was blocked
    const culprit = leased();
    time.now += 7_000;
    ended(culprit);
    tickLate(0);
    assert.equal(log.lines.length, 1);
    const { jobs, running } = log.fields[0] ?? {};
    assert.deepEqual([(jobs as string[])[0], running], [`controlled ${culprit.id}`, 1 + others.length]);
    tickLate(0);
    assert.equal(log.lines.length, 1);
  }
});

test("what the first handler of an engine blocks is noticed too", async (context) => {
  const { task, acceptOne, pass, log } = await setUpEngine(context);
  await acceptOne();
  const now = performance.now.bind(performance);
  context.mock.method(performance, "now", () => now() + EVERY + 6_000);
  task.at(0).end();
  await quiet();
  await pass(EVERY);
  assert.deepEqual(log.lines, ["warn: a handler blocked the event loop; give long computations a thread"]);
});
