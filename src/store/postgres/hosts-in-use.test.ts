import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../../core/errors.ts";
import { enqueue, newJob } from "../test-kit/stored-jobs.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { openForTest } from "./test-kit/scratch.ts";
import { startStandbyPair } from "./test-kit/standby.ts";

const pair = (t: TestContext) => startStandbyPair((stop) => t.after(stop));

test("of several hosts, the one that takes writes is used, wherever it stands in the list", async (t) => {
  const { primary, standby, urlOf } = await pair(t);
  for (const hosts of [
    [standby, primary],
    [primary, standby],
    ["127.0.0.1:1", standby, primary],
  ]) {
    const store = await openForTest(t, urlOf(hosts));
    const job = newJob();
    await enqueue(store, [job]);
    assert.equal((await store.records.get(job.id))?.status, "queued");
  }
  await assert.rejects(openPostgresStore({ url: urlOf([standby]) }), (error) => {
    assert.ok(error instanceof StoreUnavailableError);
    assert.match(error.message, /standby/);
    return true;
  });
});

test("when the primary is gone and a standby takes over, the store goes on there", async (t) => {
  const { primary, standby, urlOf, stopPrimary, promote } = await pair(t);
  const store = await openForTest(t, urlOf([primary, standby]));
  await enqueue(store, [newJob()]);
  await stopPrimary();
  await assert.rejects(enqueue(store, [newJob()]), StoreUnavailableError);
  await promote();
  const job = newJob();
  await enqueue(store, [job]);
  assert.equal((await store.records.get(job.id))?.status, "queued");
});
