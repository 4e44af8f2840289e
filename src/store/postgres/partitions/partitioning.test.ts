import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { listJobs } from "../../list-jobs.ts";
import { DAY, NOW } from "../../test-kit/store-under-test.ts";
import { claim, enqueue, fail, idsOf, newJob, newJobs, succeed } from "../../test-kit/stored-jobs.ts";
import type { Database } from "../driver/database.ts";
import { openDatabase } from "../open.ts";
import { createPartition, cutDays, dayName, partitionNames } from "../test-kit/days.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";
import { Partitioning } from "./partitioning.ts";
import { PARTITIONED, partitionFacts } from "./partitions.ts";

const server = scratchServer();

async function openOn(t: TestContext, url: string): Promise<Database> {
  const db = await openDatabase({ url });
  t.after(() => db.close());
  return db;
}

const EVERYTHING = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const AHEAD = [dayName(0), dayName(1), dayName(2), dayName(3), "future", "past"];

test("partitions of today and the next days are there from the start, from however many processes", async (t) => {
  const url = await server.newDatabase();
  const dbs = await Promise.all(Array.from({ length: 4 }, () => openOn(t, url)));
  const client = await connectForTest(t, url);
  for (const table of PARTITIONED) assert.deepEqual(await partitionNames(client, table), AHEAD);
  for (const db of dbs) assert.equal(await new Partitioning(db).change(), false, "there is no more to do");
  const [db] = dbs;
  assert.ok(db);
  const facts = await partitionFacts(db);
  assert.equal(facts.daysMissing, 0);
  assert.deepEqual(facts.partitions.map(({ suffix }) => suffix).toSorted(), AHEAD);
});

test("a job of last year or next year is a job like any other", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const jobs = [-365, -1, 0, 1, 365].map((days) => newJob({ createdAt: NOW + days * DAY, runAt: NOW }));
  await enqueue(store, jobs);
  const claimed = await claim(store);
  assert.deepEqual(idsOf(claimed).sort(), idsOf(jobs));
  for (const lease of claimed) await fail(store, lease);
  const newestFirst = idsOf(jobs).reverse();
  assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 9 })), newestFirst);
  assert.deepEqual(
    idsOf(await listJobs(store.records, { lane: "lane" }, { limit: 3 })),
    newestFirst.slice(0, 3),
  );
  assert.deepEqual(idsOf(await listJobs(store.records, { status: "failed" }, { limit: 9 })), newestFirst);
  for (const { id } of jobs) {
    assert.equal((await store.records.get(id))?.status, "failed");
    assert.equal((await store.records.attempts(id, { limit: 9 })).length, 1);
  }
});

test("an old job is claimed among young ones, whatever the limit", async (t) => {
  const store = await openForTest(t, await server.newDatabase());
  const old = newJobs(3, { createdAt: NOW - 20 * DAY });
  await enqueue(store, [...old, ...newJobs(4)]);
  const first = await claim(store, { limit: 2 });
  assert.deepEqual(idsOf(first), idsOf(old.slice(0, 2)));
  assert.equal((await claim(store, { limit: 9 })).length, 5);
});

test("jobs that came before their day was cut are carried into it", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const client = await connectForTest(t, url);
  for (const table of PARTITIONED) {
    for (const suffix of await partitionNames(client, table))
      await client.query(`drop table posthorn.${table}_${suffix}`);
    await client.query(createPartition(table, EVERYTHING));
  }
  const jobs = [-3, 0, 1, 9].map((days) => newJob({ createdAt: NOW + days * DAY, runAt: NOW }));
  await enqueue(store, jobs);
  for (const lease of await claim(store)) await succeed(store, lease);
  const db = await openOn(t, url);
  for (const table of PARTITIONED) assert.deepEqual(await partitionNames(client, table), AHEAD);
  assert.deepEqual(
    idsOf(await listJobs(store.records, { status: "succeeded" }, { limit: 9 })),
    idsOf(jobs).reverse(),
  );
  assert.equal((await client.query(`select from posthorn.jobs_${dayName(1)}`)).rowCount, 1);
  assert.equal(await new Partitioning(db).change(), false);
});

test("tables that somebody holds are left as they are, and jobs go on", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const db = await openOn(t, url);
  const holder = await connectForTest(t, url);
  await cutDays(holder, -9, -4);
  await holder.query("begin; select from posthorn.jobs");
  assert.equal(await new Partitioning(db).change(), false);
  await enqueue(store, [newJob()]);
  await holder.query("rollback");
  assert.equal(await new Partitioning(db).change(), true);
});

test("old partitions that are empty are merged, those between them that are not stay", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const client = await connectForTest(t, url);
  await cutDays(client, -12, -2);
  const kept = newJob({ createdAt: NOW - 7 * DAY });
  await enqueue(store, [kept]);
  const db = await openOn(t, url);
  while (await new Partitioning(db).change());
  for (const table of PARTITIONED) {
    assert.deepEqual(
      await partitionNames(client, table),
      [dayName(-7), dayName(-6), dayName(-1), ...AHEAD].sort(),
    );
  }
  const between = newJob({ createdAt: NOW - 4 * DAY });
  await enqueue(store, [between]);
  assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 9 })), [between.id, kept.id]);
});
