import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { overlaid } from "../store/overlaid-store.ts";
import { setUp } from "./test-kit/engine-under-test.ts";

/** An engine on a store that counts who wants to hear of changes elsewhere, and can say that there was one. */
async function hearing(t: TestContext, options: { concurrency?: number; start?: boolean } = {}) {
  const listeners = new Set<() => void>();
  let times = 0;
  const it = await setUp(t, {
    ...options,
    between: (store) =>
      overlaid(store, {
        queue: {
          changedElsewhere: async () => true,
          onChange: (changed) => {
            times++;
            listeners.add(changed);
            return () => listeners.delete(changed);
          },
        },
      }),
  });
  return {
    ...it,
    isHearing: () => listeners.size > 0,
    timesBegun: () => times,
  };
}

test("a worker with a free slot is notified of others' work as long as it is idle", async (t) => {
  const { isHearing, pass, timesBegun, engine } = await hearing(t);
  assert.ok(isHearing());
  for (let n = 0; n < 5; n++) await pass(1_000);
  assert.ok(isHearing());
  assert.equal(timesBegun(), 1);
  await engine.drain(0);
  assert.ok(!isHearing(), "what drains takes no more");
});

test("a worker whose slots are all taken does not hear, until one is free and nothing more is ready", async (t) => {
  const { isHearing, pass, accept, task, engine } = await hearing(t, { concurrency: 2 });
  await accept(1);
  await pass(5_000);
  assert.ok(isHearing(), "it has a slot left");
  for (const lane of ["a", "b", "c"]) await accept(1, { lane });
  await pass(1_000);
  await pass(1_000);
  assert.ok(!isHearing());
  task.at(0).end();
  await pass(1);
  assert.equal(task.runs.length, 3, "it has found the next job by itself");
  await pass(1_000);
  assert.ok(!isHearing());
  task.endAll();
  await pass(1);
  assert.equal(task.runs.length, 4);
  assert.ok(isHearing(), "there is room again");
  task.endAll();
  await engine.stop(0);
});

test("a full worker still learns within a second of what others have changed", async (t) => {
  const { isHearing, pass, accept, task, real, clock, engine } = await hearing(t, { concurrency: 1 });
  const [first = ""] = await accept(1);
  await pass(1_000);
  await pass(1_000);
  assert.ok(!isHearing());
  const ended = engine.ended(first, 60_000);
  await real.byHand.cancel(first, clock.now());
  await pass(1_000);
  await ended;
  assert.ok(task.at(0).signal.aborted);
  task.endAll();
});

test("a process that runs nothing does not hear", async (t) => {
  const { isHearing, pass, engine } = await hearing(t, { start: false });
  await engine.watch();
  await pass(2_000);
  assert.ok(!isHearing());
  await engine.stop(0);
});
