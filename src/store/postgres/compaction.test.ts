import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, enqueue, newJobs, succeed } from "../test-kit/stored-jobs.ts";
import { Compaction } from "./compaction.ts";
import { Database } from "./driver/database.ts";
import { parseHosts } from "./driver/hosts.ts";
import { openDatabase } from "./open.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

test("while a session holds a snapshot open, dead rows are freed and no job is lost or made twice", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const forgotten = await connectForTest(t, url);
  await forgotten.query("begin isolation level repeatable read");
  await forgotten.query("select 1");
  await enqueue(store, newJobs(2_000));
  for (const lease of await claim(store, { limit: 2_000 })) await succeed(store, lease);
  const alive = newJobs(30);
  await enqueue(store, alive);

  const session = await connectForTest(t, url);
  const bytes = async () =>
    Number((await session.query("select pg_relation_size('posthorn.ready') as n")).rows[0].n);
  await session.query("vacuum posthorn.ready");
  const before = await bytes();
  assert.ok(before >= 2_000 * 50, "vacuum could not free what the snapshot may still see");

  const db = await openDatabase({ url });
  t.after(() => db.close());
  assert.equal(await new Compaction(db, 1_000).rewrite("ready"), "done");
  assert.ok((await bytes()) < before / 10);
  assert.deepEqual((await claim(store)).map(({ id }) => id).sort(), alive.map(({ id }) => id).sort());
  assert.equal(await new Compaction(db, 1_000).rewrite("ready"), "fresh", "now there is nothing to free");
});

test("a table that somebody holds is left alone", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  await enqueue(store, newJobs(2_000));
  for (const lease of await claim(store, { limit: 2_000 })) await succeed(store, lease);
  const holder = await connectForTest(t, url);
  await holder.query("begin; lock table posthorn.ready in access share mode");
  const db = await openDatabase({ url });
  t.after(() => db.close());
  assert.equal(await new Compaction(db, 1_000).rewrite("ready"), "held");
  await enqueue(store, newJobs(1)); // and goes on
});

test("a user who may write the tables, but not empty them, leaves that to their owner", async (t) => {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  await enqueue(store, newJobs(2_000));
  for (const lease of await claim(store, { limit: 2_000 })) await succeed(store, lease);
  const owner = await connectForTest(t, url);
  const role = `guest_${new URL(url).pathname.slice(1)}`;
  await owner.query(`create role "${role}" login password 'guest'`);
  await owner.query(`grant usage on schema posthorn to "${role}"`);
  await owner.query(`grant select, insert, update, delete on all tables in schema posthorn to "${role}"`);
  const asGuest = new URL(url);
  asGuest.username = role;
  asGuest.password = "guest";
  const db = new Database({ hosts: parseHosts(asGuest.href) });
  try {
    assert.equal(await new Compaction(db, 1_000).rewrite("ready"), "held");
  } finally {
    await db.close();
    await owner.query(`drop owned by "${role}"; drop role "${role}"`); // it would outlive the database
  }
  await enqueue(store, newJobs(1));
});
