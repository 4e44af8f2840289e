import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock, systemClock } from "./clock.ts";

test("a manual clock stands still until it is advanced", () => {
  const clock = new ManualClock(1_000);
  assert.equal(clock.now(), 1_000);
  clock.advance(250);
  assert.equal(clock.now(), 1_250);
});

test("what falls due runs in order, each at its own moment, those of one moment in the order they were asked for", () => {
  const clock = new ManualClock(0);
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.now()]);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  clock.after(20, note("b1"));
  clock.after(20, note("b2"));
  clock.after(31, note("not yet"));
  clock.advance(30);
  assert.deepEqual(seen, [
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
    ["c", 30],
  ]);
});

test("what an action asks for runs in the same advance when it falls due in it", () => {
  const clock = new ManualClock(0);
  const seen: number[] = [];
  const again = () => {
    seen.push(clock.now());
    clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  assert.deepEqual(seen, [10, 20, 30]);
  clock.advance(5);
  assert.deepEqual(seen, [10, 20, 30, 40]);
});

test("what was cancelled never runs, and cancelling again, or too late, does nothing", () => {
  const clock = new ManualClock(0);
  const seen: string[] = [];
  const cancelB = clock.after(10, () => seen.push("b"));
  const cancelA = clock.after(5, () => {
    seen.push("a");
    cancelB();
  });
  clock.advance(20);
  cancelA();
  cancelB();
  assert.deepEqual(seen, ["a"]);
});

test("a wait of zero or less ends with the next advance", () => {
  const clock = new ManualClock(0);
  const seen: number[] = [];
  clock.after(-5, () => seen.push(clock.now()));
  assert.deepEqual(seen, []);
  clock.advance(0);
  assert.deepEqual(seen, [0]);
});

function mockTimers(context: TestContext): TestContext["mock"]["timers"] {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  return context.mock.timers;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

test("the system clock waits longer than one of Node's timers can", (context) => {
  const timers = mockTimers(context);
  let runs = 0;
  systemClock.after(2 * LONGEST_TIMER_MS + 1_000, () => runs++);
  for (const ms of [LONGEST_TIMER_MS, LONGEST_TIMER_MS, 999]) {
    timers.tick(ms);
    assert.equal(runs, 0);
  }
  timers.tick(1);
  assert.equal(runs, 1);
});

test("a long wait can be cancelled in any of its parts", (context) => {
  const timers = mockTimers(context);
  let runs = 0;
  const cancel = systemClock.after(2 * LONGEST_TIMER_MS, () => runs++);
  timers.tick(LONGEST_TIMER_MS + 5);
  cancel();
  cancel();
  timers.tick(2 * LONGEST_TIMER_MS);
  assert.equal(runs, 0);
});

test("the system clock runs immediately what is due, and tells the real time", (context) => {
  const before = Date.now();
  const now = systemClock.now();
  assert.ok(now >= before && now <= Date.now());
  const timers = mockTimers(context);
  let runs = 0;
  systemClock.after(-10, () => runs++);
  timers.tick(0);
  assert.equal(runs, 1);
});
