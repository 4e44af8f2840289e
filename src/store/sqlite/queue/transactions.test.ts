import assert from "node:assert/strict";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncOptions } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError, TransactionError } from "../../../core/errors.ts";
import { listJobs } from "../../list-jobs.ts";
import { HOUR, NOW } from "../../test-kit/store-under-test.ts";
import {
  claim,
  claimOne,
  enqueue,
  enqueueWithin,
  idsOf,
  newJob,
  succeed,
} from "../../test-kit/stored-jobs.ts";
import { openSqliteStore } from "../sqlite-store.ts";

/** A store, and a connection of the caller's own to its file, which has a table of the caller's too. */
async function setUp(context: TestContext, options: DatabaseSyncOptions = {}, maxBytes?: number) {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  const file = join(folder, "posthorn.db");
  const store = await openSqliteStore(maxBytes === undefined ? { file } : { file, maxBytes });
  const own = new DatabaseSync(file, { timeout: 5_000, ...options });
  own.exec("create table orders (id integer primary key)");
  context.after(async () => {
    own.close();
    await store.close();
    await rm(folder, { recursive: true });
  });
  const orders = () => Number(Object.values(own.prepare("select count(*) from orders").get() ?? {})[0]);
  return { store, own, file, folder, orders };
}

test("jobs enqueued in a caller's transaction exist once it is committed, with what it wrote", async (context) => {
  const { store, own, orders } = await setUp(context);
  const [now, later] = [newJob({ payload: '"é"' }), newJob({ runAt: NOW + HOUR })];
  own.exec("begin immediate; insert into orders default values");
  assert.deepEqual(await enqueueWithin(store, own, [{ job: now }, { job: later }], NOW), [
    { kind: "created", jobId: now.id },
    { kind: "created", jobId: later.id },
  ]);
  assert.equal(await store.records.get(now.id), undefined, "not before the commit");
  await store.queue.changedElsewhere();
  own.exec("commit");
  assert.equal(await store.queue.changedElsewhere(), true);
  assert.equal((await claimOne(store)).payload, '"é"');
  assert.equal(await store.queue.nextDue(), NOW + HOUR);
  assert.equal(orders(), 1);
});

test("a transaction that is rolled back leaves no job, key or idempotency record", async (context) => {
  const { store, own, orders } = await setUp(context);
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  const ask = () =>
    enqueueWithin(store, own, [{ job: newJob({ ties: { key: "k" } }), idempotency }, { job: newJob() }], NOW);
  own.exec("begin immediate; insert into orders default values");
  await ask();
  own.exec("rollback");
  assert.equal(orders(), 0);
  assert.deepEqual(await listJobs(store.records, {}, { limit: 9 }), []);
  own.exec("begin");
  assert.deepEqual(
    (await ask()).map(({ kind }) => kind),
    ["created", "created"],
  );
  own.exec("commit");
  assert.equal((await claim(store)).length, 2);
});

test("keys and idempotency records count in a caller's transaction as everywhere", async (context) => {
  const { store, own } = await setUp(context);
  const first = newJob({ ties: { key: "k" } });
  await enqueue(store, [first]);
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  const keyed = () => ({ job: newJob({ ties: { key: "k" } }), idempotency });
  own.exec("begin immediate");
  assert.deepEqual(await enqueueWithin(store, own, [keyed(), keyed()], NOW), [
    { kind: "existing", jobId: first.id },
    { kind: "replayed", jobId: first.id },
  ]);
  own.exec("commit");
  await succeed(store, await claimOne(store));
  own.exec("begin immediate");
  const job = newJob({ ties: { key: "k" } });
  assert.equal((await enqueueWithin(store, own, [{ job }], NOW))[0]?.kind, "created");
  own.exec("commit");
  await succeed(store, await claimOne(store));
  own.exec("begin immediate");
  const again = { job: newJob({ ties: { key: "k" } }) };
  assert.equal((await enqueueWithin(store, own, [again], NOW))[0]?.kind, "created", "its end freed the key");
  own.exec("rollback");
});

test("nothing remains of an enqueue that fails, and the caller may continue", async (context) => {
  const { store, own, orders } = await setUp(context);
  const taken = newJob();
  await enqueue(store, [taken]);
  own.exec("begin immediate; insert into orders default values");
  await assert.rejects(enqueueWithin(store, own, [{ job: newJob() }, { job: taken }], NOW));
  const after = newJob();
  await enqueueWithin(store, own, [{ job: after }], NOW);
  own.exec("commit");
  assert.equal(orders(), 1);
  assert.deepEqual(idsOf(await claim(store)).sort(), idsOf([taken, after]).sort());
});

test("a connection that gives arrays and big integers serves as well", async (context) => {
  const { store, own } = await setUp(context, { returnArrays: true, readBigInts: true });
  const first = newJob({ ties: { key: "k" } });
  own.exec("begin immediate");
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  await enqueueWithin(store, own, [{ job: first, idempotency }], NOW);
  const repeated = { job: newJob(), idempotency };
  assert.deepEqual(
    await enqueueWithin(store, own, [repeated, { job: newJob({ ties: { key: "k" } }) }], NOW),
    [
      { kind: "replayed", jobId: first.id },
      { kind: "existing", jobId: first.id },
    ],
  );
  own.exec("commit");
  assert.equal((await claimOne(store)).id, first.id);
});

test("the same file by another path is the same database", async (context) => {
  const { store, file, folder } = await setUp(context);
  const link = join(folder, "link.db");
  await symlink(file, link);
  const own = new DatabaseSync(link);
  context.after(() => own.close());
  own.exec("begin immediate");
  await enqueueWithin(store, own, [{ job: newJob() }], NOW);
  own.exec("commit");
  assert.equal((await claim(store)).length, 1);
});

test("what is not a transaction on this file is refused, with the reason", async (context) => {
  const { store, own, folder } = await setUp(context);
  const elsewhere = new DatabaseSync(join(folder, "other.db"));
  const inMemory = new DatabaseSync(":memory:");
  for (const connection of [elsewhere, inMemory]) {
    context.after(() => connection.close());
    connection.exec("begin");
  }
  const refused: [transaction: unknown, why: RegExp][] = [
    [own, /no transaction open; run "begin immediate"/],
    [elsewhere, /other\.db, but the jobs are in .*posthorn\.db/],
    [inMemory, /a database in memory/],
    [undefined, /not a node:sqlite connection/],
    [{ isTransaction: true }, /not a node:sqlite connection/],
  ];
  for (const [transaction, why] of refused) {
    const enqueued = enqueueWithin(store, transaction, [{ job: newJob() }], NOW);
    await assert.rejects(enqueued, (error) => error instanceof TransactionError && why.test(error.message));
  }
  assert.deepEqual(await claim(store), []);
});

test("a database that holds as much as it may takes no job in a caller's transaction either", async (context) => {
  const { store, own, orders } = await setUp(context, {}, 4_096);
  own.exec("begin immediate; insert into orders default values");
  await assert.rejects(enqueueWithin(store, own, [{ job: newJob() }], NOW), (error) => {
    return error instanceof StoreUnavailableError && /holds the 4096 bytes it may/.test(error.message);
  });
  own.exec("commit");
  assert.equal(orders(), 1);
});
