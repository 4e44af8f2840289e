import assert from "node:assert/strict";
import type { Attempt } from "../../../core/job.ts";
import type { ChangedJobs, JobChanges } from "../../bulk.ts";
import type { JobFilter } from "../../job-records.ts";
import type { BulkRun } from "../../shelves/bulk-runs.ts";
import type { Store } from "../../store.ts";
import { newBulkRun } from "../shelves/registered.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  enqueue,
  enqueueAndClaim,
  fail,
  failedJobs,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "../stored-jobs.ts";

async function kept(store: Store, fields: Partial<BulkRun> = {}): Promise<BulkRun> {
  const run = newBulkRun(fields);
  const submission = {
    jobs: [newJob({ id: run.driver, lane: "bulk", runAt: NOW + HOUR })],
    guard: store.bulkRuns.insertion(run),
  };
  const { submitted } = await store.queue.commit({
    ...{ now: NOW, enqueues: [], submissions: [submission], settlements: [], claim: undefined },
  });
  assert.equal(submitted[0]?.kind, "created");
  return run;
}

type What = Pick<JobChanges, "again" | "runNow" | "cancel" | "make">;

/** A batch of the run as it was read. */
async function change(store: Store, run: BulkRun, what: What, now = NOW): Promise<ChangedJobs | undefined> {
  return store.bulkJobs.change(
    {
      bulk: run.id,
      guard: store.bulkRuns.advancing(run, now),
      record: ({ again, made }) =>
        store.bulkRuns.recording({
          ...run,
          done: run.done + again.length + made,
          cursor: again.at(-1) ?? null,
        }),
      ...what,
    },
    now,
  );
}

export async function found(store: Store, filter: JobFilter, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { jobs, last } = await store.bulkJobs.next(filter, { limit, after });
    ids.push(...idsOf(jobs));
    if (last === null) return ids;
    after = last;
  }
}

export function bulkClaims(states: StoreClaim): void {
  states("a batch changes jobs and moves its run in one transaction, and only once", async (store) => {
    const jobs = newJobs(3);
    await failedJobs(store, jobs);
    const run = await kept(store);
    const again = idsOf(jobs);
    assert.deepEqual((await change(store, run, { again }))?.again, again);
    const after = await store.bulkRuns.get(run.id);
    assert.deepEqual([after?.step, after?.done, after?.cursor], [1, 3, again.at(-1)]);
    assert.equal(await change(store, run, { again, make: [newJob()] }), undefined);
    assert.equal((await store.bulkRuns.get(run.id))?.done, 3);
    assert.deepEqual(idsOf(await claim(store)).sort(), again.sort());
  });

  states("a batch that only makes jobs makes them and moves its run in one, and only once", async (store) => {
    const run = await kept(store);
    const make = async (to: Partial<BulkRun>, jobs = newJobs(2)) => {
      const guard = store.bulkRuns.passing(run, { ...run, ...to }, NOW + 1);
      const submissions = [{ jobs, guard }];
      const batch = { now: NOW, enqueues: [], submissions, settlements: [], claim: undefined };
      const kind = (await store.queue.commit(batch)).submitted[0]?.kind;
      const rows = await Promise.all(jobs.map(({ id }) => store.records.get(id)));
      return { kind, made: rows.filter(Boolean).length };
    };
    assert.deepEqual(await make({ done: 2, cursor: "msg_a" }), { kind: "created", made: 2 });
    assert.deepEqual(await make({ done: 4, cursor: "msg_b" }), { kind: "refused", made: 0 });
    const after = await store.bulkRuns.get(run.id);
    assert.deepEqual(after, { ...run, done: 2, cursor: "msg_a", step: 1, updatedAt: NOW + 1 });
  });

  states(
    "the jobs that a run made due or cancelled are found by it, as those that it queued are",
    async (store) => {
      const later = newJobs(2).map((job) => ({ ...job, runAt: NOW + HOUR }));
      await enqueue(store, later);
      const [due, cancelled] = idsOf(later);
      assert.ok(due && cancelled);
      const sooner = await kept(store);
      assert.deepEqual((await change(store, sooner, { runNow: [due] }))?.ranNow, [due]);
      const ending = await kept(store);
      const cancel = { jobIds: [cancelled], reason: "not wanted", unbegunOnly: false };
      assert.deepEqual((await change(store, ending, { cancel }))?.cancelled, [cancelled]);
      assert.deepEqual(await found(store, { bulk: sooner.id }), [due]);
      assert.deepEqual(await found(store, { bulk: ending.id, statuses: ["cancelled"] }), [cancelled]);
    },
  );

  states("a run's failed jobs are added up, whatever its batches write in the meantime", async (store) => {
    const [one, two] = [await kept(store), await kept(store)];
    await store.bulkRuns.addFailed(
      new Map([
        [one.id, 2],
        [two.id, 1],
        ["qtask_none", 1],
      ]),
    );
    const job = newJob();
    await failedJobs(store, [job]);
    assert.ok(await change(store, one, { again: [job.id] }));
    await store.bulkRuns.addFailed(new Map([[one.id, 3]]));
    const [first, second] = [await store.bulkRuns.get(one.id), await store.bulkRuns.get(two.id)];
    assert.deepEqual([first?.failed, first?.done, second?.failed], [5, 1, 1]);
  });

  states("a job whose worker is lost tells which run queued it", async (store) => {
    const [again, other] = [newJob(), newJob()];
    await failedJobs(store, [again, other]);
    const run = await kept(store);
    await change(store, run, { again: [again.id], make: [newJob({ origin: { bulk: run.id } })] });
    await enqueue(store, [newJob()]);
    assert.equal((await claim(store)).length, 3);
    const lost = await store.workers.reclaim(WORKER, NOW, "ended");
    assert.deepEqual(lost.map(({ bulk }) => bulk ?? "none").sort(), ["none", run.id, run.id]);
  });

  states("what fails in a batch leaves the run where it was", async (store) => {
    const [job] = newJobs(1);
    await failedJobs(store, job ? [job] : []);
    const run = await kept(store);
    const again = idsOf(job ? [job] : []);
    const bad = { ...run, state: "lost" } as unknown as BulkRun; // which its table refuses
    const batch = { bulk: run.id, guard: store.bulkRuns.advancing(run, NOW), again };
    await assert.rejects(
      store.bulkJobs.change({ ...batch, record: () => store.bulkRuns.recording(bad) }, NOW),
    );
    assert.equal((await store.bulkRuns.get(run.id))?.step, 0);
    assert.deepEqual(await claim(store), []);
  });

  states("of two processes that go on with a run at once, one does", async (store, opened) => {
    const jobs = newJobs(4);
    await failedJobs(store, jobs);
    const run = await kept(store);
    const other = await opened.another();
    const done = await Promise.all([
      change(store, run, { again: idsOf(jobs) }),
      change(other, run, { again: idsOf(jobs) }),
    ]);
    assert.equal(done.filter((each) => each === undefined).length, 1);
    assert.equal((await store.bulkRuns.get(run.id))?.done, 4);
    assert.equal((await claim(store)).length, 4);
  });

  states(
    "a job that a run has queued again, and that failed again, is not queued again by it",
    async (store) => {
      const [job] = newJobs(1);
      await failedJobs(store, job ? [job] : []);
      const again = idsOf(job ? [job] : []);
      const run = await kept(store);
      await change(store, run, { again });
      await fail(store, await claimOne(store));
      const later = await store.bulkRuns.get(run.id);
      assert.ok(later);
      assert.deepEqual((await change(store, later, { again }))?.again, []);
      const another = await kept(store);
      assert.deepEqual((await change(store, another, { again }))?.again, again);
    },
  );

  states(
    "what a run queues again gives way to other jobs of its priority, and is found by the run",
    async (store) => {
      const [old] = newJobs(1);
      await failedJobs(store, old ? [old] : []);
      const run = await kept(store);
      await change(store, run, {
        again: idsOf(old ? [old] : []),
        make: [newJob({ origin: { bulk: run.id } })],
      });
      const live = newJob({ lane: "live" });
      await enqueue(store, [live]);
      assert.deepEqual(idsOf(await claim(store, { limit: 2 })).includes(live.id), true);
      assert.equal((await found(store, { bulk: run.id })).length, 2);
      assert.deepEqual(await found(store, { bulk: run.id, statuses: ["queued"] }), [old?.id]);
      assert.equal((await store.records.list({ bulk: run.id }, { limit: 9 })).jobs.length, 2);
    },
  );

  states("a job whose key a live one has is left, and named", async (store) => {
    const dead = newJob({ ties: { key: "k" } });
    await failedJobs(store, [dead]);
    await enqueue(store, [newJob({ ties: { key: "k" } })]);
    const done = await change(store, await kept(store), { again: [dead.id] });
    assert.deepEqual([done?.again, done?.keyHeld], [[], [dead.id]]);
  });

  states(
    "live jobs are cancelled and made due, and only what has not begun where that is meant",
    async (store) => {
      const running = await enqueueAndClaim(store);
      const tried = await enqueueAndClaim(store);
      await store.queue.commit({
        ...{ now: NOW, enqueues: [], claim: undefined },
        settlements: [
          {
            lease: tried,
            transition: {
              ...{ attempts: 1, failures: 1, losses: 0, forgetsStart: false, attempt: undefined },
              next: { status: "queued", runAt: NOW + HOUR },
            },
          },
        ],
      });
      const [waits, scheduled] = [newJob(), newJob({ runAt: NOW + HOUR })];
      await enqueue(store, [waits, scheduled]);
      const all = idsOf([running, tried, waits, scheduled]);
      const taken = await change(store, await kept(store), {
        cancel: { jobIds: all, reason: "taken back", unbegunOnly: true },
      });
      assert.deepEqual([...(taken?.cancelled ?? [])].sort(), [waits.id, scheduled.id].sort());
      assert.equal((await store.records.get(waits.id))?.error, "taken back");
      assert.deepEqual((await change(store, await kept(store), { runNow: all }))?.ranNow, [tried.id]);
      const cancel = { jobIds: all, reason: "cancelled in bulk", unbegunOnly: false };
      const done = await change(store, await kept(store), { cancel });
      assert.deepEqual([...(done?.cancelled ?? [])].sort(), [running.id, tried.id].sort());
      assert.equal(await succeed(store, running), false);
    },
  );

  states(
    "a filter finds the oldest first, page by page, and only what meets every condition",
    async (store) => {
      const fits = newJobs(5).map((job) => ({ ...job, lane: "l" }));
      const others = newJobs(5).map((job) => ({ ...job, lane: "other" }));
      await failedJobs(store, [...fits, ...others], NOW);
      const cancelled = newJob({ lane: "l" });
      await enqueue(store, [cancelled]);
      await store.byHand.cancel(cancelled.id, NOW);
      const waiting = newJob({
        lane: "l",
        ties: { key: "one", groupId: "grp_one" },
        origin: { tags: ["a", "b"], trigger: "manual" },
      });
      await enqueue(store, [waiting]);
      const ids = idsOf(fits);
      assert.deepEqual(await found(store, { lane: "l", statuses: ["failed"] }, 2), ids);
      assert.deepEqual(await found(store, { lane: "l", status: "failed" }, 2), ids);
      assert.deepEqual(await found(store, { lane: "l", statuses: ["failed", "cancelled"] }, 2), [
        ...ids,
        cancelled.id,
      ]);
      assert.deepEqual(await found(store, { lane: "l", statuses: ["cancelled", "queued"] }, 2), [
        cancelled.id,
        waiting.id,
      ]);
      assert.deepEqual(await found(store, { statuses: ["failed"], upTo: ids[1] ?? "" }), ids.slice(0, 2));
      assert.deepEqual(
        await found(store, { ids: [...ids.slice(3), "job_x"], statuses: ["failed"] }),
        ids.slice(3),
      );
      assert.deepEqual(await found(store, { key: "one" }), [waiting.id]);
      assert.deepEqual(await found(store, { group: "grp_one" }), [waiting.id]);
      assert.deepEqual(await found(store, { tag: "b" }), [waiting.id]);
      assert.deepEqual(await found(store, { tag: "c" }), []);
      assert.deepEqual(await found(store, { tag: "b", lane: "other" }), []);
      assert.deepEqual(await found(store, { tag: "b", lane: "l", status: "queued" }), [waiting.id]);
      assert.deepEqual(await found(store, { tag: "b", statuses: ["failed"] }), []);
      assert.deepEqual(await found(store, { tag: "b", waiting: "ready" }), [waiting.id]);
      assert.deepEqual(await found(store, { tag: "b", waiting: "scheduled" }), []);
      assert.deepEqual(await found(store, { trigger: "manual" }), [waiting.id]);
      assert.deepEqual(await found(store, { trigger: "manual", status: "queued" }), [waiting.id]);
      assert.deepEqual(await found(store, { trigger: "manual", statuses: ["failed"] }), []);
      assert.deepEqual(await found(store, { trigger: "manual", lane: "other" }), []);
      assert.deepEqual(await found(store, { trigger: "manual", ids: [...ids, waiting.id] }), [waiting.id]);
      assert.deepEqual(await found(store, { trigger: "other", ids: [waiting.id] }), []);
      assert.deepEqual(await found(store, { lane: "l", attemptsFrom: 1 }), ids);
      assert.deepEqual(await found(store, { lane: "l", finishedFrom: NOW + SECOND }), []);
      assert.deepEqual(await found(store, { lane: "l", finishedBefore: NOW + SECOND }), [
        ...ids,
        cancelled.id,
      ]);
      const task = fits[0]?.task ?? "";
      assert.deepEqual(await found(store, { lane: "l", exceptTasks: [task] }), []);
    },
  );

  states("a filter finds by class and fingerprint of the last attempt", async (store) => {
    const lease = await enqueueAndClaim(store);
    await enqueueAndClaim(store);
    const attempt: Attempt = {
      ...{ n: 1, outcome: "failed", startedAt: NOW, durationMs: 1, error: "it broke", code: 503 },
      ...{ class: "5xx", excerpt: null, fingerprint: "f1", detail: null },
    };
    const next = { status: "failed", error: "it broke" } as const;
    const transition = { attempts: 1, failures: 1, losses: 0, forgetsStart: false, attempt, next };
    await store.queue.commit({
      ...{ now: NOW, enqueues: [], claim: undefined, settlements: [{ lease, transition }] },
    });
    assert.deepEqual(await found(store, { class: "5xx" }), [lease.id]);
    assert.deepEqual(await found(store, { fingerprint: "f1", statuses: ["failed"] }), [lease.id]);
    assert.deepEqual(await found(store, { fingerprint: "f2" }), []);
    const [job] = (await store.bulkJobs.next({ class: "5xx" }, { limit: 1, after: null })).jobs;
    assert.deepEqual([job?.class, job?.fingerprint, job?.status], ["5xx", "f1", "failed"]);
    assert.deepEqual(await store.bulkJobs.outcomes([lease.id]), { succeeded: 0, failing: 1 });
  });

  states(
    "a job that failed and waits is failing; one that was lost with its worker is not",
    async (store) => {
      const [failed, lost] = [await enqueueAndClaim(store), await enqueueAndClaim(store)];
      const after = (failures: number, losses: number) => ({
        ...{ attempts: 1, failures, losses, forgetsStart: false, attempt: undefined },
        next: { status: "queued", runAt: NOW + HOUR } as const,
      });
      await store.queue.commit({
        ...{ now: NOW, enqueues: [], claim: undefined },
        settlements: [
          { lease: failed, transition: after(1, 0) },
          { lease: lost, transition: after(0, 1) },
        ],
      });
      assert.deepEqual(await store.bulkJobs.outcomes([failed.id]), { succeeded: 0, failing: 1 });
      assert.deepEqual(await store.bulkJobs.outcomes([lost.id]), { succeeded: 0, failing: 0 });
    },
  );

  states(
    "runs are listed and looked up within a reach, and only one may be about what it alone is about",
    async (store) => {
      const mine = await kept(store, { tenant: "app_a", alone: "app_a/ep_a" });
      await kept(store, { tenant: "app_b", mode: "test" });
      const page = { limit: 9, order: "descending" } as const;
      assert.deepEqual(idsOf((await store.bulkRuns.list({ tenant: "app_a" }, page)).rows), [mine.id]);
      assert.equal((await store.bulkRuns.list({}, page)).rows.length, 2);
      assert.equal((await store.bulkRuns.list({ mode: "test" }, page)).rows.length, 1);
      const ended = await kept(store, { state: "done", action: "cancel", actor: "ana" });
      for (const asked of [{ state: "done" }, { action: "cancel" }, { actor: "ana" }] as const)
        assert.deepEqual(idsOf((await store.bulkRuns.list({}, { ...page, ...asked })).rows), [ended.id]);
      assert.equal((await store.bulkRuns.list({}, { ...page, state: "done", actor: "bob" })).rows.length, 0);
      assert.equal(await store.bulkRuns.get(mine.id, { tenant: "app_b" }), undefined);
      assert.equal((await store.bulkRuns.aloneAbout("app_a/ep_a"))?.id, mine.id);
      const refused = newBulkRun({ alone: "app_a/ep_a" });
      const { submitted } = await store.queue.commit({
        ...{ now: NOW, enqueues: [], settlements: [], claim: undefined },
        submissions: [{ jobs: [], guard: store.bulkRuns.insertion(refused) }],
      });
      assert.equal(submitted[0]?.kind, "refused");
      await store.queue.commit({
        ...{ now: NOW, enqueues: [], settlements: [], claim: undefined },
        submissions: [{ jobs: [], guard: store.bulkRuns.pacing(mine.id, 5, NOW) }],
      });
      assert.equal((await store.bulkRuns.get(mine.id))?.pace, 5);
      assert.equal(await store.bulkRuns.prune(NOW + HOUR, 9), 0);
    },
  );
}
