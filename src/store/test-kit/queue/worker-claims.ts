import assert from "node:assert/strict";
import { NO_EVIDENCE } from "../../../core/outcome.ts";
import { fingerprintOf } from "../../../core/thrown/fingerprint.ts";
import { lostError, MAX_LOSSES, SUSPECT_AFTER } from "../../../core/transition.ts";
import {
  HOUR,
  NOW,
  OTHER_WORKER,
  SECOND,
  type StoreClaim,
  WORKER,
  workerRecord,
} from "../store-under-test.ts";
import {
  claim,
  claimOne,
  enqueue,
  enqueueAndClaim,
  failForNow,
  idsOf,
  loseForGood,
  newJob,
  newJobs,
} from "../stored-jobs.ts";

export function workerClaims(states: StoreClaim): void {
  states("a worker is registered with the first jobs it claims, and not before", async (store) => {
    assert.deepEqual(await claim(store), []);
    assert.deepEqual(await store.workers.list(), []);
    assert.equal(await store.workers.heartbeat(WORKER.id, NOW + SECOND), false);
    await enqueueAndClaim(store);
    await enqueueAndClaim(store, {}, OTHER_WORKER);
    assert.deepEqual(await store.workers.list(), [WORKER, OTHER_WORKER]);
  });

  states("a worker that announces itself is registered, and extends its leases", async (store, opened) => {
    const other = await opened.another();
    await store.workers.announce(WORKER);
    await other.workers.announce({ ...OTHER_WORKER, concurrency: 3, version: "2.0.0-rc.1" });
    assert.deepEqual(await other.workers.list(), [
      WORKER,
      { ...OTHER_WORKER, concurrency: 3, version: "2.0.0-rc.1" },
    ]);
    const later = { ...WORKER, deadline: NOW + 99 * SECOND };
    await store.workers.announce(later);
    assert.deepEqual((await store.workers.list())[0], later);
    const knowsMore = { ...later, tasks: ["mail.send", 'of "another" kind, \\ too'] };
    await store.workers.announce(knowsMore);
    assert.deepEqual((await store.workers.list())[0], knowsMore, "also when its deadline is the same");
    assert.deepEqual(
      await store.workers.reclaim(WORKER, NOW, "silent"),
      [],
      "it has given a sign of life since",
    );
    await store.workers.retire(WORKER.id, NOW);
    assert.deepEqual(idsOf(await store.workers.list()), [OTHER_WORKER.id]);
  });

  states("a heartbeat and a claim extend a worker's leases", async (store) => {
    await enqueueAndClaim(store);
    assert.equal(await store.workers.heartbeat(WORKER.id, NOW + 50 * SECOND), true);
    assert.equal((await store.workers.list())[0]?.deadline, NOW + 50 * SECOND);
    const later = { ...WORKER, deadline: NOW + 99 * SECOND };
    await enqueueAndClaim(store, {}, later);
    assert.deepEqual(await store.workers.list(), [later]);
  });

  states("a worker that was declared dead learns so from its next heartbeat", async (store) => {
    await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    assert.equal(await store.workers.heartbeat(WORKER.id, NOW + SECOND), false);
    assert.equal(await store.workers.heartbeat("wrk_unknown", NOW + SECOND), false);
    assert.deepEqual(await store.workers.list(), []);
  });

  states(
    "no lease is ever without a registered worker: one that claims after its death is registered again",
    async (store) => {
      const lost = await enqueueAndClaim(store);
      await store.workers.reclaim(WORKER, NOW, "silent");
      assert.equal((await claimOne(store)).id, lost.id);
      assert.deepEqual(idsOf(await store.workers.list()), [WORKER.id]);
      assert.equal((await store.workers.reclaim(WORKER, NOW, "silent")).length, 1);
    },
  );

  states(
    "a dead worker's jobs are queued again at once, with the attempt recorded as lost",
    async (store) => {
      const lost = await enqueueAndClaim(store);
      const kept = await enqueueAndClaim(store, {}, OTHER_WORKER);
      assert.equal((await store.workers.reclaim(WORKER, NOW + SECOND, "silent")).length, 1);
      const job = await store.records.get(lost.id);
      assert.deepEqual([job?.status, job?.attempts, job?.startedAt], ["queued", 1, NOW]);
      assert.deepEqual([job?.runAt, job?.error], [NOW + SECOND, lostError("silent")]);
      assert.deepEqual(await store.records.attempts(lost.id, { limit: 9 }), [
        {
          n: 1,
          outcome: "lost",
          startedAt: NOW,
          durationMs: SECOND,
          error: lostError("silent"),
          ...NO_EVIDENCE,
          class: "lost",
          fingerprint: fingerprintOf(lost, lostError("silent"), { class: "lost" }),
        },
      ]);
      assert.deepEqual(await store.workers.leasesOf(OTHER_WORKER.id), new Set([kept.id]));
      const again = await claimOne(store, { worker: OTHER_WORKER });
      assert.deepEqual([again.id, again.attempts, again.failures, again.losses], [lost.id, 2, 0, 1]);
    },
  );

  states("of two processes that see a worker dead, one reclaims", async (store, opened) => {
    await enqueue(store, newJobs(3));
    const leases = await claim(store);
    const other = await opened.another();
    const counts = await Promise.all([
      store.workers.reclaim(WORKER, NOW, "silent"),
      other.workers.reclaim(WORKER, NOW, "silent"),
    ]);
    assert.deepEqual(counts.map((ids) => ids.length).sort(), [0, 3]);
    for (const { id } of leases) assert.equal((await store.records.attempts(id, { limit: 9 })).length, 1);
    assert.equal((await store.workers.reclaim(WORKER, NOW, "silent")).length, 0);
  });

  states("a job that keeps ending its workers while it runs alone ends as failed", async (store) => {
    const [job] = newJobs(1);
    assert.ok(job);
    await enqueue(store, [job]);
    await loseForGood(store);
    const ended = await store.records.get(job.id);
    assert.deepEqual([ended?.status, ended?.attempts], ["failed", MAX_LOSSES]);
    assert.match(ended?.error ?? "", /this job and no other, 3 times in a row: it is what ends its workers$/);
    assert.deepEqual(await claim(store, { worker: OTHER_WORKER }), []);
  });

  states("a job is never failed for being lost in company, however often", async (store) => {
    const job = newJob();
    await enqueue(store, [job]);
    for (let losses = 0; losses < 3 * MAX_LOSSES; losses++) {
      const now = NOW + losses * HOUR;
      await store.queue.promote(now, 1);
      const worker = workerRecord(`wrk_${losses}`);
      assert.equal((await claimOne(store, { worker, now })).losses, Math.min(losses, SUSPECT_AFTER));
      await store.workers.reclaim(worker, now, "ended");
    }
    assert.equal((await store.records.get(job.id))?.status, "queued");
  });

  states("the more often in a row a job was lost, the longer it waits", async (store) => {
    const job = newJob();
    await enqueue(store, [job]);
    let waitedMs = -1;
    for (let losses = 1; losses <= SUSPECT_AFTER; losses++) {
      const now = NOW + losses * HOUR;
      await store.queue.promote(now, 1);
      await claimOne(store, { now });
      await store.workers.reclaim(WORKER, now, "silent");
      const pauseMs = ((await store.records.get(job.id))?.runAt ?? 0) - now;
      assert.ok(losses === 1 ? pauseMs === 0 : pauseMs > waitedMs);
      waitedMs = pauseMs;
    }
  });

  states("whether a job runs alone is noted by who holds its lease, and by nobody else", async (store) => {
    const lease = await enqueueAndClaim(store);
    assert.equal(await store.workers.isolate({ ...lease, token: lease.token + 1 }, true), false);
    assert.equal(await store.workers.isolate(lease, true), true);
    assert.equal(await store.workers.isolate(lease, false), true);
    await store.workers.reclaim(WORKER, NOW, "ended");
    assert.equal((await store.records.get(lease.id))?.error, lostError("ended"));
    assert.equal(await store.workers.isolate(lease, true), false);
  });

  states("an attempt that came to its end resets the count of losses", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    const second = await claimOne(store, { worker: OTHER_WORKER });
    assert.deepEqual([second.id, second.losses], [lease.id, 1]);
    await failForNow(store, second, NOW, NOW);
    const third = await claimOne(store, { worker: OTHER_WORKER });
    assert.deepEqual([third.attempts, third.failures, third.losses], [3, 1, 0]);
  });

  states("a released job is queued at once as if it had never been claimed", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.release([lease], NOW + SECOND);
    const job = await store.records.get(lease.id);
    assert.deepEqual([job?.status, job?.attempts, job?.startedAt], ["queued", 0, null]);
    assert.deepEqual(await store.records.attempts(lease.id, { limit: 9 }), []);
    const again = await claimOne(store, { worker: OTHER_WORKER, now: NOW + SECOND });
    assert.deepEqual([again.attempts, again.failures, again.losses], [1, 0, 0]);
    assert.ok(again.token > lease.token);
  });

  states("a later attempt that is released keeps what was before it", async (store) => {
    await failForNow(store, await enqueueAndClaim(store), NOW, NOW);
    const second = await claimOne(store, { now: NOW + SECOND });
    await store.workers.release([second], NOW + SECOND);
    const job = await store.records.get(second.id);
    assert.deepEqual([job?.attempts, job?.startedAt], [1, NOW]);
    const again = await claimOne(store, { now: NOW + SECOND });
    assert.deepEqual([again.attempts, again.failures], [2, 1]);
  });

  states("a worker that gave a sign of life since it was seen is not declared dead", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.heartbeat(WORKER.id, WORKER.deadline + 1);
    assert.deepEqual(await store.workers.reclaim(WORKER, NOW, "silent"), []);
    assert.equal((await store.records.get(lease.id))?.status, "running");
  });

  states("a release with an old token gives nothing back", async (store) => {
    const lease = await enqueueAndClaim(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    await claimOne(store, { worker: OTHER_WORKER });
    await store.workers.release([lease], NOW);
    assert.equal((await store.records.get(lease.id))?.status, "running");
  });

  states("a worker that retires leaves nothing behind", async (store) => {
    await enqueue(store, newJobs(3));
    const leases = await claim(store, { limit: 2 });
    await store.workers.retire(WORKER.id, NOW);
    assert.deepEqual(await store.workers.list(), []);
    assert.deepEqual(await store.workers.leasesOf(WORKER.id), new Set());
    for (const { id } of leases) assert.equal((await store.records.get(id))?.attempts, 0);
    assert.equal((await claim(store, { worker: OTHER_WORKER })).length, 3);
    assert.equal((await store.workers.reclaim(WORKER, NOW, "silent")).length, 0);
  });
}
