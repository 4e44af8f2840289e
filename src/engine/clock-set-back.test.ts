import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { DueTimer } from "./due-timer.ts";
import { Lanes } from "./lanes/lanes.ts";
import { Limits } from "./lanes/limits.ts";
import { Pace } from "./lanes/pace.ts";
import { AdjustableClock } from "./test-kit/adjustable-clock.ts";
import { newJob } from "./test-kit/engine-under-test.ts";
import { RecordedLog } from "./test-kit/recorded-log.ts";
import { quiet } from "./test-kit/turns.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

async function setUp(context: TestContext) {
  const clock = new AdjustableClock("2026-05-01T12:00:00Z");
  const store = await openSqliteStore({ file: ":memory:" });
  const log = new RecordedLog();
  let timer = new DueTimer(store, clock, log.instrument);
  context.after(async () => {
    await timer.stop();
    await store.close();
  });
  await timer.start();
  return {
    clock,
    log,
    /** Makes a job wait, as an enqueue with a delay does, or a failed attempt. */
    async wait(ms: number): Promise<void> {
      const enqueues = [{ job: newJob(clock.now(), { runAt: clock.now() + ms }) }];
      await store.queue.commit({ now: clock.now(), enqueues, settlements: [], claim: undefined });
      timer.note(clock.now() + ms);
    },
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 5 * SECOND) {
        clock.advance(Math.min(left, 5 * SECOND));
        await timer.refresh(); // with each heartbeat
        await quiet();
      }
    },
    async restart(): Promise<void> {
      await timer.stop();
      timer = new DueTimer(store, clock, log.instrument);
      await timer.start();
      await quiet();
    },
    isWaiting: async () => (await store.queue.nextDue()) !== null,
  };
}

test("a clock set back by hours holds up no job that waits", async (context) => {
  const { clock, wait, pass, isWaiting, log } = await setUp(context);
  await wait(6 * SECOND);
  await wait(20 * SECOND);
  clock.set(-5 * HOUR);
  await pass(12 * SECOND);
  assert.ok(log.lines.includes("warn: the clock was set back; waiting jobs keep their pauses"));
  assert.ok(await isWaiting(), "the second");
  await pass(14 * SECOND);
  assert.equal(await isWaiting(), false);
});

test("one set back while nothing ran holds up no more than the time that nothing ran", async (context) => {
  const { clock, wait, pass, restart, isWaiting } = await setUp(context);
  await wait(6 * SECOND);
  clock.set(-5 * HOUR);
  await restart();
  await pass(10 * SECOND);
  assert.equal(await isWaiting(), false);
});

test("what began to wait before the clock went wrong waits as long as it was told to, once the clock is right again", async (context) => {
  const { clock, wait, pass, isWaiting } = await setUp(context);
  await wait(48 * HOUR);
  clock.set(26 * HOUR);
  await pass(5 * SECOND);
  clock.set(-26 * HOUR);
  await pass(5 * SECOND);
  clock.advance(47 * HOUR);
  await pass(5 * SECOND);
  assert.ok(await isWaiting());
  clock.advance(HOUR);
  await pass(5 * SECOND);
  assert.equal(await isWaiting(), false);
});

test("a lane that rests does not rest longer because a clock was set back", () => {
  const lanes = new Lanes(32, new Limits(), new Pace());
  const now = 10 * HOUR;
  lanes.rest("lane", now + 60 * SECOND);
  assert.equal(lanes.room(now, 8).except.get("lane"), 0);
  assert.equal(lanes.room(now - 5 * HOUR, 8).except.get("lane"), undefined);
});
