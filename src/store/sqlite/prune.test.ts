import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DAY, HOUR, NOW } from "../test-kit/store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  endedBefore,
  enqueue,
  failForNow,
  newJob,
  newJobs,
  succeed,
} from "../test-kit/stored-jobs.ts";
import { openForTest, scratchFile } from "./test-kit/scratch.ts";

const TABLES = ["jobs", "ready", "scheduled", "leases", "finished", "attempts", "idempotency_keys"];

test("pruning leaves no row behind of what it deletes", async (context) => {
  const file = scratchFile(context);
  const store = await openForTest(context, { file });
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  await commit(store, { enqueues: [{ job: newJob(), idempotency }] });
  await failForNow(store, await claimOne(store), NOW, NOW);
  await enqueue(store, newJobs(20));
  for (const lease of await claim(store)) await succeed(store, lease, NOW);
  const cancelled = newJob();
  await enqueue(store, [cancelled]);
  await store.byHand.cancel(cancelled.id, NOW);

  assert.equal((await store.retention.pruneJobs(endedBefore(NOW + DAY), null, 100)).pruned, 22);
  assert.equal(await store.retention.pruneIdempotencyKeys(NOW + DAY, 100), 1);
  const connection = new DatabaseSync(file);
  context.after(() => connection.close());
  for (const table of TABLES) {
    assert.equal(connection.prepare(`select count(*) as n from ${table}`).get()?.n, 0, table);
  }
});

test("a job made after all before it were pruned is a job of its own", async (context) => {
  const store = await openForTest(context, { file: scratchFile(context) });
  await enqueue(store, [newJob()]);
  const old = await claimOne(store);
  await succeed(store, old, NOW);
  await store.retention.pruneJobs(endedBefore(NOW + DAY), null, 100);
  const fresh = newJob();
  await enqueue(store, [fresh]);
  const lease = await claimOne(store);
  assert.equal(await succeed(store, old), false); // a late word on the pruned job
  assert.deepEqual([lease.id, lease.attempts], [fresh.id, 1]);
  assert.deepEqual(await store.records.attempts(fresh.id, { limit: 9 }), []);
  assert.equal(await store.records.get(old.id), undefined);
});
