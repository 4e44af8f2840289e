import assert from "node:assert/strict";
import { afterAttempt, type JobSucceeded } from "../../../core/transition.ts";
import { HOUR, NOW, OTHER_WORKER, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  failForNow,
  newJobs,
  settle,
  settlement,
} from "../stored-jobs.ts";

export function settleClaims(states: StoreClaim): void {
  states(
    "a job that succeeded keeps its result, its times and the record of its attempt, a delivery's with its result",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      const attempt = { startedAt: NOW + 1, durationMs: 42, code: 204, class: "2xx", excerpt: "ok" } as const;
      const taken = settlement(lease, { status: "succeeded", result: '{"r":1}' }, "succeeded", attempt);
      assert.equal(await settle(store, taken, NOW + SECOND), true);
      const job = await store.records.get(lease.id);
      assert.ok(job);
      const { status, attempts, startedAt, finishedAt, runAt, result, error } = job;
      assert.deepEqual(
        { status, attempts, startedAt, finishedAt, runAt, result, error },
        {
          status: "succeeded",
          attempts: 1,
          startedAt: NOW,
          finishedAt: NOW + SECOND,
          runAt: null,
          result: '{"r":1}',
          error: null,
        },
      );
      assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), [
        { n: 1, outcome: "succeeded", error: null, fingerprint: null, detail: '{"r":1}', ...attempt },
      ]);
    },
  );

  states(
    "a job that turns out to be unnecessary is cancelled, with the reason and without an attempt",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      const needless = { kind: "needless", reason: "nobody wants it" } as const;
      const transition = afterAttempt(
        lease,
        NOW,
        needless,
        { delaysMs: [], jitter: 0 },
        NOW + SECOND,
        () => 0,
      );
      assert.equal(await settle(store, { lease, transition }, NOW + SECOND), true);
      const job = await store.records.get(lease.id);
      assert.deepEqual(
        [job?.status, job?.error, job?.attempts, job?.startedAt, job?.finishedAt],
        ["cancelled", "nobody wants it", 0, null, NOW + SECOND],
      );
      assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
    },
  );

  states("a job that failed permanently keeps its error", async (store) => {
    const lease = await enqueueAndClaim(store);
    const taken = settlement(lease, { status: "failed", error: "gone" }, "failed", {
      error: "gone",
      code: 410,
      class: "410",
      fingerprint: "f1",
      detail: '{"stack":"at work"}',
    });
    assert.equal(await settle(store, taken), true);
    const job = await store.records.get(lease.id);
    assert.deepEqual([job?.status, job?.error, job?.result], ["failed", "gone", null]);
    assert.deepEqual([job?.finishedAt, job?.runAt], [NOW + SECOND, null]);
    const [attempt] = await store.records.attempts(lease.id, { limit: 1 });
    assert.deepEqual([attempt?.outcome, attempt?.error, attempt?.code], ["failed", "gone", 410]);
    assert.deepEqual(
      [attempt?.class, attempt?.fingerprint, attempt?.detail],
      ["410", "f1", '{"stack":"at work"}'],
    );
  });

  states(
    "a job that will be tried again waits until then, with its last error and the time of its start",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      assert.equal(await failForNow(store, lease, NOW + HOUR), true);
      const job = await store.records.get(lease.id);
      assert.deepEqual([job?.status, job?.runAt, job?.attempts], ["queued", NOW + HOUR, 1]);
      assert.deepEqual([job?.error, job?.startedAt, job?.finishedAt], ["it broke", NOW, null]);
      assert.deepEqual(await store.workers.leasesOf(WORKER.id), new Set());
    },
  );

  states("a job's start is that of its first attempt, and success clears its error", async (store) => {
    await failForNow(store, await enqueueAndClaim(store), NOW, NOW);
    const again = await claimOne(store, { now: NOW + SECOND });
    assert.equal((await store.records.get(again.id))?.error, "it broke");
    await settle(store, settlement(again, { status: "succeeded", result: null }), NOW + 2 * SECOND);
    const job = await store.records.get(again.id);
    assert.deepEqual([job?.startedAt, job?.error, job?.attempts], [NOW, null, 2]);
  });

  states("failures are counted from attempt to attempt", async (store) => {
    let lease = await enqueueAndClaim(store);
    for (let failures = 1; failures <= 3; failures++) {
      await failForNow(store, lease, NOW, NOW);
      lease = await claimOne(store);
      assert.deepEqual([lease.attempts, lease.failures], [failures + 1, failures]);
    }
  });

  states("a token that is not the lease's settles nothing", async (store) => {
    const lease = await enqueueAndClaim(store);
    const next: JobSucceeded = { status: "succeeded", result: null };
    for (const token of [lease.token - 1, lease.token + 1, 0]) {
      assert.equal(await settle(store, settlement({ ...lease, token }, next)), false);
    }
    assert.equal((await store.records.get(lease.id))?.status, "running");
    assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
  });

  states("a lease settles once, in one batch or in two", async (store) => {
    const lease = await enqueueAndClaim(store);
    const failed = settlement(lease, { status: "failed", error: "no" });
    const succeeded = settlement(lease, { status: "succeeded", result: null });
    assert.deepEqual((await commit(store, { settlements: [failed, succeeded] })).settled, [true, false]);
    assert.equal(await settle(store, succeeded), false);
    assert.equal((await store.records.get(lease.id))?.status, "failed");
  });

  states("a late worker cannot settle a job that was claimed again", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    const again = await claimOne(store, { worker: OTHER_WORKER });
    assert.equal(again.id, lease.id);
    assert.equal(await settle(store, settlement(lease, { status: "succeeded", result: '"late"' })), false);
    assert.equal((await store.records.get(lease.id))?.status, "running");
    assert.equal(await settle(store, settlement(again, { status: "succeeded", result: '"new"' })), true);
    assert.equal((await store.records.get(lease.id))?.result, '"new"');
  });

  states("a late worker cannot settle a job that waits to be claimed again", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    assert.equal(await settle(store, settlement(lease, { status: "succeeded", result: null })), false);
    assert.equal((await store.records.get(lease.id))?.status, "queued");
    assert.deepEqual(
      (await store.records.attempts(lease.id, { limit: 9 })).map(({ outcome }) => outcome),
      ["lost"],
    );
  });

  states("each settlement of a batch is answered in its place", async (store) => {
    await enqueue(store, newJobs(3));
    const leases = await claim(store);
    const settlements = leases.map((lease) => settlement(lease, { status: "succeeded", result: null }));
    const [first, second, third] = settlements;
    assert.ok(first && second && third);
    const { settled } = await commit(store, {
      settlements: [first, { ...second, lease: { ...second.lease, token: 0 } }, third],
    });
    assert.deepEqual(settled, [true, false, true]);
  });
}
