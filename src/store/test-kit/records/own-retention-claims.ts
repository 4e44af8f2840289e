import assert from "node:assert/strict";
import { listJobs } from "../../list-jobs.ts";
import type { Store } from "../../store.ts";
import { DAY, HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import {
  claimOne,
  endedBefore,
  enqueue,
  enqueueAndClaim,
  fail,
  idsOf,
  newJob,
  succeed,
} from "../stored-jobs.ts";

/** Deletes by the default age everything that has ended so far. */
async function pruneByAge(store: Store): Promise<number> {
  return (await store.retention.pruneJobs(endedBefore(NOW + 100 * DAY), null, 100)).pruned;
}

export function ownRetentionClaims(states: StoreClaim): void {
  states("a job with a retention of its own is deleted when that is over, and not before", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: { retainMs: HOUR } });
    await fail(store, lease, NOW + SECOND);
    assert.equal(await store.retention.pruneExpired(NOW + SECOND + HOUR - 1, 9), 0);
    assert.equal((await store.records.get(lease.id))?.status, "failed");
    assert.equal(await store.retention.pruneExpired(NOW + SECOND + HOUR, 9), 1);
    assert.equal(await store.records.get(lease.id), undefined);
    assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
    assert.deepEqual(await listJobs(store.records, { lane: lease.lane }, { limit: 9 }), []);
  });

  states("it is not deleted by the default age, and others not by theirs", async (store) => {
    const own = await enqueueAndClaim(store, { ties: { retainMs: 1_000 * DAY } });
    await succeed(store, own);
    const keyed = await enqueueAndClaim(store, { ties: { key: "k" } });
    await succeed(store, keyed);
    assert.equal(await store.retention.pruneExpired(NOW + 999 * DAY, 9), 0);
    assert.equal(await pruneByAge(store), 1);
    assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 9 })), [own.id]);
  });

  states("a retention of nothing is over with the job's end", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: { retainMs: 0 } });
    assert.equal(await store.retention.pruneExpired(NOW + DAY, 9), 0, "it lives");
    await succeed(store, lease, NOW);
    assert.equal(await store.retention.pruneExpired(NOW, 9), 1);
  });

  states("a cancelled job's own retention counts too", async (store) => {
    const job = newJob({ ties: { retainMs: HOUR } });
    await enqueue(store, [job]);
    await store.byHand.cancel(job.id, NOW);
    assert.equal(await pruneByAge(store), 0);
    assert.equal(await store.retention.pruneExpired(NOW + HOUR, 9), 1);
  });

  states("a job rerun by hand is kept while it lives, and from its new end on", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: { retainMs: HOUR } });
    await fail(store, lease, NOW);
    await store.byHand.rerun(lease.id, NOW);
    assert.equal(await store.retention.pruneExpired(NOW + DAY, 9), 0);
    await succeed(store, await claimOne(store), NOW + DAY);
    assert.equal(await store.retention.pruneExpired(NOW + DAY, 9), 0);
    assert.equal(await store.retention.pruneExpired(NOW + DAY + HOUR, 9), 1);
  });

  states("no more are deleted at once than the limit", async (store) => {
    for (let n = 0; n < 5; n++)
      await succeed(store, await enqueueAndClaim(store, { ties: { retainMs: HOUR } }), NOW);
    const counts: number[] = [];
    for (let n = 0; n < 4; n++) counts.push(await store.retention.pruneExpired(NOW + HOUR, 2));
    assert.deepEqual(counts, [2, 2, 1, 0]);
  });
}
