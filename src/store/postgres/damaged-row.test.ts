import assert from "node:assert/strict";
import { test } from "node:test";
import { listJobs } from "../list-jobs.ts";
import { claim, enqueue, idsOf, newJobs, succeed } from "../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

test("a damaged row is shown without what cannot be read, and takes no page and no claim with it", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const origin = { tenant: "ten_1", tags: ["a", 'b "c"'] };
  const jobs = newJobs(3, { origin, ties: { retainMs: 1_000 } });
  await enqueue(store, jobs);
  const client = await connectForTest(t, url);
  await client.query(
    "update posthorn.jobs set tags = '[\"a', ties = '{' where id = (select id from posthorn.jobs order by id offset 1 limit 1)",
  );

  const shown = async () =>
    (await listJobs(store.records, {}, { limit: 9 })).map((job) => [job.origin, job.ties]);
  const whole = [origin, { retainMs: 1_000 }];
  const damaged = [{ tenant: "ten_1" }, undefined];
  assert.deepEqual(await shown(), [whole, damaged, whole]);
  const leases = await claim(store);
  assert.deepEqual(
    leases.map((lease) => [lease.origin, lease.ties]),
    [whole, damaged, whole],
  );
  for (const lease of leases) assert.ok(await succeed(store, lease));
  assert.deepEqual(await shown(), [whole, damaged, whole]);
  assert.deepEqual(idsOf(await listJobs(store.records, { status: "succeeded" }, { limit: 9 })).length, 3);
});
