import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Store } from "../store.ts";
import { fillWithEverything, lookUp } from "../test-kit/everything.ts";
import { NOW, SECOND } from "../test-kit/store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  endedBefore,
  enqueue,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "../test-kit/stored-jobs.ts";
import { withSchema } from "./driver/schema.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();
/** One has a name that SQL takes for a word of its own. */
const NAMES = ["billing", "order"];

async function openBoth(t: TestContext): Promise<{ url: string; stores: readonly [Store, Store] }> {
  const url = await server.newDatabase();
  const [one, other] = await Promise.all(NAMES.map((name) => openForTest(t, withSchema(url, name))));
  assert.ok(one && other);
  return { url, stores: [one, other] };
}

test("two Posthorns in one database have a schema each, and nothing outside it", async (t) => {
  const { url } = await openBoth(t);
  const client = await connectForTest(t, url);
  const { rows } = await client.query(`
    select n.nspname, count(*)::int
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    group by 1
    order by 1`);
  assert.deepEqual(
    rows.map(({ nspname }) => nspname),
    NAMES,
  );
  assert.equal(rows[0].count, rows[1].count);
});

test("neither sees, claims or prunes what the other has", async (t) => {
  const { stores } = await openBoth(t);
  const [one, other] = stores;
  await fillWithEverything(one);
  const before = await lookUp(one);
  assert.deepEqual((await other.records.list({}, { limit: 9 })).jobs, []);
  const job = newJob({ ties: { key: "welcome:42" } });
  const { enqueued } = await commit(other, { enqueues: [{ job }] });
  assert.deepEqual(enqueued, [{ kind: "created", jobId: job.id }]);
  await succeed(other, await claimOne(other));
  assert.equal((await other.retention.pruneJobs(endedBefore(NOW + 2 * SECOND), null, 9)).pruned, 1);
  while (await other.retention.maintain());
  assert.deepEqual(await lookUp(one), before);
});

test("word of new work reaches the processes of its own schema alone", async (t) => {
  const { url, stores } = await openBoth(t);
  const [one, other] = stores;
  const second = await openForTest(t, withSchema(url, NAMES[0] ?? ""));
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  other.queue.onChange(() => heard.push("other"));
  second.queue.onChange(() => {
    heard.push("second");
    if (heard.filter((who) => who === "second").length === 2) resolve();
  });
  while (heard.length < 2) await new Promise(setImmediate); // each is told once it listens
  await enqueue(one, [newJob()]);
  await promise;
  assert.deepEqual(
    heard.filter((who) => who === "other"),
    ["other"],
  );
});

test("a caller's transaction takes jobs for the schema of the store that is given it", async (t) => {
  const { url, stores } = await openBoth(t);
  const client = await connectForTest(t, url);
  await client.query("begin");
  const jobs = newJobs(2);
  for (const [at, store] of stores.entries()) {
    const job = jobs[at];
    assert.ok(job);
    await store.queue.acceptWithin(client, { enqueues: [{ job }] }, NOW);
  }
  await client.query("commit");
  for (const [at, store] of stores.entries()) assert.deepEqual(idsOf(await claim(store)), [jobs[at]?.id]);
});

test("a schema can be dropped without the other, and is then said to be gone by its name", async (t) => {
  const { url, stores } = await openBoth(t);
  const [one, other] = stores;
  const client = await connectForTest(t, url);
  await client.query("drop schema billing cascade");
  await enqueue(other, [newJob()]);
  await assert.rejects(
    enqueue(one, [newJob()]),
    /the schema billing of the database \S+ is gone or incomplete/,
  );
});

test("a schema of that name which is another program's is left alone", async (t) => {
  const url = await server.newDatabase();
  const client = await connectForTest(t, url);
  await client.query("create schema billing");
  await assert.rejects(
    openPostgresStore({ url: withSchema(url, "billing") }),
    /has a schema named billing that is not Posthorn's; choose another one/,
  );
});
