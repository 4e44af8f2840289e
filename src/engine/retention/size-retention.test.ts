import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { Instrument } from "../../observe/instrument.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { NOW, SECOND } from "../../store/test-kit/store-under-test.ts";
import { enqueue, enqueueAndClaim, fail, newJobs, succeed } from "../../store/test-kit/stored-jobs.ts";
import { Pruner } from "./pruner.ts";

const payload = JSON.stringify("x".repeat(20_000));
const DAY = 86_400_000;

async function idsOf(store: Store, status: "succeeded" | "failed" | "queued"): Promise<string[]> {
  return (await store.records.list({ status }, { limit: 500 })).jobs.map(({ id }) => id);
}

test("above its size, the oldest that have ended are deleted: succeeded ones first, and never what waits", async (t) => {
  const store = await openSqliteStore({ file: ":memory:" });
  t.after(() => store.close());
  const clock = new ManualClock(NOW + DAY);
  const succeeded: string[] = [];
  for (let n = 0; n < 120; n++) {
    const lease = await enqueueAndClaim(store, { payload, createdAt: NOW + n });
    await (n % 3 === 0 ? fail : succeed)(store, lease, NOW + SECOND + n);
    if (n % 3 !== 0) succeeded.unshift(lease.id);
  }
  await enqueue(store, newJobs(20, { payload, runAt: NOW + 90 * DAY }));
  const used = (await store.retention.usedBytes()) ?? 0;
  assert.ok(used > 140 * payload.length);
  const prune = async (mostBytes: number) => {
    let isOver = false;
    const running = new Pruner(store, clock, new Instrument(), { jobsMs: 30 * DAY, mostBytes }).run();
    void running.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(setImmediate);
      clock.advance(10);
    }
    await running;
  };

  await prune(used);
  assert.deepEqual(await idsOf(store, "succeeded"), succeeded, "there is room");
  const most = Math.round(used * 0.8);
  await prune(most);
  assert.ok(((await store.retention.usedBytes()) ?? 0) <= most);
  const kept = await idsOf(store, "succeeded");
  assert.ok(kept.length > 0 && kept.length < succeeded.length);
  assert.deepEqual(kept, succeeded.slice(0, kept.length), "the youngest");
  assert.equal((await idsOf(store, "failed")).length, 40);

  await prune(1);
  assert.deepEqual([await idsOf(store, "succeeded"), await idsOf(store, "failed")], [[], []]);
  assert.equal((await idsOf(store, "queued")).length, 20);
});
