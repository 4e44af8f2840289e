import assert from "node:assert/strict";
import { afterParkingUnbegun } from "../../../core/transition.ts";
import { DAY, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  endedBefore,
  enqueue,
  enqueueAndClaim,
  failForNow,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "../stored-jobs.ts";

const LANE = "down";
const ALL = { limit: 1_000 };

export function parkingClaims(states: StoreClaim): void {
  states("a parked lane's jobs are not claimed, and its neighbours' are", async (store) => {
    const other = newJob({ lane: "up" });
    await enqueue(store, [...newJobs(3, { lane: LANE }), other]);
    assert.equal(await store.parking.park(LANE, "breaker", 500, NOW), 3);
    assert.deepEqual(idsOf(await claim(store)), [other.id]);
  });

  states("parking goes in batches, first and later attempts of every priority alike", async (store) => {
    const retried = await enqueueAndClaim(store, { lane: LANE });
    await failForNow(store, retried, NOW, NOW);
    await enqueue(store, [...newJobs(600, { lane: LANE }), ...newJobs(2, { lane: LANE, priority: -5 })]);
    const batches = [];
    for (let n = 0; n < 3; n++) batches.push(await store.parking.park(LANE, "breaker", 1_000, NOW));
    assert.deepEqual(batches, [500, 103, 0]);
    assert.deepEqual(await claim(store), []);
  });

  states(
    "what is parked comes back in batches, those due first first, with all that it carried",
    async (store) => {
      const retried = await enqueueAndClaim(store, { lane: LANE, createdAt: NOW - 9 * SECOND });
      await failForNow(store, retried, NOW - 8 * SECOND, NOW - 8 * SECOND);
      const jobs = [3, 1, 2].map((ago) => newJob({ lane: LANE, runAt: NOW - ago * SECOND }));
      await enqueue(store, jobs);
      await store.parking.park(LANE, "breaker", 500, NOW);
      assert.equal(await store.parking.unpark(LANE, 2, NOW), 2);
      const first = await claim(store);
      assert.deepEqual(new Set(idsOf(first)), new Set([retried.id, jobs[0]?.id]));
      const again = first.find(({ id }) => id === retried.id);
      assert.deepEqual([again?.attempts, again?.failures], [2, 1]);
      assert.equal(again?.startedAt, NOW - 9 * SECOND);
      assert.equal(await store.parking.unpark(LANE, 500, NOW), 2);
      assert.deepEqual(idsOf(await claim(store)), [jobs[2]?.id, jobs[1]?.id]);
      assert.equal(await store.parking.unpark(LANE, 500, NOW), 0);
    },
  );

  states("a parked job is queued to everyone who looks, and says what holds it", async (store) => {
    const job = newJob({ lane: LANE, ties: { key: "k" } });
    await enqueue(store, [job]);
    const before = await store.records.get(job.id);
    await store.parking.park(LANE, "breaker", 500, NOW);
    const parked = { ...before, heldBy: "breaker" };
    assert.equal(before?.heldBy, null);
    assert.deepEqual(await store.records.get(job.id), parked);
    for (const filter of [
      {},
      { status: "queued" },
      { status: "queued", lane: LANE },
      { lane: LANE },
    ] as const)
      assert.deepEqual((await store.records.list(filter, ALL)).jobs, [parked]);
    assert.deepEqual(await store.byHand.rerun(job.id, NOW), { from: "queued", changed: false });
    const { enqueued } = await commit(store, { enqueues: [{ job: newJob({ ties: { key: "k" } }) }] });
    assert.deepEqual(enqueued, [{ kind: "existing", jobId: job.id }]);
    assert.equal((await store.retention.pruneJobs(endedBefore(NOW + SECOND), null, 9)).pruned, 0);
  });

  states("a parked job can be cancelled, and does not come back", async (store) => {
    const [job, other] = [newJob({ lane: LANE }), newJob({ lane: LANE })];
    await enqueue(store, [job, other]);
    await store.parking.park(LANE, "breaker", 500, NOW);
    assert.deepEqual(await store.byHand.cancel(job.id, NOW + SECOND), { from: "queued", changed: true });
    const cancelled = await store.records.get(job.id);
    assert.deepEqual([cancelled?.status, cancelled?.finishedAt], ["cancelled", NOW + SECOND]);
    assert.equal(await store.parking.unpark(LANE, 500, NOW), 1);
    assert.deepEqual(idsOf(await claim(store)), [other.id]);
  });

  states("a worker may park what it claimed and did not begin; no attempt counts", async (store) => {
    const lease = await enqueueAndClaim(store, { lane: LANE });
    const transition = afterParkingUnbegun(lease, "breaker", NOW);
    assert.deepEqual((await commit(store, { settlements: [{ lease, transition }] })).settled, [true]);
    assert.deepEqual(await claim(store), []);
    const job = await store.records.get(lease.id);
    assert.deepEqual([job?.status, job?.attempts, job?.startedAt, job?.error], ["queued", 0, null, null]);
    assert.equal(await store.parking.unpark(LANE, 1, NOW), 1);
    assert.equal((await claimOne(store)).attempts, 1);
  });

  states("what is parked for one reason comes back without what is parked for others", async (store) => {
    const [one, other] = [
      newJob({ lane: LANE, parked: "paused" }),
      newJob({ lane: LANE, parked: "breaker" }),
    ];
    await enqueue(store, [one, other]);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "disabled"), 0);
    assert.equal(await store.parking.unpark(LANE, 500, NOW, "breaker"), 1);
    assert.deepEqual(idsOf(await claim(store)), [other.id]);
    assert.equal(await store.parking.unpark(LANE, 500, NOW), 1);
    assert.deepEqual(idsOf(await claim(store)), [one.id]);
  });

  states("the lanes that have parked jobs are listed, each once, page by page", async (store) => {
    const lanes = ["a", "b", "c"];
    for (const lane of lanes)
      await enqueue(store, [...newJobs(2, { lane, parked: "paused" }), newJob({ lane: `${lane} ready` })]);
    assert.deepEqual(await store.parking.lanes("", 2), ["a", "b"]);
    assert.deepEqual(await store.parking.lanes("b", 2), ["c"]);
    await store.parking.unpark("c", 9, NOW);
    assert.deepEqual(await store.parking.lanes("b", 2), []);
  });

  states(
    "what was parked for too long is cancelled as expired, in batches, with all that its end means",
    async (store) => {
      const onSettled = { task: "after", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };
      const ties = { key: "k", retainMs: SECOND, onSettled };
      const old = [newJob({ lane: LANE, parked: "paused", ties }), newJob({ lane: LANE, parked: "paused" })];
      await enqueue(store, old);
      const young = newJob({ lane: LANE, parked: "paused" });
      await enqueue(store, [young], NOW + SECOND);
      const first = await store.parking.expire(NOW + SECOND, 1, NOW + DAY);
      const second = await store.parking.expire(NOW + SECOND, 9, NOW + DAY);
      assert.deepEqual([first.length, new Set([...first, ...second])], [1, new Set(idsOf(old))]);
      for (const { id } of old) {
        const job = await store.records.get(id);
        assert.deepEqual([job?.status, job?.error, job?.finishedAt], ["cancelled", "expired", NOW + DAY]);
      }
      assert.equal((await claimOne(store, { now: NOW + DAY })).task, "after");
      assert.equal((await store.records.get(young.id))?.status, "queued");
      assert.equal(await store.retention.pruneExpired(NOW + DAY + SECOND, 9), 1);
      const { enqueued } = await commit(store, { enqueues: [{ job: newJob({ ties: { key: "k" } }) }] });
      assert.equal(enqueued[0]?.kind, "created");
    },
  );

  for (const lane of [LANE, `app_${"a".repeat(26)}/ep_x`]) {
    states(`a whole lane is cancelled in batches, wherever its jobs wait: ${lane}`, async (store) => {
      const jobs = [
        ...newJobs(3, { lane }),
        ...newJobs(2, { lane, priority: 7 }),
        ...newJobs(2, { lane, runAt: NOW + DAY }),
        ...newJobs(2, { lane, parked: "paused" }),
        ...newJobs(3, { lane, ties: { ordered: true } }),
      ];
      const others = [newJob({ lane: "other" }), newJob({ lane: "other", runAt: NOW + DAY })];
      const running = await enqueueAndClaim(store, { lane });
      await enqueue(store, [...jobs, ...others]);
      const cancelled: string[] = [];
      for (let batch = ["one"]; batch.length > 0; cancelled.push(...batch))
        batch = await store.byHand.cancelLane(lane, "the endpoint was deleted", 5, NOW + SECOND);
      assert.deepEqual(cancelled.sort(), idsOf(jobs).sort());
      const job = await store.records.get(jobs[0]?.id ?? "");
      assert.deepEqual([job?.status, job?.error], ["cancelled", "the endpoint was deleted"]);
      assert.equal(await succeed(store, running), true, "what runs is left to end");
      assert.deepEqual(idsOf(await claim(store)), [others[0]?.id]);
      assert.equal(await store.queue.promote(NOW + DAY, 9), 1);
    });
  }

  states("some of a lane's jobs are cancelled for a reason, and what runs is left to end", async (store) => {
    const running = await enqueueAndClaim(store, { lane: LANE });
    const parked = newJobs(2, { lane: LANE, parked: "paused" });
    const [ready, kept] = [newJob({ lane: LANE }), newJob({ lane: LANE })];
    await enqueue(store, [...parked, ready, kept]);
    const wanted = [...idsOf(parked), ready.id];
    const ids = [...wanted, running.id, newJob().id, "no id"];
    assert.deepEqual((await store.byHand.cancelWaiting(ids, "dropped", NOW)).sort(), wanted.sort());
    const jobs = await Promise.all(wanted.map((id) => store.records.get(id)));
    for (const job of jobs) assert.deepEqual([job?.status, job?.error], ["cancelled", "dropped"]);
    assert.deepEqual(await store.byHand.cancelWaiting(ids, "dropped", NOW), []);
    assert.equal(await succeed(store, running), true);
    assert.deepEqual(idsOf(await claim(store)), [kept.id]);
  });

  states("a parked job is exported as queued", async (store, opened) => {
    const job = newJob({ lane: LANE });
    await enqueue(store, [job]);
    await store.parking.park(LANE, "breaker", 500, NOW);
    const records = await store.transfer.page("job", null, 9);
    assert.deepEqual(
      records.map(({ status, run_at }) => [status, run_at]),
      [["queued", NOW]],
    );
    const other = await opened.empty();
    await other.transfer.add("job", records, NOW);
    await succeed(other, await claimOne(other));
  });

  states("two that let the same lane back in share its jobs between them", async (store, opened) => {
    const other = await opened.another();
    await enqueue(store, newJobs(20, { lane: LANE }));
    await store.parking.park(LANE, "breaker", 500, NOW);
    const counts = await Promise.all([store, other].map(({ parking }) => parking.unpark(LANE, 15, NOW)));
    while ((await store.parking.unpark(LANE, 500, NOW)) > 0);
    assert.ok(counts.reduce((sum, count) => sum + count, 0) <= 20);
    assert.equal((await claim(store)).length, 20);
  });
}
