import assert from "node:assert/strict";
import { afterParkingUnbegun } from "../../../core/transition.ts";
import type { LeasedJob, NewJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { DAY, NOW, OTHER_WORKER, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  fail,
  failForNow,
  idsOf,
  loseForGood,
  newJob,
  settlement,
  snooze,
  succeed,
  UNLIMITED,
} from "../stored-jobs.ts";

const LANE = "in order";
const ORDERED = { ordered: true } as const;
const ALL = { limit: 100 };

function ordered(fields: Partial<NewJob> = {}): NewJob {
  return newJob({ lane: LANE, ties: ORDERED, ...fields });
}

function severalOrdered(count: number, fields: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, () => ordered(fields));
}

/** Ends the lane's jobs well, one after the other; their ids in that order. */
async function runAll(store: Store, now = NOW): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    await store.queue.promote(now, 100);
    const leases = await claim(store, { now });
    assert.ok(leases.length <= 1, `${leases.length} of an ordered lane at once`);
    const [lease] = leases;
    if (!lease) return ids;
    ids.push(lease.id);
    await succeed(store, lease, now);
  }
}

async function started(store: Store, count: number): Promise<{ jobs: NewJob[]; head: LeasedJob }> {
  const jobs = severalOrdered(count);
  await enqueue(store, jobs);
  return { jobs, head: await claimOne(store) };
}

export function orderedClaims(states: StoreClaim): void {
  states("of an ordered lane one goes at a time, in the order in which they came", async (store) => {
    const one = severalOrdered(3);
    await enqueue(store, one);
    const two = severalOrdered(2, { createdAt: NOW - SECOND, priority: -5 });
    for (const job of two) await enqueue(store, [job]);
    const other = newJob({ lane: "other" });
    await enqueue(store, [other]);
    const [first, ...more] = await claim(store);
    assert.deepEqual(new Set(idsOf([...(first ? [first] : []), ...more])), new Set([one[0]?.id, other.id]));
    for (const lease of [first, ...more]) if (lease) await succeed(store, lease);
    assert.deepEqual(await runAll(store, NOW + SECOND), idsOf([...one, ...two]).slice(1));
  });

  states("those behind the head are queued to everyone who looks", async (store) => {
    const jobs = severalOrdered(3, { runAt: NOW });
    await enqueue(store, jobs);
    for (const { id } of jobs) {
      const job = await store.records.get(id);
      assert.deepEqual([job?.status, job?.runAt, job?.attempts], ["queued", NOW, 0]);
    }
    const { jobs: queued } = await store.records.list({ status: "queued", lane: LANE }, ALL);
    assert.deepEqual(idsOf(queued).reverse(), idsOf(jobs));
  });

  states("a failed attempt keeps the head the head, even while it waits", async (store) => {
    const { jobs, head } = await started(store, 2);
    await failForNow(store, head, NOW + 60 * SECOND);
    assert.deepEqual(await claim(store, { now: NOW + 59 * SECOND }), []);
    await store.queue.promote(NOW + 60 * SECOND, 10);
    const again = await claimOne(store, { now: NOW + 60 * SECOND });
    assert.deepEqual([again.id, again.attempts], [head.id, 2]);
    const settled = snooze(again, NOW + 60 * SECOND);
    await commit(store, { now: NOW + 60 * SECOND, settlements: [settled] });
    assert.deepEqual(await runAll(store, NOW + 61 * SECOND), idsOf(jobs));
  });

  states("each way that a head ends lets the next one in, in the same commit", async (store) => {
    const request = { worker: WORKER, limit: 9, maxBytes: 1e9, room: UNLIMITED };
    const { jobs, head } = await started(store, 4);
    const well = settlement(head, { status: "succeeded", result: null });
    const [second, ...none] = (await commit(store, { settlements: [well], claim: request })).claimed;
    assert.deepEqual([second?.id, none], [jobs[1]?.id, []]);
    assert.ok(second);
    const badly = settlement(second, { status: "failed", error: "it broke" });
    const [third] = (await commit(store, { settlements: [badly], claim: request })).claimed;
    assert.equal(third?.id, jobs[2]?.id);
    assert.equal((await store.byHand.cancel(third?.id ?? "", NOW))?.changed, true, "while it runs");
    const fourth = await claimOne(store);
    assert.equal(fourth.id, jobs[3]?.id);
    await succeed(store, fourth);
    const [next, last] = severalOrdered(2);
    assert.ok(next && last);
    await enqueue(store, [next, last]);
    await store.byHand.cancel(next.id, NOW);
    assert.deepEqual(await runAll(store), [last.id], "also while it waits");
  });

  states(
    "a job that comes as the head ends is taken at once, and one that comes before is not",
    async (store) => {
      const request = { worker: WORKER, limit: 9, maxBytes: 1e9, room: UNLIMITED };
      const job = ordered();
      const { claimed } = await commit(store, { enqueues: [{ job }], claim: request });
      const head = claimed[0] ?? (await claimOne(store));
      const early = ordered();
      assert.deepEqual((await commit(store, { enqueues: [{ job: early }], claim: request })).claimed, []);
      const settlements = [settlement(head, { status: "succeeded", result: null })];
      const late = ordered();
      const done = await commit(store, { settlements, enqueues: [{ job: late }], claim: request });
      assert.deepEqual(idsOf(done.claimed), [early.id]);
      for (const lease of done.claimed) await succeed(store, lease);
      assert.deepEqual(await runAll(store), [late.id]);
    },
  );

  states(
    "a head that is lost with its worker stays the head, and one that is lost permanently ends",
    async (store) => {
      const [job, next] = severalOrdered(2);
      assert.ok(job && next);
      await enqueue(store, [job, next]);
      const lease = await claimOne(store, { worker: OTHER_WORKER });
      await store.workers.reclaim(OTHER_WORKER, NOW, "ended");
      const again = await claimOne(store);
      assert.equal(again.id, lease.id);
      await store.workers.release([again], NOW);
      await succeed(store, await claimOne(store));
      const end = await loseForGood(store);
      assert.equal((await store.records.get(next.id))?.status, "failed");
      const after = ordered();
      await enqueue(store, [after], end);
      assert.deepEqual(await runAll(store, end), [after.id]);
    },
  );

  states("a late worker of the head ends nothing", async (store) => {
    const [job, next] = severalOrdered(2);
    assert.ok(job && next);
    await enqueue(store, [job, next]);
    const late = await claimOne(store, { worker: OTHER_WORKER });
    await store.workers.reclaim(OTHER_WORKER, NOW, "silent");
    const again = await claimOne(store);
    assert.equal(await succeed(store, late), false);
    assert.deepEqual(await claim(store), []);
    await succeed(store, again);
    assert.deepEqual(await runAll(store), [next.id]);
  });

  states("what is redelivered joins the end of the line", async (store) => {
    const { jobs, head } = await started(store, 3);
    await fail(store, head);
    const second = await claimOne(store);
    assert.equal((await store.byHand.rerun(head.id, NOW))?.changed, true);
    await fail(store, second);
    const filter = { task: "mail.send", status: "failed", finishedBefore: NOW + DAY } as const;
    assert.equal((await store.byHand.rerunMany(filter, 10, NOW)).rerun, 1);
    const last = ordered();
    await enqueue(store, [last]);
    assert.deepEqual(await runAll(store), [jobs[2]?.id, head.id, second.id, last.id]);
    assert.deepEqual((await store.records.get(head.id))?.attempts, 2);
  });

  states("a job of an idle lane that is redelivered has its turn at once", async (store) => {
    const { head } = await started(store, 1);
    await fail(store, head);
    await store.byHand.rerun(head.id, NOW);
    const next = ordered();
    await enqueue(store, [next]);
    assert.deepEqual(await runAll(store), [head.id, next.id]);
  });

  states("a job for later holds up those behind it from its place on, and none before it", async (store) => {
    const first = ordered();
    const later = ordered({ runAt: NOW + 60 * SECOND });
    const last = ordered();
    await enqueue(store, [first, later, last]);
    assert.deepEqual(await runAll(store, NOW + SECOND), [first.id]);
    assert.deepEqual(await runAll(store, NOW + 60 * SECOND), [later.id, last.id]);
  });

  states("parking keeps the order, and unparking lets only the head in", async (store) => {
    const jobs = severalOrdered(4);
    await enqueue(store, jobs);
    assert.equal(await store.parking.park(LANE, "paused", 500, NOW), 1);
    const more = severalOrdered(2, { parked: "paused" });
    await enqueue(store, more);
    assert.deepEqual(await claim(store), []);
    assert.equal(await store.parking.unpark(LANE, 500, NOW), 1);
    const head = await claimOne(store);
    await commit(store, {
      settlements: [{ lease: head, transition: afterParkingUnbegun(head, "paused", NOW) }],
    });
    assert.deepEqual(await claim(store), []);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "breaker"), 0);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "paused"), 1);
    assert.deepEqual(await runAll(store), idsOf([...jobs, ...more]));
  });

  states("a head that comes parked is let in alone", async (store) => {
    const jobs = severalOrdered(3, { parked: "paused" });
    await enqueue(store, jobs);
    assert.deepEqual(await claim(store), []);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "paused"), 1);
    assert.deepEqual(await runAll(store), idsOf(jobs));
  });

  states("one that is cancelled in the line leaves the others as they stand", async (store) => {
    const { jobs, head } = await started(store, 4);
    await store.byHand.cancel(jobs[2]?.id ?? "", NOW);
    assert.deepEqual(await claim(store), []);
    await succeed(store, head);
    assert.deepEqual(await runAll(store), [jobs[1]?.id, jobs[3]?.id]);
  });

  states("when a lane is no longer ordered, all behind the head are let in", async (store) => {
    const { jobs, head } = await started(store, 6);
    assert.equal(await store.parking.unpark(LANE, 3, NOW, "behind"), 3);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "behind"), 2);
    const free = newJob({ lane: LANE });
    await enqueue(store, [free]);
    const rest = await claim(store);
    assert.deepEqual(new Set(idsOf(rest)), new Set([...idsOf(jobs.slice(1)), free.id]));
    for (const lease of [...rest, head]) await succeed(store, lease);
    const again = severalOrdered(2);
    await enqueue(store, again);
    assert.deepEqual(await runAll(store), idsOf(again));
  });

  states(
    "where a lane becomes ordered, what is under way goes on, and what comes keeps its order",
    async (store) => {
      const before = [newJob({ lane: LANE }), newJob({ lane: LANE })];
      await enqueue(store, before);
      const running = await claim(store);
      const jobs = severalOrdered(2);
      await enqueue(store, jobs);
      for (const lease of running) await succeed(store, lease);
      assert.deepEqual(await runAll(store), idsOf(jobs));
    },
  );

  states("jobs accepted in a caller's transaction stand in the same line", async (store, opened) => {
    const second = await opened.another();
    const [one, two, three] = severalOrdered(3);
    assert.ok(one && two && three);
    await enqueue(store, [one]);
    await enqueue(second, [two]);
    await enqueue(store, [three]);
    assert.deepEqual(await runAll(second), idsOf([one, two, three]));
  });

  states(
    "of many that come to a free lane at once, from several processes, one is the head",
    async (store, opened) => {
      const second = await opened.another();
      const jobs = severalOrdered(20);
      await Promise.all(jobs.map((job, n) => enqueue(n % 2 ? store : second, [job])));
      assert.deepEqual(new Set(await runAll(store)), new Set(idsOf(jobs)));
    },
  );

  states("an export and import keep the lane ordered", async (store, opened) => {
    const { jobs } = await started(store, 4);
    const other = await opened.empty();
    await other.transfer.add("job", await store.transfer.page("job", null, 9), NOW);
    assert.deepEqual(await runAll(other), idsOf(jobs));
  });
}
