import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { until } from "../../../../test/support/until.ts";
import { TransactionError } from "../../../core/errors.ts";
import { HOUR, NOW } from "../../test-kit/store-under-test.ts";
import { claim, commit, enqueue, enqueueWithin, idsOf, newJob, succeed } from "../../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

/** A store, and a connection of an application's own to the same database. */
async function storeAndClient(t: TestContext) {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  const client = await connectForTest(t, url);
  await client.query("create table public.orders (id int primary key)");
  return { url, store, client };
}

test("a job enqueued in a transaction exists with the rest of it once that is committed, and not before", async (t) => {
  const { store, client } = await storeAndClient(t);
  const job = newJob();
  await client.query("begin");
  await client.query("insert into public.orders values (1)");
  assert.deepEqual(await enqueueWithin(store, client, [{ job }], NOW), [{ kind: "created", jobId: job.id }]);
  assert.equal(await store.records.get(job.id), undefined);
  assert.deepEqual(await claim(store), []);
  await client.query("commit");
  assert.deepEqual(idsOf(await claim(store)), [job.id]);
});

test("a transaction that is rolled back enqueued nothing, and used no keys", async (t) => {
  const { store, client } = await storeAndClient(t);
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  const ties = { key: "only one" };
  await client.query("begin");
  const rolledBack = newJob({ ties });
  await enqueueWithin(store, client, [{ job: rolledBack, idempotency }], NOW);
  await client.query("rollback");
  assert.equal(await store.records.get(rolledBack.id), undefined);
  const job = newJob({ ties });
  const { enqueued } = await commit(store, { enqueues: [{ job, idempotency }] });
  assert.deepEqual(enqueued, [{ kind: "created", jobId: job.id }]);
});

test("keys count in a transaction as they do elsewhere", async (t) => {
  const { store, client } = await storeAndClient(t);
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  const live = newJob({ ties: { key: "live" } });
  const first = newJob();
  await commit(store, { enqueues: [{ job: first, idempotency }, { job: live }] });
  await client.query("begin");
  const enqueued = await enqueueWithin(
    store,
    client,
    [
      { job: newJob(), idempotency },
      { job: newJob(), idempotency: { ...idempotency, fingerprint: "other" } },
      { job: newJob({ ties: { key: "live" } }) },
    ],
    NOW,
  );
  await client.query("commit");
  assert.deepEqual(enqueued, [
    { kind: "replayed", jobId: first.id },
    { kind: "mismatch", jobId: first.id },
    { kind: "existing", jobId: live.id },
  ]);
});

test("a queued job that stands in for one of a transaction does not begin before that is over", async (t) => {
  const { store, client } = await storeAndClient(t);
  const [ready, later] = [newJob({ ties: { key: "a" } }), newJob({ runAt: NOW + HOUR, ties: { key: "b" } })];
  for (const end of ["commit", "rollback"]) {
    for (const unique of [undefined, "queued", "again"] as const) {
      const [one, other] = [ready, later].map((job) =>
        newJob({ ...job, id: newJob().id, ties: { ...job.ties, ...(unique && { unique }) } }),
      );
      assert.ok(one && other);
      await enqueue(store, [one, other]);
      await client.query("begin");
      const more = [one, other].map((job) => ({ job: { ...job, id: newJob().id } }));
      assert.deepEqual(await enqueueWithin(store, client, more, NOW), [
        { kind: "existing", jobId: one.id },
        { kind: "existing", jobId: other.id },
      ]);
      assert.equal(await store.queue.promote(NOW + HOUR, 9), 0);
      assert.deepEqual(await claim(store), [], "it would not see what the transaction has written");
      await client.query(end);
      assert.equal(await store.queue.promote(NOW + HOUR, 9), 1);
      const leases = await claim(store, { now: NOW + HOUR });
      assert.deepEqual(idsOf(leases).sort(), [one.id, other.id].sort());
      for (const lease of leases) await succeed(store, lease);
    }
  }
});

test("a job that is being claimed as a transaction asks for it counts as running", async (t) => {
  const { url, store, client } = await storeAndClient(t);
  const queued = newJob({ ties: { key: "a", unique: "queued" } });
  await enqueue(store, [queued]);
  const claiming = await connectForTest(t, url);
  await claiming.query("begin; delete from posthorn.ready");
  await client.query("begin");
  const job = newJob({ ties: { key: "a", unique: "queued" } });
  const enqueued = enqueueWithin(store, client, [{ job }], NOW);
  const waits =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await until("it waits for the claim", async () => (await claiming.query(waits)).rowCount === 1);
  await claiming.query(`
    insert into posthorn.leases (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
    select id, 1, 'wrk_x', priority, lane, 1, 0, 0, 0, 0 from posthorn.jobs`);
  await claiming.query("commit");
  assert.deepEqual(await enqueued, [{ kind: "created", jobId: job.id }]);
  await client.query("commit");
  assert.deepEqual(idsOf(await claim(store)), [job.id]);
});

test("a client that has no transaction open, and a pool, are refused, and nothing is written", async (t) => {
  const { url, store, client } = await storeAndClient(t);
  const pool = new pg.Pool({ connectionString: url });
  t.after(() => pool.end());
  for (const none of [client, pool]) {
    const job = newJob();
    await assert.rejects(enqueueWithin(store, none, [{ job }], NOW), TransactionError);
    assert.equal(await store.records.get(job.id), undefined);
  }
});

test("a transaction of another database is refused, and can continue", async (t) => {
  const { store } = await storeAndClient(t);
  const elsewhere = await connectForTest(t, await server.newDatabase());
  const besides = await server.newDatabase();
  await openForTest(t, besides);
  const ofAnotherPosthorn = await connectForTest(t, besides);
  for (const client of [elsewhere, ofAnotherPosthorn]) {
    await client.query("begin");
    await assert.rejects(enqueueWithin(store, client, [{ job: newJob() }], NOW), TransactionError);
    assert.deepEqual((await client.query("select 1 as one")).rows, [{ one: 1 }]);
    await client.query("commit");
  }
});

test("what is not a transaction at all is refused", async (t) => {
  const { store } = await storeAndClient(t);
  for (const none of [undefined, null, 1, "tx", {}, () => {}]) {
    await assert.rejects(enqueueWithin(store, none, [{ job: newJob() }], NOW), TransactionError);
  }
});

test("all processes are told when it commits, this one too", async (t) => {
  const { url, store, client } = await storeAndClient(t);
  const other = await openForTest(t, url);
  await Promise.all([store, other].map((each) => each.queue.changedElsewhere()));
  await Promise.all([store, other].map(changeOf)); // the first change is that it listens
  const told = [store, other].map(changeOf);
  await client.query("begin");
  await enqueueWithin(store, client, [{ job: newJob() }], NOW);
  await client.query("commit");
  await Promise.all(told);
  assert.equal(await store.queue.changedElsewhere(), true);
});

/** Resolves when the store next says that something has changed. */
function changeOf(store: Parameters<typeof claim>[0]): Promise<void> {
  return new Promise((resolve) => {
    const forget = store.queue.onChange(() => {
      forget();
      resolve();
    });
  });
}

test("a payload of every kind goes through a caller's connection unchanged", async (t) => {
  const { store, client } = await storeAndClient(t);
  const payloads = ["", '{"a":"\\"\\\\{},NULL"}', "\u{1f4ef}\r\n", "NULL", "{}", '"'];
  await client.query("begin");
  const jobs = payloads.map((payload) => newJob({ payload, lane: `lane ${payload}` }));
  await enqueueWithin(
    store,
    client,
    jobs.map((job) => ({ job })),
    NOW,
  );
  await client.query("commit");
  const claimed = new Map((await claim(store)).map((lease) => [lease.id, lease.payload]));
  for (const job of jobs) assert.equal(claimed.get(job.id), job.payload);
});

test("a job whose own connection committed is like any other", async (t) => {
  const { store, client } = await storeAndClient(t);
  await client.query("begin");
  const later = newJob({ runAt: NOW + HOUR });
  await enqueueWithin(store, client, [{ job: later }], NOW);
  await client.query("commit");
  assert.equal(await store.queue.nextDue(), NOW + HOUR);
  await enqueue(store, [newJob()]);
  assert.equal((await claim(store)).length, 1);
});
