import assert from "node:assert/strict";
import type { LeasedJob } from "../../queue.ts";
import { NOW, OTHER_WORKER, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  failForNow,
  idsOf,
  newJob,
  newJobs,
  UNLIMITED,
} from "../stored-jobs.ts";

const TIES = { key: "k", retainMs: 60_000 };

export function claimingClaims(states: StoreClaim): void {
  states("a claimed job carries all that a worker needs", async (store) => {
    const job = newJob({
      lane: "l",
      options: '{"o":1}',
      payload: '{"p":1}',
      maxAttempts: 4,
      createdAt: NOW - 9,
      ties: TIES,
    });
    await enqueue(store, [job]);
    const { handle, token, ...lease } = await claimOne(store);
    assert.ok(Number.isSafeInteger(handle) && Number.isSafeInteger(token));
    assert.deepEqual(lease, {
      id: job.id,
      task: job.task,
      lane: "l",
      options: '{"o":1}',
      payload: '{"p":1}',
      maxAttempts: 4,
      priority: 0,
      createdAt: NOW - 9,
      dueAt: NOW - 9,
      startedAt: NOW,
      attempts: 1,
      failures: 0,
      losses: 0,
      ties: TIES,
      origin: undefined,
    });
  });

  states(
    "the jobs of a lane are claimed in the order in which they fell due, then were enqueued",
    async (store) => {
      const [second, third] = newJobs(2);
      const first = newJob({ runAt: NOW - 10 });
      assert.ok(second && third);
      await enqueue(store, [second, third, first]);
      const order: string[] = [];
      for (let n = 0; n < 3; n++) order.push((await claimOne(store, { limit: 1 })).id);
      assert.deepEqual(order, idsOf([first, second, third]));
    },
  );

  states(
    "a claim of new jobs alone takes those of its batch, and nothing while something is ready",
    async (store) => {
      const newOnly = { worker: WORKER, limit: 9, maxBytes: 1e9, room: UNLIMITED, newOnly: true };
      const [ready, first, second] = newJobs(3);
      assert.ok(ready && first && second);
      assert.deepEqual(await claim(store), []); // the store knows that nothing is ready
      const alone = await commit(store, { enqueues: [{ job: first }], claim: newOnly });
      assert.deepEqual(idsOf(alone.claimed), [first.id]);
      await enqueue(store, [ready]);
      const behind = await commit(store, { enqueues: [{ job: second }], claim: newOnly });
      assert.deepEqual(behind.claimed, []);
      assert.deepEqual(idsOf(await claim(store)), [ready.id, second.id]);
    },
  );

  states("a claim takes no more than its limit, and nothing when the limit is 0", async (store) => {
    await enqueue(store, newJobs(10));
    assert.equal((await claim(store, { limit: 0 })).length, 0);
    assert.equal((await claim(store, { limit: 4 })).length, 4);
    assert.equal((await claim(store)).length, 6);
    assert.equal((await claim(store)).length, 0);
  });

  states(
    "a claim that has enough bytes before it has enough jobs tells that there may be more",
    async (store) => {
      const jobs = newJobs(3, { payload: JSON.stringify("x".repeat(100)) });
      await enqueue(store, jobs);
      const request = { worker: WORKER, limit: 10, maxBytes: 150, room: UNLIMITED };
      const some = await commit(store, { claim: request });
      assert.deepEqual([some.claimed.length, some.unfinished], [2, true]);
      const rest = await commit(store, { claim: request });
      assert.deepEqual([rest.claimed.length, rest.unfinished], [1, false]);
    },
  );

  states("a lower priority number is claimed first, across lanes", async (store) => {
    const [low, normal, urgent] = [
      newJob({ priority: 5 }),
      newJob({ lane: "a" }),
      newJob({ lane: "z", priority: -1 }),
    ];
    await enqueue(store, [low, normal, urgent]);
    const order: string[] = [];
    for (let n = 0; n < 3; n++) order.push((await claimOne(store, { limit: 1 })).id);
    assert.deepEqual(order, idsOf([urgent, normal, low]));
  });

  states("what a higher priority leaves of the limit goes to the next", async (store) => {
    await enqueue(store, [...newJobs(2, { priority: 1 }), ...newJobs(2, { priority: 0 })]);
    assert.equal((await claim(store, { limit: 3 })).length, 3);
  });

  states("two workers that claim at once never share a job, and together get all", async (store, opened) => {
    const jobs = newJobs(200);
    await enqueue(store, jobs);
    const other = await opened.another();
    const claims: Promise<LeasedJob[]>[] = [];
    for (let n = 0; n < 20; n++) {
      claims.push(claim(store, { limit: 7 }), claim(other, { limit: 7, worker: OTHER_WORKER }));
    }
    const claimed = (await Promise.all(claims)).flat();
    assert.deepEqual(idsOf(claimed).sort(), idsOf(jobs));
    assert.equal(new Set(claimed.map(({ token }) => token)).size, jobs.length);
  });

  states("tokens are unique, across processes; those of one process rise", async (store, opened) => {
    const other = await opened.another();
    await enqueue(store, newJobs(9));
    const claims = [
      await claim(store, { limit: 3 }),
      await claim(other, { limit: 3 }),
      await claim(store, { limit: 3 }),
    ];
    const tokens = claims.map((leases) => leases.map(({ token }) => token));
    assert.equal(new Set(tokens.flat()).size, 9);
    const [first = [], , third = []] = tokens;
    assert.ok(Math.max(...first) < Math.min(...third));
  });

  states("a job claimed again has another token", async (store) => {
    const first = await enqueueAndClaim(store);
    await failForNow(store, first, NOW, NOW);
    const again = await claimOne(store);
    assert.notEqual(again.token, first.token);
    assert.deepEqual([again.attempts, again.failures], [2, 1]);
  });

  states("the leases of each worker are its own", async (store) => {
    await enqueue(store, newJobs(5));
    const mine = await claim(store, { limit: 2 });
    const others = await claim(store, { worker: OTHER_WORKER });
    assert.deepEqual(await store.workers.leasesOf(WORKER.id), new Set(idsOf(mine)));
    assert.deepEqual(await store.workers.leasesOf(OTHER_WORKER.id), new Set(idsOf(others)));
  });
}
