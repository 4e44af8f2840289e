import assert from "node:assert/strict";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { claim, enqueue, enqueueAndClaim, failForNow, idsOf, newJob } from "../stored-jobs.ts";

export function scheduleClaims(states: StoreClaim): void {
  states("a scheduled job is not claimed, even when it is due, until it is promoted", async (store) => {
    const job = newJob({ runAt: NOW + SECOND });
    await enqueue(store, [job]);
    assert.deepEqual(await claim(store, { now: NOW + HOUR }), []);
    assert.equal(await store.queue.promote(NOW + HOUR, 10), 1);
    assert.deepEqual(idsOf(await claim(store, { now: NOW + HOUR })), [job.id]);
  });

  states("only what is due is promoted", async (store) => {
    const [due, notYet] = [newJob({ runAt: NOW + SECOND }), newJob({ runAt: NOW + SECOND + 1 })];
    await enqueue(store, [notYet, due]);
    assert.equal(await store.queue.promote(NOW + SECOND, 10), 1);
    assert.deepEqual(idsOf(await claim(store)), [due.id]);
  });

  states("a promotion takes no more than its limit, what has waited longest first", async (store) => {
    const jobs = [3, 1, 2, 5, 4].map((seconds) =>
      newJob({ runAt: NOW + seconds * SECOND, lane: `lane ${seconds}` }),
    );
    await enqueue(store, jobs);
    assert.equal(await store.queue.promote(NOW + HOUR, 2), 2);
    assert.deepEqual((await claim(store)).map(({ lane }) => lane).sort(), ["lane 1", "lane 2"]);
    assert.equal(await store.queue.promote(NOW + HOUR, 2), 2);
    assert.equal(await store.queue.promote(NOW + HOUR, 2), 1);
    assert.equal(await store.queue.promote(NOW + HOUR, 2), 0);
  });

  states("nextDue is the earliest moment at which a scheduled job falls due, or null", async (store) => {
    assert.equal(await store.queue.nextDue(), null);
    await enqueue(store, [newJob({ runAt: NOW + HOUR }), newJob({ runAt: NOW + SECOND }), newJob()]);
    assert.equal(await store.queue.nextDue(), NOW + SECOND);
    await store.queue.promote(NOW + SECOND, 10);
    assert.equal(await store.queue.nextDue(), NOW + HOUR);
    await store.queue.promote(NOW + HOUR, 10);
    assert.equal(await store.queue.nextDue(), null);
  });

  states("a promoted job keeps its place in time among those of its lane", async (store) => {
    const scheduled = newJob({ runAt: NOW + SECOND });
    await enqueue(store, [scheduled]);
    const later = newJob({ createdAt: NOW + 2 * SECOND });
    await enqueue(store, [later], NOW + 2 * SECOND);
    await store.queue.promote(NOW + 2 * SECOND, 10);
    assert.deepEqual(idsOf(await claim(store, { limit: 1, now: NOW + 2 * SECOND })), [scheduled.id]);
  });

  states(
    "a promoted retry keeps what was counted, and a job that fell due while down is promoted too",
    async (store, opened) => {
      await failForNow(store, await enqueueAndClaim(store), NOW + HOUR);
      const again = await opened.reopen();
      assert.equal(await again.queue.promote(NOW + HOUR, 10), 1);
      const [lease] = await claim(again);
      assert.deepEqual([lease?.attempts, lease?.failures], [2, 1]);
    },
  );

  states("two processes that promote at once promote each job once", async (store, opened) => {
    const other = await opened.another();
    await enqueue(
      store,
      Array.from({ length: 50 }, () => newJob({ runAt: NOW + SECOND })),
    );
    const counts = await Promise.all([store, other, store].map((each) => each.queue.promote(NOW + HOUR, 20)));
    assert.deepEqual(counts.sort(), [10, 20, 20]);
    assert.equal((await claim(store)).length, 50);
  });
}
