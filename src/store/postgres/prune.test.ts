import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, NOW } from "../test-kit/store-under-test.ts";
import { commit } from "../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();
const LIMIT = 3;
const EACH = 10;

/** What a planner chooses that takes its tables for tiny, or has just not been told better. */
const PLANS = ["enable_hashjoin", "enable_hashagg", "enable_mergejoin", "enable_sort", "enable_material"];

test("retention deletes no more at once than the limit, whatever plan the server chooses", async (t) => {
  const url = await server.newDatabase();
  const admin = await connectForTest(t, url);
  const { rows } = await admin.query("select current_database() as name");
  for (const setting of PLANS) await admin.query(`alter database "${rows[0].name}" set ${setting} = off`);
  const store = await openForTest(t, url);
  const onSettled = { task: "done", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };
  const groups = Array.from({ length: EACH }, (_, n) => ({ id: `grp_${n}`, onSettled }));
  const keys = Array.from({ length: EACH }, (_, n) => ({
    jobs: [],
    idempotency: { scope: "caller", key: `key ${n}`, fingerprint: "print", expiresAt: NOW },
  }));
  await commit(store, { submissions: [{ jobs: [], groups }, ...keys] });
  for (let pruned = 0; pruned < EACH - LIMIT; pruned += LIMIT) {
    assert.equal(await store.retention.pruneGroups(NOW + HOUR, LIMIT), LIMIT);
    assert.equal(await store.retention.pruneIdempotencyKeys(NOW + HOUR, LIMIT), LIMIT);
  }
});
