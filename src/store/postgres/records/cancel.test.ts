import assert from "node:assert/strict";
import { test } from "node:test";
import { JobBusyError } from "../../../core/errors.ts";
import { NOW } from "../../test-kit/store-under-test.ts";
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

test("a job that is never where it was last seen is left as it is, and the error says to try again", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const job = newJob();
  await enqueue(store, [job]);
  // what other processes would have to do between each look and each change
  const client = await connectForTest(t, url);
  await client.query("delete from posthorn.ready");
  await assert.rejects(store.byHand.cancel(job.id, NOW), JobBusyError);
  assert.equal((await store.records.get(job.id))?.status, "queued");
});
