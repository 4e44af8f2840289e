import assert from "node:assert/strict";
import { listJobs } from "../list-jobs.ts";
import type { Store } from "../store.ts";
import { DAY, HOUR, NOW, type StoreClaim } from "./store-under-test.ts";
import {
  claim,
  commit,
  enqueue,
  enqueueAndClaim,
  fail,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "./stored-jobs.ts";

/** Prunes batch after batch; how many jobs in all. */
async function pruneAll(store: Store, finishedBefore: number, limit = 10): Promise<number> {
  let sum = 0;
  let after: string | null = null;
  do {
    const { pruned, last } = await store.retention.pruneJobs(finishedBefore, after, limit);
    assert.ok(pruned <= limit);
    sum += pruned;
    after = last;
  } while (after !== null);
  return sum;
}

const LONG_AGO = NOW - 40 * DAY;
const BOUND = NOW - 30 * DAY;

export function retentionClaims(states: StoreClaim): void {
  states("after all was pruned, the lists of lanes go on with what is new", async (store) => {
    const old = newJobs(1_200, { createdAt: LONG_AGO, lane: "lane" });
    await enqueue(store, old, LONG_AGO);
    for (const { id } of old) await store.byHand.cancel(id, LONG_AGO);
    while (await store.retention.maintain());
    assert.equal(await pruneAll(store, BOUND, 500), 1_200);
    const young = newJobs(3, { lane: "lane" });
    await enqueue(store, young);
    assert.deepEqual(
      idsOf(await listJobs(store.records, { lane: "lane" }, { limit: 9 })),
      idsOf(young).reverse(),
    );
  });

  states("jobs that ended before the bound are deleted with their attempts", async (store) => {
    const [succeeded, failed] = [
      await enqueueAndClaim(store, { createdAt: LONG_AGO }),
      await enqueueAndClaim(store, { createdAt: LONG_AGO }),
    ];
    await succeed(store, succeeded, LONG_AGO + HOUR);
    await fail(store, failed, LONG_AGO + HOUR);
    const cancelled = newJob({ createdAt: LONG_AGO });
    await enqueue(store, [cancelled], LONG_AGO);
    await store.byHand.cancel(cancelled.id, LONG_AGO + HOUR);
    assert.equal(await pruneAll(store, BOUND), 3);
    for (const { id } of [succeeded, failed, cancelled]) {
      assert.equal(await store.records.get(id), undefined);
      assert.deepEqual(await store.records.attempts(id, { limit: 9 }), []);
    }
  });

  states("young jobs and living ones stay, however old the living are", async (store) => {
    const endedLate = await enqueueAndClaim(store, { createdAt: LONG_AGO });
    await succeed(store, endedLate, BOUND);
    const young = await enqueueAndClaim(store);
    await succeed(store, young);
    const running = await enqueueAndClaim(store, { createdAt: LONG_AGO });
    const [queued, scheduled] = [
      newJob({ createdAt: LONG_AGO }),
      newJob({ createdAt: LONG_AGO, runAt: NOW + DAY }),
    ];
    await enqueue(store, [queued, scheduled], LONG_AGO);
    assert.equal(await pruneAll(store, BOUND), 0);
    for (const { id } of [endedLate, young, running, queued, scheduled])
      assert.ok(await store.records.get(id));
  });

  states("batches go on until all that is old is gone, whatever stands between", async (store) => {
    const jobs = newJobs(60, { createdAt: LONG_AGO });
    await enqueue(store, jobs, LONG_AGO);
    const claimed = await claim(store, { now: LONG_AGO });
    const living = claimed.filter((_, n) => n % 3 === 0);
    for (const lease of claimed) if (!living.includes(lease)) await succeed(store, lease, LONG_AGO);
    assert.equal(await pruneAll(store, BOUND, 7), 40);
    assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 100 })).sort(), idsOf(living).sort());
  });

  states("a rerun job is not pruned for having ended once", async (store) => {
    const lease = await enqueueAndClaim(store, { createdAt: LONG_AGO });
    await fail(store, lease, LONG_AGO);
    await store.byHand.rerun(lease.id, NOW);
    assert.equal(await pruneAll(store, BOUND), 0);
  });

  states(
    "expired idempotency keys are deleted, no more than the limit at once, and only they",
    async (store) => {
      const enqueues = Array.from({ length: 5 }, (_, n) => ({
        job: newJob(),
        idempotency: {
          scope: "s",
          key: `k${n}`,
          fingerprint: "f",
          expiresAt: n < 3 ? NOW + HOUR : NOW + DAY,
        },
      }));
      await commit(store, { enqueues });
      assert.equal(await store.retention.pruneIdempotencyKeys(NOW + HOUR - 1, 10), 0);
      assert.equal(await store.retention.pruneIdempotencyKeys(NOW + HOUR, 2), 2);
      assert.equal(await store.retention.pruneIdempotencyKeys(NOW + HOUR, 2), 1);
      const { enqueued } = await commit(store, {
        enqueues: enqueues.map((each) => ({ ...each, job: newJob() })),
      });
      assert.deepEqual(
        enqueued.map(({ kind }) => kind),
        ["created", "created", "created", "replayed", "replayed"],
      );
    },
  );
}
