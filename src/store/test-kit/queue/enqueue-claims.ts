import assert from "node:assert/strict";
import { ORIGIN } from "../everything.ts";
import { HOUR, NOW, type StoreClaim, WORKER } from "../store-under-test.ts";
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
  UNLIMITED,
} from "../stored-jobs.ts";

const TIES = { key: "k", retainMs: 60_000 };

export function enqueueClaims(states: StoreClaim): void {
  states("where a job comes from is kept with it, and told to the worker that runs it", async (store) => {
    const jobs = [newJob({ origin: ORIGIN }), newJob({ origin: { tenant: "app_one" } }), newJob()];
    await enqueue(store, jobs);
    const expected = [ORIGIN, { tenant: "app_one" }, undefined];
    for (const [at, { id }] of jobs.entries())
      assert.deepEqual((await store.records.get(id))?.origin, expected[at]);
    const leases = await claim(store);
    assert.deepEqual(
      leases.map(({ origin }) => origin),
      expected,
    );
    const atOnce = newJob({ origin: ORIGIN });
    const room = { worker: WORKER, limit: 1, maxBytes: 1_000, room: UNLIMITED };
    const { claimed } = await commit(store, { enqueues: [{ job: atOnce }], claim: room });
    assert.deepEqual(claimed[0]?.origin, ORIGIN);
  });

  states("a job is there for others once its commit has resolved", async (store, opened) => {
    const other = await opened.another();
    const job = newJob({ lane: "l", options: '{"a":1}', maxAttempts: 7, createdAt: NOW - 5, ties: TIES });
    assert.deepEqual((await commit(store, { enqueues: [{ job }] })).enqueued, [
      { kind: "created", jobId: job.id },
    ]);
    assert.deepEqual(await other.records.get(job.id), {
      id: job.id,
      task: job.task,
      lane: "l",
      status: "queued",
      attempts: 0,
      maxAttempts: 7,
      options: '{"a":1}',
      createdAt: NOW - 5,
      startedAt: null,
      finishedAt: null,
      runAt: NOW - 5,
      heldBy: null,
      result: null,
      error: null,
      durationMs: null,
      progress: null,
      ties: TIES,
      origin: undefined,
    });
  });

  states(
    "jobs queued, scheduled and leased are still so after the store was closed and opened",
    async (store, opened) => {
      const leased = await enqueueAndClaim(store);
      const [ready, later] = [newJob({ lane: "a" }), newJob({ lane: "b", runAt: NOW + HOUR })];
      await enqueue(store, [ready, later]);
      const again = await opened.reopen();
      assert.equal((await again.records.get(leased.id))?.status, "running");
      assert.equal(await again.queue.nextDue(), later.runAt);
      assert.deepEqual(idsOf(await claim(again)), [ready.id]);
    },
  );

  states("a payload comes back as it was given, whatever text it is", async (store) => {
    for (const payload of [
      "",
      '{"n":12345678901234567890,"é":"\\u00e9"}\r\n',
      "\u{1f4ef}",
      "x".repeat(1_000_000),
    ]) {
      assert.equal((await enqueueAndClaim(store, { payload })).payload, payload);
    }
  });

  states(
    "one enqueue that fails takes its whole batch back, settlements and claim included",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      const [fresh, keyed] = [newJob(), newJob()];
      const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
      const batch = commit(store, {
        enqueues: [{ job: fresh }, { job: keyed, idempotency }, { job: newJob({ id: lease.id }) }],
        settlements: [settlement(lease, { status: "succeeded", result: null })],
        claim: { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED },
      });
      await assert.rejects(batch);
      assert.equal(await store.records.get(fresh.id), undefined);
      assert.equal(await store.records.get(keyed.id), undefined);
      assert.equal((await store.records.get(lease.id))?.status, "running");
      assert.deepEqual(await claim(store), []);
      const retried = await commit(store, { enqueues: [{ job: newJob(), idempotency }] });
      assert.equal(retried.enqueued[0]?.kind, "created");
    },
  );

  states("the store goes on after a batch that failed", async (store) => {
    const job = newJob();
    await enqueue(store, [job]);
    await assert.rejects(enqueue(store, [job]));
    assert.equal((await claimOne(store)).id, job.id);
  });

  states("a claim sees the jobs enqueued in its own commit", async (store) => {
    const job = newJob();
    const { claimed } = await commit(store, {
      enqueues: [{ job }],
      claim: { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED },
    });
    assert.deepEqual(idsOf(claimed), [job.id]);
  });

  states(
    "jobs that wait come before those enqueued with the claim, and what has no room waits",
    async (store) => {
      const [waiting, fresh] = [newJobs(3), newJobs(3)];
      await enqueue(store, waiting);
      const { claimed } = await commit(store, {
        enqueues: fresh.map((job) => ({ job })),
        claim: {
          worker: WORKER,
          limit: 5,
          maxBytes: Number.MAX_SAFE_INTEGER,
          room: { byDefault: 4, except: new Map() },
        },
      });
      assert.deepEqual(idsOf(claimed).sort(), idsOf([...waiting, ...fresh.slice(0, 1)]));
      assert.deepEqual(idsOf(await claim(store)), idsOf(fresh.slice(1)));
    },
  );

  states(
    "a job enqueued for later, or for a lane without room, is not in its own commit's claim",
    async (store) => {
      const { claimed } = await commit(store, {
        enqueues: [{ job: newJob({ runAt: NOW + HOUR }) }, { job: newJob({ lane: "at rest" }) }],
        claim: {
          worker: WORKER,
          limit: 9,
          maxBytes: Number.MAX_SAFE_INTEGER,
          room: { byDefault: 9, except: new Map([["at rest", 0]]) },
        },
      });
      assert.deepEqual(claimed, []);
      assert.equal(await store.queue.nextDue(), NOW + HOUR);
      assert.deepEqual(
        (await claim(store)).map(({ lane }) => lane),
        ["at rest"],
      );
    },
  );

  states("a settlement that makes a job due frees it for the claim in its own commit", async (store) => {
    const lease = await enqueueAndClaim(store);
    const { claimed } = await commit(store, {
      settlements: [settlement(lease, { status: "queued", runAt: NOW })],
      claim: { worker: WORKER, limit: 10, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED },
    });
    assert.deepEqual(idsOf(claimed), [lease.id]);
  });

  states("another process's writes are noticed, once, and one's own are not", async (store, opened) => {
    const other = await opened.another();
    await store.queue.changedElsewhere();
    await enqueue(store, [newJob()]);
    assert.equal(await store.queue.changedElsewhere(), false);
    await enqueue(other, [newJob()]);
    assert.equal(await store.queue.changedElsewhere(), true);
    assert.equal(await store.queue.changedElsewhere(), false);
  });
}
