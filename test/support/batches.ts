import assert from "node:assert/strict";
import { newId } from "../../src/core/id.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { afterAttempt } from "../../src/core/transition.ts";
import type { Batch, Committed, LeasedJob } from "../../src/store/queue.ts";
import type { Store } from "../../src/store/store.ts";
import { testJob } from "./jobs.ts";

const NO_RETRIES = { delaysMs: [], jitter: 0 };

/** Enqueues jobs and claims them, in one commit. */
export async function acceptAndClaim(store: Store, jobs: number): Promise<readonly LeasedJob[]> {
  const now = Date.now();
  const enqueues = Array.from({ length: jobs }, () => ({ job: testJob(now, { id: newId("job", now) }) }));
  const { claimed } = await commit(store, { now, enqueues, claim: claimOf(jobs, now) });
  assert.equal(claimed.length, jobs);
  return claimed;
}

/** Claims this many jobs that are ready. */
export async function claimReady(store: Store, jobs: number): Promise<readonly LeasedJob[]> {
  const now = Date.now();
  return (await commit(store, { now, claim: claimOf(jobs, now) })).claimed;
}

function claimOf(jobs: number, now: number) {
  const worker = {
    id: "worker",
    machine: "test",
    pid: process.pid,
    startedAt: 0,
    deadline: now + 60_000,
    concurrency: jobs,
    slotsHeld: 0,
    version: "test",
    tasks: [],
  };
  const room = { byDefault: jobs, except: new Map() };
  return { worker, limit: jobs, maxBytes: Number.MAX_SAFE_INTEGER, room };
}

/** Records that each succeeded, in one commit. */
export async function settleAll(store: Store, leases: readonly LeasedJob[]): Promise<void> {
  const now = Date.now();
  const outcome: Outcome = { kind: "succeeded", code: 204, class: "2xx" };
  const settlements = leases.map((lease) => {
    return { lease, transition: afterAttempt(lease, now - 1, outcome, NO_RETRIES, now, Math.random) };
  });
  const { settled } = await commit(store, { now, settlements });
  assert.ok(settled.every(Boolean));
}

function commit(store: Store, batch: Partial<Batch> & { now: number }): Promise<Committed> {
  return store.queue.commit({ enqueues: [], settlements: [], claim: undefined, ...batch });
}
