import assert from "node:assert/strict";
import type { Group } from "../../job-records.ts";
import type { LeasedJob, NewGroup, NewJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { DAY, HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
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
  rerunAll,
  snooze,
  succeed,
} from "../stored-jobs.ts";

const GROUP: NewGroup = {
  id: "grp_import",
  onSettled: { task: "import.done", lane: "after", priority: -1, options: '{"o":1}', maxAttempts: 7 },
};

function member(fields: Partial<NewJob> = {}): NewJob {
  return newJob({ ties: { groupId: GROUP.id }, ...fields });
}

/** Enqueues the group with its jobs, and others that are not in it. */
async function start(store: Store, jobs: readonly NewJob[], groups = [GROUP]): Promise<void> {
  await commit(store, { submissions: [{ jobs, groups }] });
}

/** A group of so many jobs, all of them claimed, in the order of their ids. */
async function claimedMembers(store: Store, count: number): Promise<LeasedJob[]> {
  await start(
    store,
    Array.from({ length: count }, () => member()),
  );
  return (await claim(store)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function counts(store: Store): Promise<Partial<Group>> {
  const { id: _, createdAt: __, ...rest } = (await store.groups.get(GROUP.id)) ?? {};
  return rest;
}

/** The follow-ups of the group that wait; the inputs they were given. */
async function followUps(store: Store): Promise<LeasedJob[]> {
  return claim(store, { room: { byDefault: 0, except: new Map([["after", 9]]) } });
}

export function groupClaims(states: StoreClaim): void {
  states(
    "a group counts its jobs and how they ended, and is settled with the last",
    async (store, opened) => {
      const other = await opened.another();
      const leases = await claimedMembers(store, 4);
      const [one, two, three, four] = leases;
      assert.ok(one && two && three && four);
      const before = { total: 4, succeeded: 0, failed: 0, cancelled: 0, settledAt: null };
      assert.deepEqual(await other.groups.get(GROUP.id), { id: GROUP.id, createdAt: NOW, ...before });
      await succeed(store, one);
      await fail(store, two);
      await store.byHand.cancel(three.id, NOW);
      assert.deepEqual(await counts(other), { ...before, succeeded: 1, failed: 1, cancelled: 1 });
      assert.deepEqual(await followUps(store), []);
      await succeed(store, four, NOW + HOUR);
      const after = { total: 4, succeeded: 2, failed: 1, cancelled: 1 };
      assert.deepEqual(await counts(other), { ...after, settledAt: NOW + HOUR });
      const [followUp, ...more] = await followUps(store);
      assert.deepEqual(more, []);
      assert.ok(followUp);
      assert.deepEqual(JSON.parse(followUp.payload), { groupId: GROUP.id, ...after });
      const { task, lane, priority, options, maxAttempts } = followUp;
      assert.deepEqual({ task, lane, priority, options, maxAttempts }, GROUP.onSettled);
      assert.deepEqual([followUp.ties, followUp.createdAt], [undefined, NOW + HOUR]);
    },
  );

  states("an unknown group is undefined", async (store) => {
    assert.equal(await store.groups.get("grp_unknown"), undefined);
  });

  states("a group without jobs is settled at once", async (store) => {
    await start(store, [newJob()]);
    assert.deepEqual(await counts(store), {
      total: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      settledAt: NOW,
    });
    const [followUp] = await followUps(store);
    const none = { groupId: GROUP.id, total: 0, succeeded: 0, failed: 0, cancelled: 0 };
    assert.deepEqual(JSON.parse(followUp?.payload ?? ""), none);
  });

  states("several groups of one batch have each their own jobs", async (store) => {
    const other = { ...GROUP, id: "grp_other" };
    const jobs = [member(), member({ ties: { groupId: other.id } }), member(), newJob()];
    await start(store, jobs, [GROUP, other]);
    assert.equal((await store.groups.get(GROUP.id))?.total, 2);
    assert.equal((await store.groups.get(other.id))?.total, 1);
    for (const lease of await claim(store)) await succeed(store, lease);
    const inputs = (await followUps(store)).map(({ payload }) => JSON.parse(payload));
    assert.deepEqual(inputs.map(({ groupId, total }) => [groupId, total]).sort(), [
      [GROUP.id, 2],
      [other.id, 1],
    ]);
  });

  states("a job that was not made, because a live job has its key, does not count", async (store) => {
    const ties = { key: "k", groupId: GROUP.id };
    await enqueue(store, [newJob({ ties: { key: "k" } })]);
    await start(store, [member({ ties }), member(), member({ ties: { ...ties, key: "own" } })]);
    assert.equal((await store.groups.get(GROUP.id))?.total, 2);
    for (const lease of await claim(store)) await succeed(store, lease);
    assert.deepEqual((await counts(store)).settledAt, NOW + SECOND);
  });

  states("a group of nothing but jobs that were not made is settled at once", async (store) => {
    await enqueue(store, [newJob({ ties: { key: "k" } })]);
    await start(store, [member({ ties: { key: "k", groupId: GROUP.id } })]);
    assert.deepEqual([(await counts(store)).total, (await counts(store)).settledAt], [0, NOW]);
    assert.equal((await followUps(store)).length, 1);
  });

  states("a batch that fails makes no group", async (store) => {
    const job = member();
    await assert.rejects(start(store, [job, { ...job }]));
    assert.equal(await store.groups.get(GROUP.id), undefined);
    assert.deepEqual(await claim(store), []);
  });

  states("what is tried again, released, snoozed or lost for now has not ended", async (store) => {
    await claimedMembers(store, 1);
    await store.workers.reclaim(WORKER, NOW, "silent");
    await failForNow(store, await claimOne(store), NOW, NOW);
    await store.workers.release([await claimOne(store)], NOW);
    const snoozed = snooze(await claimOne(store), NOW);
    await commit(store, { settlements: [snoozed] });
    const alive = { total: 1, succeeded: 0, failed: 0, cancelled: 0, settledAt: null };
    assert.deepEqual(await counts(store), alive);
    await succeed(store, await claimOne(store));
    assert.deepEqual(await counts(store), { ...alive, succeeded: 1, settledAt: NOW + SECOND });
  });

  states("jobs cancelled before they ran count as cancelled, and settle their group", async (store) => {
    const jobs = [member(), member({ runAt: NOW + HOUR })];
    await start(store, jobs);
    for (const { id } of jobs) await store.byHand.cancel(id, NOW + SECOND);
    const { cancelled, settledAt } = await counts(store);
    assert.deepEqual([cancelled, settledAt], [2, NOW + SECOND]);
    assert.equal((await followUps(store)).length, 1);
  });

  states("a job that ended for its losses counts as failed", async (store) => {
    await start(store, [member()]);
    const endedAt = await loseForGood(store);
    const { failed, settledAt } = await counts(store);
    assert.deepEqual([failed, settledAt], [1, endedAt]);
    assert.equal((await followUps(store)).length, 1);
  });

  states("a late worker's settlement does not count", async (store) => {
    const [lease] = await claimedMembers(store, 1);
    assert.ok(lease);
    await store.workers.reclaim(WORKER, NOW, "silent");
    assert.equal(await succeed(store, lease), false);
    assert.equal((await counts(store)).succeeded, 0);
  });

  states(
    "a member rerun by hand counts again, and the settled group's task is not queued again",
    async (store) => {
      const [one, two] = await claimedMembers(store, 2);
      assert.ok(one && two);
      await fail(store, one);
      await store.byHand.cancel(two.id, NOW + SECOND);
      assert.equal((await followUps(store)).length, 1);
      await store.byHand.rerun(one.id, NOW + HOUR);
      const filter = { task: one.task, status: "cancelled", finishedBefore: NOW + HOUR } as const;
      assert.deepEqual(await rerunAll(store, filter, 9), [1]);
      const settledAt = NOW + SECOND;
      const none = { total: 2, succeeded: 0, failed: 0, cancelled: 0, settledAt };
      assert.deepEqual(await counts(store), none);
      for (const lease of await claim(store, { now: NOW + HOUR })) await succeed(store, lease, NOW + HOUR);
      assert.deepEqual(await counts(store), { ...none, succeeded: 2 });
      assert.deepEqual(await followUps(store), []);
    },
  );

  states("a group waits for a member that was rerun by hand before it settled", async (store) => {
    const [one, two] = await claimedMembers(store, 2);
    assert.ok(one && two);
    await fail(store, one);
    await store.byHand.rerun(one.id, NOW);
    await succeed(store, two);
    assert.equal((await counts(store)).settledAt, null);
    await succeed(store, await claimOne(store));
    assert.deepEqual(JSON.parse((await followUps(store))[0]?.payload ?? "").succeeded, 2);
  });

  states("two processes that end the last jobs at once settle the group once", async (store, opened) => {
    const other = await opened.another();
    const leases = await claimedMembers(store, 40);
    await Promise.all(leases.map((lease, n) => succeed(n % 2 === 0 ? store : other, lease)));
    assert.equal((await counts(store)).succeeded, 40);
    assert.equal((await followUps(store)).length, 1);
  });

  states("settled groups are pruned by age, no more than the limit at once, and only they", async (store) => {
    const groups = ["a", "b", "c", "open"].map((id) => ({ ...GROUP, id }));
    await start(store, [member({ ties: { groupId: "open" } })], groups);
    await commit(store, { now: NOW + DAY, submissions: [{ jobs: [], groups: [{ ...GROUP, id: "young" }] }] });
    assert.equal(await store.retention.pruneGroups(NOW, 9), 0);
    assert.equal(await store.retention.pruneGroups(NOW + DAY, 2), 2);
    assert.equal(await store.retention.pruneGroups(NOW + DAY, 2), 1);
    assert.equal(await store.retention.pruneGroups(NOW + DAY, 2), 0);
    for (const id of ["a", "b", "c"]) assert.equal(await store.groups.get(id), undefined);
    for (const id of ["open", "young"]) assert.equal((await store.groups.get(id))?.id, id);
  });

  states("jobs of a group that was pruned are rerun and end as any others", async (store) => {
    const [lease] = await claimedMembers(store, 1);
    assert.ok(lease);
    await fail(store, lease, NOW);
    assert.equal(await store.retention.pruneGroups(NOW + 1, 9), 1);
    await followUps(store);
    await store.byHand.rerun(lease.id, NOW);
    assert.deepEqual(idsOf(await claim(store)), [lease.id]);
    assert.equal(await store.groups.get(GROUP.id), undefined);
  });
}
