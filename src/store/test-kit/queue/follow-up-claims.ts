import assert from "node:assert/strict";
import { lostError, MAX_LOSSES } from "../../../core/transition.ts";
import { listJobs } from "../../list-jobs.ts";
import type { LeasedJob, NewJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  fail,
  failForNow,
  loseForGood,
  newJob,
  settle,
  settlement,
  snooze,
  succeed,
} from "../stored-jobs.ts";

const ON_SETTLED = { task: "mail.done", lane: "after", priority: 3, options: '{"o":1}', maxAttempts: 7 };
const TIES = { onSettled: ON_SETTLED };

async function followUps(store: Store): Promise<LeasedJob[]> {
  return claim(store, { now: NOW + HOUR, room: { byDefault: 0, except: new Map([["after", 9]]) } });
}

/** The input of the one follow-up that waits. */
async function input(store: Store): Promise<unknown> {
  const [followUp, ...more] = await followUps(store);
  assert.ok(followUp);
  assert.deepEqual(more, []);
  return JSON.parse(followUp.payload);
}

export function followUpClaims(states: StoreClaim): void {
  states("a job that succeeded is followed by its task, with the result", async (store, opened) => {
    const other = await opened.another();
    const lease = await enqueueAndClaim(store, { ties: TIES });
    await settle(store, settlement(lease, { status: "succeeded", result: '{"sum":[1,"é"]}' }), NOW + SECOND);
    const [made] = await listJobs(other.records, { tasks: [ON_SETTLED.task] }, { limit: 9 });
    assert.deepEqual([made?.status, made?.createdAt, made?.runAt], ["queued", NOW + SECOND, NOW + SECOND]);
    const [followUp] = await followUps(other);
    assert.ok(followUp);
    const { task, lane, priority, options, maxAttempts } = followUp;
    assert.deepEqual({ task, lane, priority, options, maxAttempts }, ON_SETTLED);
    assert.deepEqual([followUp.id, followUp.ties, followUp.attempts], [made?.id, undefined, 1]);
    assert.deepEqual(JSON.parse(followUp.payload), {
      jobId: lease.id,
      task: lease.task,
      status: "succeeded",
      attempts: 1,
      result: { sum: [1, "é"] },
      error: null,
    });
  });

  states("a job that failed is followed by its task, with the last error", async (store) => {
    const first = await enqueueAndClaim(store, { ties: TIES });
    await failForNow(store, first, NOW, NOW);
    assert.deepEqual(await followUps(store), [], "it has not ended");
    await fail(store, await claimOne(store));
    assert.deepEqual(await input(store), {
      jobId: first.id,
      task: first.task,
      status: "failed",
      attempts: 2,
      result: null,
      error: "it broke",
    });
  });

  states("a cancelled job is followed by its task, wherever it stood", async (store) => {
    const expected = async ({ id, task }: NewJob, attempts: number) => {
      await store.byHand.cancel(id, NOW);
      const end = { status: "cancelled", attempts, result: null, error: null };
      assert.deepEqual(await input(store), { jobId: id, task, ...end });
    };
    const [queued, scheduled, running] = [NOW, NOW + HOUR, NOW].map((runAt) => newJob({ runAt, ties: TIES }));
    assert.ok(queued && scheduled && running);
    await enqueue(store, [queued, scheduled]);
    await expected(queued, 0);
    await expected(scheduled, 0);
    await enqueue(store, [running]);
    await claimOne(store);
    await expected(running, 1);
  });

  states("a job that ended for its losses is followed by its task", async (store) => {
    await enqueue(store, [newJob({ ties: TIES })]);
    await loseForGood(store, async () => assert.deepEqual(await followUps(store), []));
    const { status, attempts, error } = (await input(store)) as Record<string, unknown>;
    assert.deepEqual([status, attempts], ["failed", MAX_LOSSES]);
    assert.ok(String(error).startsWith(lostError("ended", true)));
  });

  states("a job without a result gives null", async (store) => {
    await succeed(store, await enqueueAndClaim(store, { ties: TIES }));
    const { status, result } = (await input(store)) as Record<string, unknown>;
    assert.deepEqual([status, result], ["succeeded", null]);
  });

  states(
    "a job is not followed by anything when its settlement is fenced off, or its batch fails",
    async (store) => {
      const lease = await enqueueAndClaim(store, { ties: TIES });
      const settled = settlement(lease, { status: "succeeded", result: null });
      await assert.rejects(
        commit(store, { settlements: [settled], enqueues: [{ job: newJob({ id: lease.id }) }] }),
      );
      assert.deepEqual(await followUps(store), []);
      await store.workers.reclaim(WORKER, NOW, "silent");
      assert.equal(await settle(store, settled), false);
      assert.deepEqual(await followUps(store), []);
    },
  );

  states("a snoozed or released job is not followed by anything yet", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: TIES });
    await settle(store, snooze(lease, NOW), NOW);
    await store.workers.release([await claimOne(store)], NOW);
    assert.deepEqual(await followUps(store), []);
  });

  states("a job that was rerun by hand is followed again when it ends again", async (store) => {
    const lease = await enqueueAndClaim(store, { ties: TIES });
    await fail(store, lease);
    await input(store);
    await store.byHand.rerun(lease.id, NOW);
    assert.deepEqual(await followUps(store), []);
    await succeed(store, await claimOne(store));
    const { status, attempts } = (await input(store)) as Record<string, unknown>;
    assert.deepEqual([status, attempts], ["succeeded", 2]);
  });
}
