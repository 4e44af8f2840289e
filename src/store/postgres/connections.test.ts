import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../test/support/until.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { listJobs } from "../list-jobs.ts";
import type { Enqueued } from "../queue.ts";
import { HOUR, NOW, WORKER } from "../test-kit/store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  idsOf,
  newJob,
  newJobs,
  settlement,
  succeed,
} from "../test-kit/stored-jobs.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";
import { startSeveringProxy } from "./test-kit/severing-proxy.ts";

const server = scratchServer();

async function storeAndAdministrator(t: TestContext) {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  return { url, store, administrator: await connectForTest(t, url) };
}

const TERMINATE = `
  select pg_terminate_backend(pid)
  from pg_stat_activity
  where application_name = 'posthorn' and datname = current_database()`;

/** Until a statement of the store waits for a lock. */
async function waitsForLock(administrator: {
  query(text: string): Promise<{ rows: unknown[] }>;
}): Promise<void> {
  const waiting = `
    select
    from pg_stat_activity
    where application_name = 'posthorn' and datname = current_database() and wait_event_type = 'Lock'`;
  while ((await administrator.query(waiting)).rows.length === 0) await sleep(5);
}

test("connections that are terminated while idle are replaced", async (t) => {
  const { store, administrator } = await storeAndAdministrator(t);
  await enqueue(store, [newJob()]);
  await administrator.query(TERMINATE);
  await sleep(20); // until the news has come; the next statement would tell too, by failing
  await enqueue(store, [newJob()]);
  assert.equal((await claim(store)).length, 2);
});

test("a commit whose connection is terminated before its end is made on another one, once", async (t) => {
  const { url, store, administrator } = await storeAndAdministrator(t);
  const lease = await enqueueAndClaim(store);
  const blocker = await connectForTest(t, url);
  await blocker.query("begin");
  await blocker.query("lock table posthorn.leases in access exclusive mode");
  const job = newJob();
  const committing = commit(store, {
    enqueues: [{ job }],
    settlements: [settlement(lease, { status: "succeeded", result: null })],
  });
  await waitsForLock(administrator);
  await administrator.query(TERMINATE);
  await blocker.query("rollback");
  const { enqueued, settled } = await committing;
  assert.deepEqual([enqueued[0]?.kind, settled], ["created", [true]]);
  assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 9 })), [job.id, lease.id]);
});

test("what a claim took whose commit was made unseen is given back by the next commit", async (t) => {
  const { url, store: administrator } = await storeAndAdministrator(t);
  await enqueue(administrator, newJobs(3));
  const proxy = await startSeveringProxy(url);
  t.after(() => proxy.stop());
  const store = await openForTest(t, proxy.url);
  proxy.severAtNextCommit();
  await assert.rejects(claim(store), StoreUnavailableError);
  assert.equal((await store.workers.leasesOf(WORKER.id)).size, 3, "the worker has them, and does not know");
  await enqueue(store, [newJob()]);
  const claimed = await claim(store);
  assert.deepEqual(
    claimed.map(({ attempts }) => attempts),
    [1, 1, 1, 1],
  );
});

test("an enqueue whose commit was made unseen is refused, because nobody knows; its idempotency key settles the second try", async (t) => {
  const { url } = await storeAndAdministrator(t);
  const proxy = await startSeveringProxy(url);
  t.after(() => proxy.stop());
  const store = await openForTest(t, proxy.url);
  const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
  const [first, second] = [newJob(), newJob()];
  proxy.severAtNextCommit();
  await assert.rejects(commit(store, { enqueues: [{ job: first, idempotency }] }), StoreUnavailableError);
  const { enqueued } = await commit(store, { enqueues: [{ job: second, idempotency }] });
  assert.deepEqual(enqueued, [{ kind: "replayed", jobId: first.id }]);
});

test("a settlement that is tried again after its commit was made unseen is rejected, and changes nothing", async (t) => {
  const { store } = await storeAndAdministrator(t);
  const lease = await enqueueAndClaim(store);
  assert.equal(await succeed(store, lease), true);
  assert.equal(await succeed(store, lease), false);
  assert.equal((await store.records.get(lease.id))?.status, "succeeded");
});

test("commits that end jobs of the same groups at once do not deadlock", async (t) => {
  const { url, store } = await storeAndAdministrator(t);
  const other = await openForTest(t, url);
  const onSettled = { task: "after", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };
  const groups = ["grp_a", "grp_b", "grp_c"].map((id) => ({ id, onSettled }));
  const jobs = newJobs(60).map((job, n) => ({
    ...job,
    lane: `lane ${n % 7}`,
    ties: { groupId: groups[n % 3]?.id ?? "" },
  }));
  await commit(store, { submissions: [{ jobs, groups }] });
  const leases = await claim(store);
  assert.equal(leases.length, 60);
  const chunks = Array.from({ length: 12 }, (_, n) => leases.filter((_, at) => at % 12 === n));
  await Promise.all(
    chunks.map((chunk, n) =>
      commit(n % 2 === 0 ? store : other, {
        settlements: (n % 3 === 0 ? chunk.toReversed() : chunk).map((lease) =>
          settlement(lease, { status: "succeeded", result: null }),
        ),
      }),
    ),
  );
  for (const { id } of groups) assert.deepEqual((await store.groups.get(id))?.succeeded, 20);
  assert.deepEqual(
    (await claim(store)).map(({ task }) => task),
    ["after", "after", "after"],
  );
});

test("a thousand enqueues of one key, from two processes at once, make one live job", async (t) => {
  const { url, store } = await storeAndAdministrator(t);
  const other = await openForTest(t, url);
  const enqueued: Enqueued[] = [];
  // a hundred at once: more would wait for a connection longer than is allowed, where the machine is slow
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        commit(n % 2 === 0 ? store : other, { enqueues: [{ job: newJob({ ties: { key: "one" } }) }] }),
      ),
    );
    enqueued.push(...answers.flatMap((answer) => answer.enqueued));
  }
  assert.equal(enqueued.filter(({ kind }) => kind === "created").length, 1);
  assert.equal(new Set(enqueued.map(({ jobId }) => jobId)).size, 1);
  assert.deepEqual(idsOf([await claimOne(store)]), [enqueued[0]?.jobId]);
});

test("a fault of the database that appears later is an outage, with its reason, and over when it is fixed", async (t) => {
  const url = await server.newDatabase();
  await (await openForTest(t, url)).check(); // makes the schema
  const owner = await connectForTest(t, url);
  const role = `rotated_${new URL(url).pathname.slice(1)}`;
  await owner.query(`create role "${role}" superuser login password 'first'`);
  const asRole = new URL(url);
  Object.assign(asRole, { username: role, password: "first" });
  const store = await openPostgresStore({ url: asRole.href });
  /** Until what was connected has noticed. */
  const refused = (why: RegExp) =>
    assert.rejects(
      until("it is refused", async () => {
        await enqueue(store, [newJob()]);
        return false;
      }),
      (error) => error instanceof StoreUnavailableError && why.test(error.message),
    );
  try {
    await enqueue(store, [newJob()]);
    await owner.query(`alter role "${role}" password 'second'`);
    await owner.query(TERMINATE);
    await refused(/refused this user or its password/);
    await owner.query(`alter role "${role}" password 'first'`);
    await enqueue(store, [newJob()]);

    await owner.query("alter schema posthorn rename to elsewhere");
    await refused(/schema posthorn .* is gone or incomplete/);
    await owner.query("alter schema elsewhere rename to posthorn");
    await enqueue(store, [newJob()]);

    await owner.query(`alter role "${role}" nosuperuser`);
    await refused(/this user may not use the schema/);
    await owner.query(`alter role "${role}" superuser`);
    await enqueue(store, [newJob()]);
  } finally {
    await store.close();
    await owner.query(`drop role "${role}"`);
  }
});
