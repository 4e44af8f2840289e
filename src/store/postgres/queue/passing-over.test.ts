import assert from "node:assert/strict";
import { test } from "node:test";
import { WORKER } from "../../test-kit/store-under-test.ts";
import { claim, commit, enqueue, idsOf, newJob, settlement, UNLIMITED } from "../../test-kit/stored-jobs.ts";
import { openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();
const request = { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED };

test("after a claim that found nothing, new jobs begin in the commit that makes them", async (t) => {
  const store = await openForTest(t, await server.newDatabase());
  assert.deepEqual(await claim(store), []);
  const job = newJob();
  const { claimed, passedOver } = await commit(store, { enqueues: [{ job }], claim: request });
  assert.deepEqual(idsOf(claimed), [job.id]);
  assert.equal(passedOver, false);
  assert.equal((await store.records.get(job.id))?.status, "running");
});

test("what another process has made ready meanwhile comes before new jobs: they wait for the next claim", async (t) => {
  const url = await server.newDatabase();
  const [store, other] = [await openForTest(t, url), await openForTest(t, url)];
  assert.deepEqual(await claim(store), []);
  const [first, second] = [newJob(), newJob()];
  await enqueue(other, [first]);
  const { claimed, passedOver } = await commit(store, { enqueues: [{ job: second }], claim: request });
  assert.deepEqual([idsOf(claimed), passedOver], [[], true]);
  assert.deepEqual(
    await store.workers.leasesOf(WORKER.id),
    new Set(),
    "no lease was given, neither for one nor for the other",
  );
  assert.deepEqual(idsOf(await claim(store)), [first.id, second.id]);
});

test("a result is recorded without waiting for what is ready, which is reported", async (t) => {
  const url = await server.newDatabase();
  const [store, other] = [await openForTest(t, url), await openForTest(t, url)];
  const [lease] = (await commit(store, { enqueues: [{ job: newJob() }], claim: request })).claimed;
  assert.ok(lease);
  assert.deepEqual(await claim(store), []);
  const job = newJob();
  await enqueue(other, [job]);
  const settlements = [settlement(lease, { status: "succeeded", result: null })];
  const { settled, claimed, passedOver } = await commit(store, { settlements, claim: request });
  assert.deepEqual([settled, claimed, passedOver], [[true], [], true]);
  assert.deepEqual(idsOf(await claim(store)), [job.id]);
});
