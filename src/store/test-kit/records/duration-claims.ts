import assert from "node:assert/strict";
import { NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { claimOne, enqueue, enqueueAndClaim, idsOf, newJob, settle, settlement } from "../stored-jobs.ts";
import { found } from "./bulk-claims.ts";

export function durationClaims(states: StoreClaim): void {
  states("a filter finds by how long the last completed attempt took", async (store) => {
    const [slow, quick] = [await enqueueAndClaim(store), await enqueueAndClaim(store)];
    await settle(store, settlement(slow, { status: "queued", runAt: NOW }, "failed", { durationMs: 5 }));
    const again = await claimOne(store);
    assert.deepEqual([again.id, await found(store, { durationFromMs: 6 })], [slow.id, []]);
    await settle(store, settlement(again, { status: "failed", error: "!" }, "failed", { durationMs: 90 }));
    const succeeded = { status: "succeeded", result: null } as const;
    await settle(store, settlement(quick, succeeded, "succeeded", { durationMs: 6 }));
    const fresh = newJob();
    await enqueue(store, [fresh]);
    for (const [id, ms] of [
      [slow.id, 90],
      [quick.id, 6],
      [fresh.id, null],
    ] as const)
      assert.equal((await store.records.get(id))?.durationMs, ms);
    assert.deepEqual(await found(store, { durationFromMs: 6 }), [slow.id, quick.id]);
    assert.deepEqual(await found(store, { durationFromMs: 90 }), [slow.id]);
    assert.deepEqual(await found(store, { durationFromMs: 6, status: "succeeded" }), [quick.id]);
    assert.deepEqual(await found(store, { durationFromMs: 91 }), []);
  });

  states("a filter for how long jobs took finds those that have been running for as long", async (store) => {
    const [first, second] = [await enqueueAndClaim(store), await enqueueAndClaim(store)];
    const leasedAt = NOW; // of both
    const waits = newJob();
    await enqueue(store, [waits]);
    const long = { durationFromMs: SECOND };
    const since = (runningSince: number) => found(store, { ...long, runningSince });
    assert.deepEqual(await found(store, long), []);
    assert.deepEqual(await since(leasedAt - 1), []);
    assert.deepEqual(await since(leasedAt), [first.id, second.id]);
    assert.deepEqual(await found(store, { ...long, runningSince: leasedAt, status: "running" }), [
      first.id,
      second.id,
    ]);
    const page = await store.records.list({ ...long, runningSince: leasedAt }, { limit: 1 });
    assert.deepEqual(idsOf(page.jobs), [second.id]);
    const succeeded = { status: "succeeded", result: null } as const;
    await settle(store, settlement(first, succeeded, "succeeded", { durationMs: 5 }));
    assert.deepEqual(await since(leasedAt), [second.id], "what has ended took as long as it took");
  });
}
