import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "../../../core/errors.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, WORKER } from "../../test-kit/store-under-test.ts";
import { claim, commit, enqueue, failedJobs, newJob, UNLIMITED } from "../../test-kit/stored-jobs.ts";
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
  await changeOf(store); // once it listens it says so, for something may have come before
  return { url, store, other };
}

test("a job that another process has enqueued is told of at once", async (t) => {
  const { store, other } = await twoStores(t);
  const changed = changeOf(store);
  await enqueue(other, [newJob()]);
  await changed;
  assert.equal((await claim(store)).length, 1);
});

test("a job queued again by hand, and one that is due later, are told of too", async (t) => {
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

test("new jobs that had to wait behind what was ready are told of: others may have room for them", async (t) => {
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

test("what a process gives back that it claimed without knowing is told of", async (t) => {
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

test("what a process enqueues itself it is not told of", async (t) => {
  const { store } = await twoStores(t);
  let told = 0;
  t.after(store.queue.onChange(() => told++));
  for (let n = 0; n < 5; n++) await enqueue(store, [newJob()]);
  await sleep(100); // there is nothing to wait for
  assert.equal(told, 0);
});

test("a listener whose connection is lost listens anew, and says that something may have been missed", async (t) => {
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

test("a hundred commits are told of in a few notifications", async (t) => {
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
