import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailableError } from "../../../core/errors.ts";
import { WORKER } from "../../test-kit/store-under-test.ts";
import { claim, commit, enqueue, newJob, settlement, UNLIMITED } from "../../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

test("of statements sent together the first that failed says why, not those that failed because it did", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  await enqueue(store, [newJob(), newJob()]);
  const [lease] = await claim(store, { limit: 1 });
  assert.ok(lease);
  const holder = await connectForTest(t, url);
  await holder.query("begin; lock table posthorn.leases in access exclusive mode");
  const settlements = [settlement(lease, { status: "succeeded", result: null })];
  const request = { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED };
  await assert.rejects(commit(store, { settlements, claim: request }), StoreUnavailableError);
  await holder.query("rollback");
  assert.deepEqual((await commit(store, { settlements, claim: request })).settled, [true]);
});
