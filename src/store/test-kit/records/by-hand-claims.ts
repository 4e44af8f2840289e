import assert from "node:assert/strict";
import type { RerunFilter } from "../../job-records.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  enqueue,
  enqueueAndClaim,
  fail,
  failedJobs,
  failForNow,
  idsOf,
  newJob,
  newJobs,
  rerunAll,
  settle,
  settlement,
  succeed,
} from "../stored-jobs.ts";

const FAILED: RerunFilter = { task: "mail.send", status: "failed", finishedBefore: NOW + HOUR };

export function byHandClaims(states: StoreClaim): void {
  states("a failed job that is rerun is due now, and has all its attempts before it", async (store) => {
    const first = await enqueueAndClaim(store);
    await failForNow(store, first, NOW, NOW);
    await fail(store, await claimOne(store));
    assert.deepEqual(await store.byHand.rerun(first.id, NOW + HOUR), { from: "failed", changed: true });
    const job = await store.records.get(first.id);
    assert.deepEqual([job?.status, job?.runAt, job?.finishedAt], ["queued", NOW + HOUR, null]);
    assert.deepEqual([job?.attempts, job?.startedAt, job?.error], [2, NOW, "it broke"]);
    const again = await claimOne(store, { now: NOW + HOUR });
    assert.deepEqual([again.attempts, again.failures, again.losses], [3, 0, 0]);
    assert.equal(await succeed(store, again), true);
    assert.equal((await store.records.get(first.id))?.status, "succeeded");
    assert.equal((await store.records.attempts(first.id, { limit: 9 })).length, 3);
  });

  states("a cancelled job can be rerun", async (store) => {
    const job = newJob();
    await enqueue(store, [job]);
    await store.byHand.cancel(job.id, NOW);
    assert.deepEqual(await store.byHand.rerun(job.id, NOW), { from: "cancelled", changed: true });
    assert.deepEqual(idsOf(await claim(store)), [job.id]);
  });

  states("a queued, running or succeeded job is not rerun, nor one that is not there", async (store) => {
    const succeeded = await enqueueAndClaim(store);
    await succeed(store, succeeded);
    const running = await enqueueAndClaim(store);
    const [queued, scheduled] = [newJob(), newJob({ runAt: NOW + HOUR })];
    await enqueue(store, [queued, scheduled]);
    assert.deepEqual(await store.byHand.rerun(succeeded.id, NOW), { from: "succeeded", changed: false });
    assert.deepEqual(await store.byHand.rerun(running.id, NOW), { from: "running", changed: false });
    assert.deepEqual(await store.byHand.rerun(queued.id, NOW), { from: "queued", changed: false });
    assert.deepEqual(await store.byHand.rerun(scheduled.id, NOW), { from: "queued", changed: false });
    assert.equal(await store.byHand.rerun("job_unknown", NOW), undefined);
    assert.equal((await store.records.get(succeeded.id))?.status, "succeeded");
    assert.deepEqual(idsOf(await claim(store)), [queued.id]);
  });

  states("a job that is queued for later is made due now, and has its attempts before it", async (store) => {
    const lease = await enqueueAndClaim(store);
    await failForNow(store, lease, NOW + 48 * HOUR, NOW);
    const delayed = newJob({ runAt: NOW + HOUR });
    await enqueue(store, [delayed]);
    for (const { id } of [lease, delayed]) {
      assert.deepEqual(await store.byHand.runNow(id, NOW + SECOND), { from: "queued", changed: true });
      assert.equal((await store.records.get(id))?.runAt, NOW + SECOND);
    }
    assert.equal(await store.queue.nextDue(), null);
    const claimed = await claim(store, { now: NOW + SECOND });
    assert.deepEqual(idsOf(claimed).sort(), idsOf([lease, delayed]).sort());
    const again = claimed.find(({ id }) => id === lease.id);
    assert.deepEqual([again?.attempts, again?.failures, again?.startedAt], [2, 1, NOW]);
  });

  states(
    "a job that is due, runs or has ended is not made due now, nor one that is not there",
    async (store) => {
      const failed = await enqueueAndClaim(store);
      await fail(store, failed);
      const running = await enqueueAndClaim(store);
      const due = newJob();
      await enqueue(store, [due]);
      assert.deepEqual(await store.byHand.runNow(failed.id, NOW), { from: "failed", changed: false });
      assert.deepEqual(await store.byHand.runNow(running.id, NOW), { from: "running", changed: false });
      assert.deepEqual(await store.byHand.runNow(due.id, NOW), { from: "queued", changed: false });
      assert.equal(await store.byHand.runNow("job_unknown", NOW), undefined);
      assert.deepEqual(idsOf(await claim(store)), [due.id]);
    },
  );

  states("of two processes that rerun one job at once, one does", async (store, opened) => {
    const job = newJob();
    await failedJobs(store, [job]);
    const other = await opened.another();
    const done = await Promise.all([store.byHand.rerun(job.id, NOW), other.byHand.rerun(job.id, NOW)]);
    assert.deepEqual(done.map((each) => each?.changed).sort(), [false, true]);
    assert.equal((await claim(store)).length, 1);
  });

  states("a filter reruns all that match, batch by batch, until none is left", async (store) => {
    const jobs = newJobs(25);
    await failedJobs(store, jobs);
    const batches = await rerunAll(store, FAILED, 10);
    assert.equal(
      batches.reduce((sum, count) => sum + count),
      25,
    );
    assert.ok(Math.max(...batches) <= 10);
    assert.deepEqual(idsOf(await claim(store)).sort(), idsOf(jobs));
  });

  states(
    "a filter takes only what fits task, status, lane, and the times of making and of ending",
    async (store) => {
      const fits = newJob({ lane: "l", task: "t", createdAt: NOW + SECOND });
      const others = [
        newJob({ lane: "other", task: "t", createdAt: NOW + SECOND }),
        newJob({ lane: "l", task: "other", createdAt: NOW + SECOND }),
        newJob({ lane: "l", task: "t", createdAt: NOW }),
        newJob({ lane: "l", task: "t", createdAt: NOW + 2 * SECOND }),
      ];
      await failedJobs(
        store,
        [fits, ...others].map((job) => ({ ...job, runAt: NOW })),
        NOW + HOUR,
      );
      const endedLate = newJob({ lane: "l", task: "t", createdAt: NOW + SECOND, runAt: NOW });
      await failedJobs(store, [endedLate], NOW + 2 * HOUR);
      const cancelled = newJob({ lane: "l", task: "t", createdAt: NOW + SECOND, runAt: NOW });
      await enqueue(store, [cancelled]);
      await store.byHand.cancel(cancelled.id, NOW);
      const filter = {
        task: "t",
        lane: "l",
        createdFrom: NOW + SECOND,
        createdBefore: NOW + 2 * SECOND,
        finishedBefore: NOW + 2 * HOUR,
      };
      await rerunAll(store, { ...filter, status: "failed" }, 10);
      assert.deepEqual(idsOf(await claim(store)), [fits.id]);
      await rerunAll(store, { ...filter, status: "cancelled" }, 10);
      assert.deepEqual(idsOf(await claim(store)), [cancelled.id]);
    },
  );

  states("a job that fails again while batches go on is not taken twice", async (store) => {
    const jobs = newJobs(6);
    await failedJobs(store, jobs, NOW);
    const filter = { ...FAILED, finishedBefore: NOW + SECOND };
    const first = await store.byHand.rerunMany(filter, 2, NOW + SECOND);
    assert.ok(first.last);
    for (const lease of await claim(store)) await fail(store, lease, NOW + SECOND);
    let { rerun } = first;
    for (const count of await rerunAll(store, { ...filter, after: first.last }, 2)) rerun += count;
    for (const count of await rerunAll(store, filter, 2)) rerun += count;
    assert.equal(rerun, 6);
  });

  states("a queued or scheduled job that is cancelled is never claimed", async (store) => {
    const [queued, scheduled] = [newJob(), newJob({ runAt: NOW + SECOND })];
    await enqueue(store, [queued, scheduled]);
    for (const { id } of [queued, scheduled]) {
      assert.deepEqual(await store.byHand.cancel(id, NOW + SECOND), { from: "queued", changed: true });
      const job = await store.records.get(id);
      assert.deepEqual([job?.status, job?.finishedAt, job?.runAt], ["cancelled", NOW + SECOND, null]);
    }
    assert.equal(await store.queue.nextDue(), null);
    assert.equal(await store.queue.promote(NOW + HOUR, 10), 0);
    assert.deepEqual(await claim(store), []);
    assert.deepEqual(await store.records.attempts(queued.id, { limit: 9 }), []);
  });

  states(
    "cancelling a running job records the attempt and fences off what its worker still says",
    async (store) => {
      const lease = await enqueueAndClaim(store);
      assert.deepEqual(await store.byHand.cancel(lease.id, NOW + SECOND), { from: "running", changed: true });
      const [attempt] = await store.records.attempts(lease.id, { limit: 9 });
      assert.deepEqual([attempt?.n, attempt?.outcome, attempt?.durationMs], [1, "cancelled", SECOND]);
      assert.deepEqual(await store.workers.leasesOf(WORKER.id), new Set());
      assert.equal(await settle(store, settlement(lease, { status: "succeeded", result: null })), false);
      const job = await store.records.get(lease.id);
      assert.deepEqual([job?.status, job?.attempts, job?.startedAt], ["cancelled", 1, NOW]);
      assert.equal(job?.finishedAt, NOW + SECOND);
    },
  );

  states("a job that has ended is not cancelled, nor is one that does not exist", async (store) => {
    const refused = async (from: Store, id: string) => {
      const before = await from.records.get(id);
      assert.deepEqual(await from.byHand.cancel(id, NOW + HOUR), { from: before?.status, changed: false });
      assert.deepEqual(await from.records.get(id), before);
    };
    const [succeeded, failed] = [await enqueueAndClaim(store), await enqueueAndClaim(store)];
    await succeed(store, succeeded);
    await fail(store, failed);
    const cancelled = newJob();
    await enqueue(store, [cancelled]);
    await store.byHand.cancel(cancelled.id, NOW);
    for (const { id } of [succeeded, failed, cancelled]) await refused(store, id);
    assert.equal(await store.byHand.cancel("job_unknown", NOW), undefined);
  });
}
