import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../../test/support/until.ts";
import { StoreUnavailableError } from "../../../core/errors.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, WORKER, workerRecord } from "../../test-kit/store-under-test.ts";
import { claim, commit, enqueue, failedJobs, newJob, UNLIMITED } from "../../test-kit/stored-jobs.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";
import { startSeveringProxy } from "../test-kit/severing-proxy.ts";

const server = scratchServer();

/** Resolves when the store next says that something has changed. */
function changeOf(store: Store): Promise<void> {
  return new Promise((resolve) => {
    const forget = store.queue.onChange(() => {
      forget();
      resolve();
    });
  });
}

/** Two stores, of which the first one listens already. */
async function twoStores(t: TestContext) {
  const url = await server.newDatabase();
  const [store, other] = [await openForTest(t, url), await openForTest(t, url)];
  const hearing = [store.queue.onChange(() => {})]; // it goes on listening while nobody waits
  await changeOf(store); // once it listens it says so, because something may have come before
  return { url, store, other, hearing };
}

test("a job that another process has enqueued is announced immediately", async (t) => {
  const { store, other } = await twoStores(t);
  const changed = changeOf(store);
  await enqueue(other, [newJob()]);
  await changed;
  assert.equal((await claim(store)).length, 1);
});

test("a job queued again by hand, and one that is due later, are announced too", async (t) => {
  const { store, other } = await twoStores(t);
  const job = newJob();
  await failedJobs(other, [job]);
  let changed = changeOf(store);
  await other.byHand.rerun(job.id, NOW);
  await changed;
  changed = changeOf(store);
  await enqueue(other, [newJob({ runAt: NOW + HOUR })]);
  await changed;
});

test("new jobs that had to wait behind what was ready are announced: others may have room for them", async (t) => {
  const { url, store, other } = await twoStores(t);
  assert.deepEqual(await claim(other), []); // so it expects nothing ready
  let changed = changeOf(store);
  await enqueue(await openForTest(t, url), [newJob()]);
  await changed;
  changed = changeOf(store);
  const request = { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED };
  const { passedOver } = await commit(other, { enqueues: [{ job: newJob() }], claim: request });
  assert.equal(passedOver, true);
  await changed;
});

test("what a process gives back that it claimed without knowing is announced", async (t) => {
  const { url, store, other } = await twoStores(t);
  await enqueue(store, [newJob()]);
  const proxy = await startSeveringProxy(url);
  t.after(() => proxy.stop());
  const cutOff = await openForTest(t, proxy.url);
  proxy.severAtNextCommit();
  await assert.rejects(claim(cutOff), StoreUnavailableError);
  assert.deepEqual(await claim(other), []);
  const changed = changeOf(store);
  await commit(cutOff, {});
  await changed;
  assert.equal((await claim(other)).length, 1);
});

test("a process is not told of what it enqueues itself", async (t) => {
  const { store } = await twoStores(t);
  let told = 0;
  t.after(store.queue.onChange(() => told++));
  for (let n = 0; n < 5; n++) await enqueue(store, [newJob()]);
  await sleep(100); // there is nothing to wait for
  assert.equal(told, 0);
});

test("a listener whose connection is lost listens again, and says that something may have been missed", async (t) => {
  const { url, store, other } = await twoStores(t);
  const again = changeOf(store);
  const client = await connectForTest(t, url);
  await client.query(`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and query like 'listen%'`);
  await again;
  const changed = changeOf(store);
  await enqueue(other, [newJob()]);
  await changed;
});

test("a process that wants to hear of nothing is not woken, and hears immediately of what it may have missed", async (t) => {
  const { url, store, other, hearing } = await twoStores(t);
  const client = await connectForTest(t, url);
  const lastWord = async () => {
    const { rows } = await client.query(`
      select query
      from pg_stat_activity
      where datname = current_database() and query ~ '^(un)?listen'`);
    return rows.map(({ query }) => query);
  };
  assert.deepEqual(await lastWord(), ['listen "posthorn"']);
  for (const stopHearing of hearing) stopHearing();
  await until("it listens no more", async () => (await lastWord())[0] === 'unlisten "posthorn"');
  await enqueue(other, [newJob()]);
  const missed = Promise.withResolvers<void>();
  store.queue.onChange(missed.resolve);
  await missed.promise;
  assert.deepEqual(await lastWord(), ['listen "posthorn"']);
});

test("many processes together make no more notices than one may", async (t) => {
  const url = await server.newDatabase();
  const client = await connectForTest(t, url);
  let heard = 0;
  client.on("notification", () => heard++);
  await client.query("listen posthorn");
  const stores = await Promise.all(Array.from({ length: 6 }, () => openForTest(t, url)));
  const now = async () =>
    Number((await client.query("select extract(epoch from now()) * 1000 as now")).rows[0].now);
  const begun = await now();
  await Promise.all(
    stores.map(async (store) => {
      for (let n = 0; n < 40; n++) await enqueue(store, [newJob()]);
    }),
  );
  const most = 2 + ((await now()) - begun) / 25;
  assert.ok(heard >= 1 && heard <= most, `${heard} notices, ${most} may be`);
});

test("in a fleet of 64 workers, notices are made four times less often", async (t) => {
  const { url, store, other } = await twoStores(t);
  const client = await connectForTest(t, url);
  for (let n = 0; n < 64; n++) await store.workers.announce(workerRecord(`wrk_${n}`));
  let heard = 0;
  client.on("notification", () => heard++);
  await client.query("listen posthorn");
  const lastAt = async () =>
    Number((await client.query("select last_value from posthorn.notices")).rows[0].last_value);
  await enqueue(other, [newJob()]);
  await until("the first is announced", () => heard === 1);
  const first = await lastAt();
  await enqueue(other, [newJob()]);
  await until("the second is announced", () => heard === 2);
  assert.ok((await lastAt()) - first >= 100, "what waited is announced once it may be");
});

test("a user who may not set the sequence announces all the same", async (t) => {
  const { url, store } = await twoStores(t);
  const owner = await connectForTest(t, url);
  const role = `guest_${new URL(url).pathname.slice(1)}`;
  await owner.query(`create role "${role}" login password 'guest'`);
  await owner.query(`
    grant usage on schema posthorn to "${role}";
    grant select, insert, update, delete on all tables in schema posthorn to "${role}";
    grant usage on all sequences in schema posthorn to "${role}"`);
  const asGuest = new URL(url);
  asGuest.username = role;
  asGuest.password = "guest";
  const guest = await openPostgresStore({ url: asGuest.href });
  try {
    const changed = changeOf(store);
    await enqueue(guest, [newJob()]);
    await changed;
  } finally {
    await guest.close();
    await owner.query(`drop owned by "${role}"; drop role "${role}"`); // it would outlive the database
  }
});

test("a hundred commits are announced in a few notifications", async (t) => {
  const { url, other } = await twoStores(t);
  const client = await connectForTest(t, url);
  let heard = 0;
  client.on("notification", () => heard++);
  await client.query("listen posthorn");
  const begun = performance.now();
  for (let n = 0; n < 100; n++) await enqueue(other, [newJob()]);
  const most = 2 + (performance.now() - begun) / 50;
  if (heard === 0) await once(client, "notification");
  assert.ok(heard <= most, `${heard} notifications`);
});
