import assert from "node:assert/strict";
import type { Uniqueness } from "../../../core/ties.ts";
import { listJobs } from "../../list-jobs.ts";
import type { Enqueue, Enqueued, LeasedJob, NewJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  fail,
  failedJobs,
  failForNow,
  idsOf,
  loseForGood,
  newJob,
  newJobs,
  rerunAll,
  settle,
  settlement,
  snooze,
  succeed,
  UNLIMITED,
} from "../stored-jobs.ts";

const TIES = { key: "report:42" };

function keyed(fields: Partial<NewJob> = {}): NewJob {
  return newJob({ ties: TIES, ...fields });
}

async function enqueueKeyed(store: Store, fields: Partial<NewJob> = {}): Promise<Enqueued | undefined> {
  return (await commit(store, { enqueues: [{ job: keyed(fields) }] })).enqueued[0];
}

/** Two failed jobs with one key, the older first. */
async function twoFailed(store: Store): Promise<[older: NewJob, newer: NewJob]> {
  const [older, newer] = [keyed(), keyed()];
  await failedJobs(store, [older]);
  await failedJobs(store, [newer]);
  return [older, newer];
}

export function keyClaims(states: StoreClaim): void {
  states("a job whose key a live job of its task has is not made", async (store) => {
    const first = keyed({ payload: '"first"' });
    await enqueue(store, [first]);
    const second = keyed({ payload: '"second"', lane: "other", ties: { ...TIES, retainMs: HOUR } });
    const { enqueued, claimed } = await commit(store, {
      enqueues: [{ job: second }],
      claim: { worker: WORKER, limit: 9, maxBytes: Number.MAX_SAFE_INTEGER, room: UNLIMITED },
    });
    assert.deepEqual(enqueued, [{ kind: "existing", jobId: first.id }]);
    assert.deepEqual(idsOf(claimed), [first.id]);
    assert.equal(claimed[0]?.payload, '"first"');
    assert.equal(await store.records.get(second.id), undefined);
    assert.deepEqual((await store.records.get(first.id))?.ties, TIES);
  });

  states("a key is its task's own, and keys that differ do not meet", async (store) => {
    await enqueueKeyed(store);
    for (const fields of [{ task: "other" }, { ties: { key: "report:4" } }, { ties: { key: "REPORT:42" } }]) {
      assert.equal((await enqueueKeyed(store, fields))?.kind, "created");
    }
    assert.equal((await listJobs(store.records, {}, { limit: 9 })).length, 4);
  });

  states("of several jobs with one key in one batch the first is made", async (store) => {
    const jobs = [keyed(), newJob(), keyed(), keyed({ runAt: NOW + HOUR })];
    const { enqueued } = await commit(store, { enqueues: jobs.map((job) => ({ job })) });
    const [first, second] = idsOf(jobs);
    assert.deepEqual(enqueued, [
      { kind: "created", jobId: first },
      { kind: "created", jobId: second },
      { kind: "existing", jobId: first },
      { kind: "existing", jobId: first },
    ]);
  });

  states("of 10 000 that race for one key, through two processes, one is made", async (store, opened) => {
    const other = await opened.another();
    const commits = Array.from({ length: 20 }, (_, n) => {
      const enqueues = Array.from({ length: 500 }, (): Enqueue => ({ job: keyed() }));
      return commit(n % 2 === 0 ? store : other, { enqueues });
    });
    const answers = (await Promise.all(commits)).flatMap(({ enqueued }) => enqueued);
    const created = answers.filter(({ kind }) => kind === "created");
    assert.equal(answers.length, 10_000);
    assert.equal(created.length, 1);
    assert.deepEqual(new Set(answers.map(({ jobId }) => jobId)), new Set([created[0]?.jobId]));
    assert.equal((await listJobs(store.records, {}, { limit: 9 })).length, 1);
  });

  states("a job has its key for as long as it lives, wherever it waits", async (store, opened) => {
    const first = keyed({ runAt: NOW + HOUR });
    await enqueue(store, [first]);
    const isTaken = async (by = store) =>
      assert.deepEqual(await enqueueKeyed(by), { kind: "existing", jobId: first.id });
    await isTaken();
    await store.queue.promote(NOW + HOUR, 9);
    await isTaken();
    const lease = await claimOne(store);
    await isTaken();
    await failForNow(store, lease, NOW, NOW);
    await isTaken();
    await store.workers.release([await claimOne(store)], NOW);
    await isTaken();
    const snoozed = snooze(await claimOne(store), NOW);
    assert.equal(await settle(store, snoozed, NOW), true);
    await isTaken();
    await claimOne(store);
    await store.workers.reclaim(WORKER, NOW, "silent");
    await isTaken();
    await isTaken(await opened.reopen());
  });

  const ENDS: Readonly<Record<string, (store: Store, lease: LeasedJob) => Promise<unknown>>> = {
    "its success": (store, lease) => succeed(store, lease),
    "its failure": (store, lease) => fail(store, lease),
    "its cancellation while it runs": (store, { id }) => store.byHand.cancel(id, NOW),
  };
  for (const [end, bring] of Object.entries(ENDS)) {
    states(`a key is free after ${end}`, async (store) => {
      await bring(store, await enqueueAndClaim(store, { ties: TIES }));
      assert.equal((await enqueueKeyed(store))?.kind, "created");
      assert.equal((await enqueueKeyed(store))?.kind, "existing");
    });
  }

  states("a key is free after the cancellation of a job that waits, now or for later", async (store) => {
    for (const runAt of [NOW, NOW + HOUR]) {
      const job = keyed({ runAt });
      await enqueue(store, [job]);
      await store.byHand.cancel(job.id, NOW);
    }
    assert.equal((await enqueueKeyed(store))?.kind, "created");
  });

  states("a key is free after a job has ended for its losses", async (store) => {
    await enqueue(store, [keyed()]);
    await loseForGood(store, async () => assert.equal((await enqueueKeyed(store))?.kind, "existing"));
    assert.equal((await enqueueKeyed(store))?.kind, "created");
  });

  states("a settlement frees a key for the enqueue in its own commit", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: TIES });
    const { enqueued } = await commit(store, {
      enqueues: [{ job: keyed() }],
      settlements: [settlement(lease, { status: "succeeded", result: null })],
    });
    assert.equal(enqueued[0]?.kind, "created");
  });

  states("a late worker cannot free the key of a job that was taken from it", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: TIES });
    await store.workers.reclaim(WORKER, NOW, "silent");
    assert.equal(await succeed(store, lease), false);
    assert.deepEqual(await enqueueKeyed(store), { kind: "existing", jobId: lease.id });
  });

  states("a job rerun by hand has its key again", async (store) => {
    const job = keyed();
    await failedJobs(store, [job]);
    assert.deepEqual(await store.byHand.rerun(job.id, NOW), { from: "failed", changed: true });
    assert.deepEqual(await enqueueKeyed(store), { kind: "existing", jobId: job.id });
    await succeed(store, await claimOne(store));
    assert.equal((await enqueueKeyed(store))?.kind, "created");
  });

  states("a job whose key was taken since is not rerun by hand, and stays as it is", async (store) => {
    const failed = keyed();
    await failedJobs(store, [failed]);
    const cancelled = keyed();
    await enqueue(store, [cancelled]);
    await store.byHand.cancel(cancelled.id, NOW);
    const holder = await enqueueAndClaim(store, { ties: TIES });
    for (const { id } of [failed, cancelled]) {
      const before = await store.records.get(id);
      const keyHolder = holder.id;
      assert.deepEqual(await store.byHand.rerun(id, NOW), {
        from: before?.status,
        changed: false,
        keyHolder,
      });
      assert.deepEqual(await store.records.get(id), before);
    }
    assert.deepEqual(await claim(store), []);
    await succeed(store, holder);
    assert.deepEqual(await store.byHand.rerun(failed.id, NOW), { from: "failed", changed: true });
  });

  states("of two processes that rerun two jobs with one key, one does", async (store, opened) => {
    const jobs = await twoFailed(store);
    const other = await opened.another();
    const done = await Promise.all([
      store.byHand.rerun(jobs[0].id, NOW),
      other.byHand.rerun(jobs[1].id, NOW),
    ]);
    assert.deepEqual(done.map((each) => each?.changed).sort(), [false, true]);
    const [live] = idsOf(await claim(store));
    assert.equal(done.find((each) => each?.changed === false)?.keyHolder, live);
  });

  states("a rerun by filter passes over jobs whose key a live job has, uncounted", async (store) => {
    const [older, newer] = await twoFailed(store);
    const free = newJobs(3);
    await failedJobs(store, free);
    const blocked = keyed({ ties: { key: "another" } });
    await failedJobs(store, [blocked]);
    await enqueue(store, [keyed({ ties: { key: "another" } })]);
    const filter = { task: "mail.send", status: "failed", finishedBefore: NOW + HOUR } as const;
    const batches = await rerunAll(store, filter, 2);
    assert.equal(
      batches.reduce((sum, count) => sum + count),
      4,
    );
    assert.equal((await store.records.get(older.id))?.status, "queued", "the older one has the key now");
    assert.equal((await store.records.get(newer.id))?.status, "failed");
    assert.equal((await store.records.get(blocked.id))?.status, "failed");
  });

  states("a request that found a live job is replayed with that job, also after its end", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: TIES });
    const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
    const ask = async (fingerprint = "f") =>
      (await commit(store, { enqueues: [{ job: keyed(), idempotency: { ...idempotency, fingerprint } }] }))
        .enqueued[0];
    assert.deepEqual(await ask(), { kind: "existing", jobId: lease.id });
    assert.deepEqual(await ask(), { kind: "replayed", jobId: lease.id });
    await succeed(store, lease);
    assert.deepEqual(await ask(), { kind: "replayed", jobId: lease.id });
    assert.deepEqual(await ask("other"), { kind: "mismatch", jobId: lease.id });
    assert.equal((await enqueueKeyed(store))?.kind, "created", "the replays made nothing");
  });

  states(
    "a repeated request is recognised by its idempotency key first, then by the job's key",
    async (store) => {
      const first = keyed();
      const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
      const ask = async (job: NewJob) =>
        (await commit(store, { enqueues: [{ job, idempotency }] })).enqueued[0];
      assert.deepEqual(await ask(first), { kind: "created", jobId: first.id });
      assert.deepEqual(await ask(keyed()), { kind: "replayed", jobId: first.id });
      await store.byHand.cancel(first.id, NOW);
      assert.deepEqual(await ask(keyed()), { kind: "replayed", jobId: first.id });
    },
  );

  const once = (unique: Uniqueness, fields: Partial<NewJob> = {}) =>
    keyed({ ties: unique === "live" ? TIES : { ...TIES, unique }, ...fields });
  const ask = async (store: Store, job: NewJob) => (await commit(store, { enqueues: [{ job }] })).enqueued[0];

  for (const unique of ["live", "queued", "again"] as const) {
    states(`unique: ${unique}, while the job with the key waits, another one is not made`, async (store) => {
      const first = once(unique);
      await enqueue(store, [first]);
      assert.deepEqual(await ask(store, once(unique)), { kind: "existing", jobId: first.id });
      await failForNow(store, await claimOne(store), NOW);
      assert.deepEqual(
        await ask(store, once(unique)),
        { kind: "existing", jobId: first.id },
        "nor until it is retried",
      );
      assert.equal((await listJobs(store.records, {}, { limit: 9 })).length, 1);
    });
  }

  states(
    "unique: queued, a running job does not count: another is made alongside it, and only one",
    async (store) => {
      await enqueue(store, [once("queued")]);
      const running = await claimOne(store);
      const second = once("queued");
      assert.deepEqual(await ask(store, second), { kind: "created", jobId: second.id });
      assert.deepEqual(await ask(store, once("queued")), { kind: "existing", jobId: second.id });
      assert.deepEqual(await ask(store, once("live")), { kind: "existing", jobId: second.id });
      await succeed(store, running);
      assert.deepEqual(
        await ask(store, once("queued")),
        { kind: "existing", jobId: second.id },
        "its end frees no other's key",
      );
      await succeed(store, await claimOne(store));
      assert.equal((await ask(store, once("queued")))?.kind, "created");
    },
  );

  states(
    "unique: queued, a running job that has to be retried is queued alongside the newer one",
    async (store) => {
      await enqueue(store, [once("queued")]);
      const running = await claimOne(store);
      const second = once("queued");
      await ask(store, second);
      await failForNow(store, running, NOW);
      assert.deepEqual(
        idsOf(await claim(store, { now: NOW + HOUR })).sort(),
        idsOf([running, second]).sort(),
      );
    },
  );

  states(
    "unique: again, what comes while the job runs is one more job when it has ended, with the last input",
    async (store) => {
      await enqueue(store, [once("again", { payload: "1" })]);
      const running = await claimOne(store);
      for (const payload of ["2", "3"])
        assert.deepEqual(await ask(store, once("again", { payload })), {
          kind: "existing",
          jobId: running.id,
        });
      assert.deepEqual(await claim(store), [], "not before its end");
      await succeed(store, running, NOW + SECOND);
      const next = await claimOne(store, { now: NOW + SECOND });
      assert.deepEqual([next.payload, next.ties?.key, next.attempts], ["3", TIES.key, 1]);
      assert.deepEqual(
        await ask(store, once("live")),
        { kind: "existing", jobId: next.id },
        "it has the key now",
      );
      await succeed(store, next, NOW + SECOND);
      assert.deepEqual(await claim(store, { now: NOW + SECOND }), [], "once more, not forever");
      assert.equal((await ask(store, once("again")))?.kind, "created");
    },
  );

  states(
    "unique: again, it is made however the running job ended, and counts towards no group",
    async (store) => {
      const group = {
        id: "grp_again",
        onSettled: { task: "after", lane: "after", priority: 0, options: "{}", maxAttempts: 1 },
      };
      const ends: ((lease: LeasedJob) => Promise<unknown>)[] = [
        (lease) => fail(store, lease),
        (lease) => store.byHand.cancel(lease.id, NOW),
      ];
      for (const end of ends) {
        await enqueue(store, [once("again")]);
        const running = await claimOne(store);
        const member = once("again", { ties: { ...TIES, unique: "again", groupId: group.id } });
        await commit(store, { submissions: [{ jobs: [member], groups: [group] }] });
        await end(running);
        const leases = await claim(store);
        const next = leases.find(({ task }) => task === running.task);
        assert.ok(next);
        assert.equal(next.ties?.groupId, undefined);
        for (const lease of leases) await succeed(store, lease);
        await store.retention.pruneGroups(NOW + HOUR, 9);
      }
    },
  );

  states(
    "unique: again, of two processes at once, nothing that comes while the job runs is lost",
    async (store, opened) => {
      const other = await opened.another();
      await enqueue(store, [once("again", { payload: "0" })]);
      for (let round = 1; round <= 5; round++) {
        const running = await claimOne(store, { now: NOW + HOUR });
        const job = once("again", { payload: String(round) });
        const [, answer] = await Promise.all([succeed(store, running, NOW), ask(other, job)]);
        const next = await store.records.get(job.id);
        // either it came before the end, and is made at the end, or after it, and is made at once
        assert.ok(answer?.kind === "existing" || next?.status === "queued");
        assert.equal((await listJobs(store.records, { status: "queued" }, { limit: 9 }))[0]?.id, job.id);
      }
    },
  );
}
