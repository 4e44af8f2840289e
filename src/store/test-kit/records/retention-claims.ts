import assert from "node:assert/strict";
import { listJobs } from "../../list-jobs.ts";
import { MOST_LOOKED_AT, type PrunedBatch } from "../../retention.ts";
import type { Store } from "../../store.ts";
import { newEvent, submissionOf } from "../shelves/event-claims.ts";
import { DAY, HOUR, NOW, type StoreClaim } from "../store-under-test.ts";
import {
  claim,
  commit,
  endedBefore,
  enqueue,
  enqueueAndClaim,
  fail,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "../stored-jobs.ts";

/** Prunes batch after batch; how many jobs in all. */
function pruneAll(store: Store, finishedBefore: number, limit = 10): Promise<number> {
  return inBatches(limit, (after) => store.retention.pruneJobs(endedBefore(finishedBefore), after, limit));
}

async function inBatches(limit: number, prune: (after: string | null) => Promise<PrunedBatch>) {
  let sum = 0;
  let after: string | null = null;
  do {
    const { pruned, last } = await prune(after);
    assert.ok(pruned <= limit);
    sum += pruned;
    after = last;
  } while (after !== null);
  return sum;
}

/** Jobs of which a third each succeeded, failed and was cancelled, all at once. */
async function endedInEachWay(store: Store, count: number, endedAt: number): Promise<JobsByEnd> {
  const jobs = newJobs(count, { createdAt: endedAt });
  await enqueue(store, jobs, endedAt);
  const ended = { succeeded: [] as string[], failed: [] as string[], cancelled: [] as string[] };
  for (const [n, lease] of (await claim(store, { now: endedAt })).entries()) {
    if (n % 3 === 2) {
      await store.byHand.cancel(lease.id, endedAt);
      ended.cancelled.push(lease.id);
    } else {
      await (n % 3 ? fail : succeed)(store, lease, endedAt);
      ended[n % 3 ? "failed" : "succeeded"].push(lease.id);
    }
  }
  return ended;
}

type JobsByEnd = Readonly<Record<"succeeded" | "failed" | "cancelled", readonly string[]>>;

async function areThere(store: Store, ids: readonly string[]): Promise<boolean[]> {
  const found = await Promise.all(ids.map((id) => store.records.get(id)));
  return [...new Set(found.map((job) => job !== undefined))];
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

  states("what failed or was cancelled can outlive what succeeded", async (store) => {
    const { succeeded, failed, cancelled } = await endedInEachWay(store, 30, LONG_AGO);
    const before = { succeeded: BOUND, failed: LONG_AGO };
    const prune = () => inBatches(4, (after) => store.retention.pruneJobs(before, after, 4));
    assert.equal(await prune(), 10);
    assert.deepEqual(await areThere(store, succeeded), [false]);
    assert.deepEqual(await areThere(store, [...failed, ...cancelled]), [true]);
    assert.equal(await prune(), 0);
    const later = LONG_AGO + 1;
    assert.equal((await store.retention.pruneDead("failed", LONG_AGO, null, 9)).pruned, 0);
    for (const [status, others] of [
      ["failed", cancelled],
      ["cancelled", []],
    ] as const) {
      const gone = await inBatches(4, (after) => store.retention.pruneDead(status, later, after, 4));
      assert.equal(gone, 10);
      assert.deepEqual(await areThere(store, others), others.length > 0 ? [true] : []);
    }
    for (const id of failed) assert.deepEqual(await store.records.attempts(id, { limit: 9 }), []);
    assert.deepEqual(await listJobs(store.records, {}, { limit: 9 }), []);
  });

  states("finished jobs are weighed, the youngest first, with what they hold", async (store) => {
    const text = (bytes: number) =>
      Array.from({ length: bytes }, (_, n) => String.fromCharCode(97 + ((n * n) % 23))).join("");
    const [small, large] = newJobs(2, { createdAt: LONG_AGO });
    assert.ok(small && large);
    await enqueue(store, [small, { ...large, payload: JSON.stringify(text(1_500)) }], LONG_AGO);
    const event = newEvent({ createdAt: LONG_AGO, jobs: 2, payload: Buffer.from(text(1_900)) });
    await commit(store, { submissions: [submissionOf(event, 1)] });
    await commit(store, { enqueues: [{ job: newJob({ createdAt: LONG_AGO, ties: { retainMs: DAY } }) }] });
    await enqueue(store, [newJob({ runAt: NOW + DAY })]);
    for (const [n, lease] of (await claim(store)).entries())
      await (n === 1 ? fail : succeed)(store, lease, LONG_AGO);
    const page = await store.retention.weigh(null, 9);
    assert.deepEqual(
      page.map(({ createdAt, hasSucceeded }) => [createdAt, hasSucceeded]),
      [
        [LONG_AGO, true],
        [LONG_AGO, false],
        [LONG_AGO, true],
      ],
    );
    const [ofEvent = 0, ofLarge = 0, ofSmall = 0] = page.map(({ bytes }) => bytes);
    assert.ok(ofSmall < 700, String(ofSmall));
    assert.ok(ofLarge - ofSmall > 1_000 && ofLarge - ofSmall < 1_800, String(ofLarge));
    assert.ok(ofEvent - ofSmall > 500 && ofEvent - ofSmall < 1_000, "its half of the event");
    const [first] = await store.retention.weigh(null, 1);
    assert.deepEqual(await store.retention.weigh(first?.mark ?? "", 9), page.slice(1));
    assert.deepEqual(await store.retention.weigh(page.at(-1)?.mark ?? "", 9), []);
  });

  states("jobs can be pruned by when they were made, whenever they ended", async (store) => {
    const [old, young] = [newJobs(3, { createdAt: LONG_AGO }), newJobs(3)];
    await enqueue(store, [...old, ...young]);
    for (const [n, lease] of (await claim(store)).entries())
      await (n % 3 === 0 ? fail : succeed)(store, lease, NOW);
    const before = { succeeded: NOW + HOUR, failed: 0, madeBefore: LONG_AGO + 1 };
    assert.equal(await inBatches(9, (after) => store.retention.pruneJobs(before, after, 9)), 2);
    assert.equal((await store.retention.pruneDead("failed", NOW + HOUR, null, 9, LONG_AGO)).pruned, 0);
    assert.equal((await store.retention.pruneDead("failed", NOW + HOUR, null, 9, LONG_AGO + 1)).pruned, 1);
    assert.deepEqual(await areThere(store, idsOf(old)), [false]);
    assert.deepEqual(await areThere(store, idsOf(young)), [true]);
  });

  states("what succeeded can outlive what failed or was cancelled", async (store) => {
    const { succeeded, failed, cancelled } = await endedInEachWay(store, 30, LONG_AGO);
    const before = { succeeded: LONG_AGO, failed: BOUND };
    assert.equal(await inBatches(9, (after) => store.retention.pruneJobs(before, after, 9)), 0);
    for (const status of ["failed", "cancelled"] as const)
      assert.equal(await inBatches(9, (after) => store.retention.pruneDead(status, BOUND, after, 9)), 10);
    assert.deepEqual(await areThere(store, [...failed, ...cancelled]), [false]);
    assert.deepEqual(await areThere(store, succeeded), [true]);
    assert.equal(await pruneAll(store, BOUND), 10);
  });

  states(
    "of failed jobs, those stay that have not ended, ended late or have a retention of their own",
    async (store) => {
      const own = await enqueueAndClaim(store, { createdAt: LONG_AGO, ties: { retainMs: 100 * DAY } });
      const late = await enqueueAndClaim(store, { createdAt: LONG_AGO });
      const again = await enqueueAndClaim(store, { createdAt: LONG_AGO });
      await fail(store, own, LONG_AGO);
      await fail(store, late, BOUND);
      await fail(store, again, LONG_AGO);
      await store.byHand.rerun(again.id, NOW);
      assert.deepEqual(await store.retention.pruneDead("failed", BOUND, null, 9), { pruned: 0, last: null });
      assert.deepEqual(await areThere(store, [own.id, late.id, again.id]), [true]);
      assert.equal((await store.retention.pruneDead("failed", BOUND + 1, null, 9)).pruned, 1);
    },
  );

  states("a walk past many that are kept says where to continue, and continues there", async (store) => {
    const kept = newJobs(MOST_LOOKED_AT, { createdAt: LONG_AGO });
    await enqueue(store, kept, LONG_AGO);
    for (const { id } of kept) await store.byHand.cancel(id, LONG_AGO);
    const behind = await enqueueAndClaim(store, { createdAt: LONG_AGO + 1 });
    await succeed(store, behind, LONG_AGO + 1);
    const before = { succeeded: BOUND, failed: LONG_AGO };
    const first = await store.retention.pruneJobs(before, null, 9);
    assert.equal(first.pruned, 0);
    assert.ok(first.last !== null);
    const second = await store.retention.pruneJobs(before, first.last, 9);
    assert.deepEqual(second, { pruned: 1, last: null });
  });

  states(
    "the oldest that should have been deleted is given, of succeeded and of failed ones",
    async (store) => {
      const oldest = async (succeeded: number, failed: number) => {
        const { unpruned } = await store.inspection.facts({
          now: NOW,
          endedBefore: { succeeded, failed },
          deep: false,
        });
        return [unpruned.succeededAt, unpruned.failedAt];
      };
      assert.deepEqual(await oldest(BOUND, BOUND), [null, null]);
      await endedInEachWay(store, 6, LONG_AGO);
      assert.deepEqual(await oldest(BOUND, LONG_AGO), [LONG_AGO, null]);
      assert.deepEqual(await oldest(LONG_AGO, BOUND), [null, LONG_AGO]);
      assert.deepEqual(await oldest(BOUND, BOUND), [LONG_AGO, LONG_AGO]);
    },
  );

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
