import assert from "node:assert/strict";
import { listJobs } from "../../list-jobs.ts";
import type { LeasedJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { NOW, OTHER_WORKER, type StoreClaim, WORKER } from "../store-under-test.ts";
import { claimOne, commit, enqueueAndClaim, fail, failForNow, settlement, succeed } from "../stored-jobs.ts";

const HALF = { fraction: 0.5, note: "half of it" };

function report(store: Store, lease: LeasedJob, progress = HALF): Promise<unknown> {
  return commit(store, { progress: [{ lease, progress }] });
}

export function progressClaims(states: StoreClaim): void {
  states("a running job shows how far it has come, by its latest report", async (store, opened) => {
    const other = await opened.another();
    const lease = await enqueueAndClaim(store);
    assert.equal((await other.records.get(lease.id))?.progress, null);
    for (const progress of [HALF, { fraction: 0, note: null }, { fraction: 1 / 3, note: "dröi \u{1f4ef}" }]) {
      await commit(store, { progress: [{ lease, progress }] });
      assert.deepEqual((await other.records.get(lease.id))?.progress, progress);
      assert.deepEqual((await listJobs(other.records, {}, { limit: 1 }))[0]?.progress, progress);
    }
  });

  states("the progress of several jobs in one batch is each its own", async (store) => {
    const leases = [await enqueueAndClaim(store), await enqueueAndClaim(store)];
    const reports = leases.map((lease, n) => ({ lease, progress: { fraction: n / 2, note: `${n}` } }));
    await commit(store, { progress: reports });
    for (const { lease, progress } of reports)
      assert.deepEqual((await store.records.get(lease.id))?.progress, progress);
  });

  states("what a late worker reports of a job that was claimed again is ignored", async (store) => {
    const late = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    await report(store, late);
    assert.equal((await store.records.get(late.id))?.progress, null);
    const again = await claimOne(store, { worker: OTHER_WORKER });
    assert.equal((await store.records.get(late.id))?.progress, null);
    await report(store, late);
    assert.equal((await store.records.get(late.id))?.progress, null);
    await report(store, again);
    assert.deepEqual((await store.records.get(late.id))?.progress, HALF);
  });

  states(
    "progress is gone once the job no longer runs, and the next attempt begins without it",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      await report(store, lease);
      await failForNow(store, lease, NOW, NOW);
      assert.equal((await store.records.get(lease.id))?.progress, null);
      const again = await claimOne(store);
      assert.equal((await store.records.get(lease.id))?.progress, null);
      await report(store, again);
      await succeed(store, again);
      assert.equal((await store.records.get(lease.id))?.progress, null);
    },
  );

  states("neither failure, cancelling nor release leaves progress behind", async (store) => {
    const leases = [await enqueueAndClaim(store), await enqueueAndClaim(store), await enqueueAndClaim(store)];
    const [failed, cancelled, released] = leases;
    assert.ok(failed && cancelled && released);
    for (const lease of leases) await report(store, lease);
    await fail(store, failed);
    await store.byHand.cancel(cancelled.id, NOW);
    await store.workers.release([released], NOW);
    for (const { id } of leases) assert.equal((await store.records.get(id))?.progress, null);
  });

  states("progress that comes with its job's settlement is nothing new", async (store) => {
    const lease = await enqueueAndClaim(store);
    const settled = settlement(lease, { status: "succeeded", result: null });
    const done = await commit(store, {
      settlements: [settled],
      progress: [{ lease, progress: HALF }],
    });
    assert.deepEqual(done.settled, [true]);
    const job = await store.records.get(lease.id);
    assert.deepEqual([job?.status, job?.progress], ["succeeded", null]);
  });
}
