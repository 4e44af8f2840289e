import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../../core/errors.ts";
import { listJobs } from "../../list-jobs.ts";
import type { Store } from "../../store.ts";
import { DAY, NOW } from "../../test-kit/store-under-test.ts";
import {
  claim,
  endedBefore,
  enqueue,
  enqueueAndClaim,
  newJob,
  settle,
  settlement,
  succeed,
} from "../../test-kit/stored-jobs.ts";
import { openForTest, scratchFile } from "../test-kit/scratch.ts";

const MAX_BYTES = 1024 * 1024;

function isFull(thrown: unknown): boolean {
  assert.ok(thrown instanceof StoreUnavailableError);
  assert.match(thrown.message, /--max-database-size/);
  return true;
}

const bigJob = () => newJob({ payload: "x".repeat(50_000) });

/** A store with as many jobs as it takes. */
async function fullStore(context: TestContext): Promise<Store> {
  const store = await openForTest(context, { file: scratchFile(context), maxBytes: MAX_BYTES });
  for (let n = 0; n < 100; n++) {
    try {
      await enqueue(store, [bigJob()]);
    } catch (error) {
      assert.ok(isFull(error));
      return store;
    }
  }
  throw new Error("it was never full");
}

test("new jobs are refused once the file holds what it may, and the check says why", async (context) => {
  const store = await fullStore(context);
  const kept = (await listJobs(store.records, {}, { limit: 100 })).length;
  await assert.rejects(enqueue(store, [bigJob()]), isFull);
  await assert.rejects(store.check(), isFull);
  assert.equal((await listJobs(store.records, {}, { limit: 100 })).length, kept);
});

test("what is in a full store is still claimed, and its attempts are recorded", async (context) => {
  const store = await fullStore(context);
  const claimed = await claim(store);
  assert.ok(claimed.length > 10);
  for (const lease of claimed) assert.equal(await succeed(store, lease), true);
  assert.equal(
    (await listJobs(store.records, { status: "succeeded" }, { limit: 100 })).length,
    claimed.length,
  );
});

test("pruning makes room in a full store", async (context) => {
  const store = await fullStore(context);
  for (const lease of await claim(store)) await succeed(store, lease);
  const { pruned } = await store.retention.pruneJobs(endedBefore(NOW + DAY), null, 10);
  assert.equal(pruned, 10);
  await store.check();
  await enqueue(store, [bigJob()]);
});

test("a write that even the reserve has no room for fails as unavailable, and none of it was done", async (context) => {
  const store = await openForTest(context, { file: scratchFile(context), maxBytes: MAX_BYTES });
  const lease = await enqueueAndClaim(store);
  const tooMuch = settlement(lease, { status: "succeeded", result: "x".repeat(10 * MAX_BYTES) });
  await assert.rejects(settle(store, tooMuch), (thrown) => {
    assert.ok(thrown instanceof StoreUnavailableError);
    assert.match(thrown.message, /no space is left/); // SQLITE_FULL
    return true;
  });
  assert.equal((await store.records.get(lease.id))?.status, "running");
  assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
  assert.equal(await succeed(store, lease), true);
});
