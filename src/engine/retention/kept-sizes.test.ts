import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ManualClock } from "../../core/clock.ts";
import { Instrument } from "../../observe/instrument.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { newEvent, submissionOf } from "../../store/test-kit/shelves/event-claims.ts";
import { NOW, SECOND } from "../../store/test-kit/store-under-test.ts";
import { claim, commit, enqueueAndClaim, fail, succeed } from "../../store/test-kit/stored-jobs.ts";
import { Pruner } from "./pruner.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
const payload = JSON.stringify("x".repeat(9_500)); // with what its rows take, 10 000

test("of each kind the youngest are kept up to its size, however late they ended", async (t) => {
  const store = await openSqliteStore({ file: ":memory:" });
  t.after(() => store.close());
  const clock = new ManualClock(NOW + DAY);
  const made = { succeeded: [] as string[], failed: [] as string[] };
  const event = newEvent({ createdAt: NOW - SECOND });
  await commit(store, { submissions: [submissionOf(event, 1)] });
  for (const lease of await claim(store)) await succeed(store, lease, NOW);
  for (let n = 0; n < 60; n++) {
    const lease = await enqueueAndClaim(store, { payload, createdAt: NOW + n });
    await (n % 3 === 0 ? fail : succeed)(store, lease, NOW + DAY - SECOND - n);
    made[n % 3 === 0 ? "failed" : "succeeded"].unshift(lease.id);
  }
  const rules = { jobsMs: 30 * DAY, succeededBytes: 250_000, failedBytes: 85_000 };
  const pruner = new Pruner(store, clock, new Instrument(), rules);
  const run = async () => {
    let isOver = false;
    const running = pruner.run().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await nextTurn();
      clock.advance(10);
    }
    await running;
  };
  const kept = async (status: "succeeded" | "failed") =>
    (await store.records.list({ status }, { limit: 100 })).jobs.map(({ id }) => id);

  await run();
  assert.deepEqual(await kept("succeeded"), made.succeeded.slice(0, 24));
  assert.deepEqual(await kept("failed"), made.failed.slice(0, 8));
  assert.equal(await store.events.get(event.id), undefined, "nor what only they delivered");

  for (const lease of [await enqueueAndClaim(store, { payload, createdAt: clock.now() })])
    await succeed(store, lease, clock.now());
  await run();
  assert.equal((await kept("succeeded")).length, 25, "not weighed again so soon");
  clock.advance(10 * MINUTE);
  await run();
  assert.equal((await kept("succeeded")).length, 24);
  assert.equal((await kept("failed")).length, 8);
});
