import assert from "node:assert/strict";
import type { LeasedJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import { claim, claimOne, enqueueAndClaim, failForNow, settle, snooze, succeed } from "../stored-jobs.ts";

function snoozed(store: Store, lease: LeasedJob, runAt: number, now = NOW): Promise<boolean> {
  return settle(store, snooze(lease, runAt), now);
}

export function snoozeClaims(states: StoreClaim): void {
  states("a snoozed job waits until then, and no attempt was made", async (store) => {
    const lease = await enqueueAndClaim(store);
    assert.equal(await snoozed(store, lease, NOW + HOUR), true);
    const job = await store.records.get(lease.id);
    assert.deepEqual([job?.status, job?.runAt, job?.attempts], ["queued", NOW + HOUR, 0]);
    assert.deepEqual([job?.error, job?.finishedAt], [null, null]);
    assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
    assert.deepEqual(await store.workers.leasesOf(WORKER.id), new Set());
    assert.equal(await store.queue.nextDue(), NOW + HOUR);
    assert.deepEqual(await claim(store), []);
    await store.queue.promote(NOW + HOUR, 9);
    const again = await claimOne(store, { now: NOW + HOUR });
    assert.deepEqual([again.attempts, again.failures, again.losses], [1, 0, 0]);
    assert.notEqual(again.token, lease.token);
  });

  states("the number of a snoozed attempt is given out again, after those recorded", async (store) => {
    const first = await enqueueAndClaim(store);
    await failForNow(store, first, NOW, NOW);
    for (let n = 0; n < 3; n++) {
      const lease = await claimOne(store);
      assert.deepEqual([lease.attempts, lease.failures], [2, 1]);
      await snoozed(store, lease, NOW);
    }
    assert.equal((await store.records.get(first.id))?.error, "it broke");
    await succeed(store, await claimOne(store), NOW + SECOND);
    assert.deepEqual(
      (await store.records.attempts(first.id, { limit: 9 })).map(({ n, outcome }) => [n, outcome]),
      [
        [2, "succeeded"],
        [1, "failed"],
      ],
    );
    assert.equal((await store.records.get(first.id))?.attempts, 2);
  });

  states("losses before a snooze still count", async (store) => {
    await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    await snoozed(store, await claimOne(store), NOW);
    const again = await claimOne(store);
    assert.deepEqual([again.attempts, again.failures, again.losses], [2, 0, 1]);
  });

  states("a late worker cannot snooze a job that was taken from it", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    assert.equal(await snoozed(store, lease, NOW + HOUR), false);
    assert.equal((await store.records.get(lease.id))?.attempts, 1);
    assert.equal((await claimOne(store)).id, lease.id);
  });

  states("a snoozed job can be cancelled", async (store) => {
    const lease = await enqueueAndClaim(store);
    await snoozed(store, lease, NOW + HOUR);
    assert.deepEqual(await store.byHand.cancel(lease.id, NOW), { from: "queued", changed: true });
    assert.equal(await store.queue.nextDue(), null);
  });
}
