import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, enqueue, newJobs, succeed } from "../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

test("jobs that are erased leave their tags in no table; those of others stay", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  await enqueue(store, newJobs(2, { origin: { tenant: "ten_1", tags: ["customer:42", "vip"] } }));
  const [gone, kept] = await claim(store);
  assert.ok(gone && kept);
  for (const lease of [gone, kept]) assert.ok(await succeed(store, lease));
  await store.attempts.eraseJobs([gone.id]);
  const client = await connectForTest(t, url);
  const { rows } = await client.query("select tag from posthorn.job_tags order by tag");
  assert.deepEqual(rows, [{ tag: "customer:42" }, { tag: "vip" }]);
});
