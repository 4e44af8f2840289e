import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { silentLog } from "../../observe/log.ts";
import { HandlerContext } from "./handler-context.ts";

class Context extends HandlerContext {
  protected get logFields() {
    return {};
  }
}

const TIME_UP = new Error("its time is up");

test("a listener is told once why to stop, as the signal is, and one that comes late is told immediately", () => {
  const context = new Context(silentLog);
  const { signal } = context;
  const told: Error[] = [];
  context.onAbort((reason) => told.push(reason));
  context.abort(TIME_UP);
  context.abort(new Error("the worker is shutting down"));
  assert.deepEqual([told, signal.reason], [[TIME_UP], TIME_UP]);
  context.onAbort((reason) => told.push(reason));
  assert.deepEqual(told, [TIME_UP, TIME_UP]);
});

test("a listener that was removed is told nothing", () => {
  const context = new Context(silentLog);
  const unlisten = context.onAbort(() => assert.fail("it was told"));
  unlisten();
  context.abort(TIME_UP);
  assert.equal(context.reason, TIME_UP);
});

test("a handler has a second of grace once its time is up, and none of it counts after its end", () => {
  const clock = new ManualClock();
  const happened: string[] = [];
  const late = { timeUp: () => happened.push("time up"), overdue: () => happened.push("overdue") };
  const begin = () => {
    const context = new Context(silentLog);
    context.limit(clock, 100, late);
    return context;
  };
  const [, inGrace, inTime] = [begin(), begin(), begin()];
  inTime.end();
  clock.advance(100);
  assert.deepEqual(happened, ["time up", "time up"]);
  inGrace.end();
  clock.advance(1_000);
  assert.deepEqual(happened, ["time up", "time up", "overdue"]);
});
