import assert from "node:assert/strict";
import { HOUR, NOW, SECOND, type StoreClaim } from "./store-under-test.ts";
import { claim, claimOne, enqueue, newJob, newJobs } from "./stored-jobs.ts";

export function gaugeClaims(states: StoreClaim): void {
  states(
    "how many jobs are in each state is told, and since when the oldest is due, by task",
    async (store) => {
      assert.deepEqual(await store.inspection.gauges(), {
        jobs: { ready: 0, scheduled: 0, running: 0, parked: 0, failed: 0 },
        due: [],
      });
      await enqueue(store, [
        newJob({ task: "a", lane: "one", runAt: NOW - SECOND }),
        newJob({ task: "a", lane: "two", priority: 5, runAt: NOW - 9 * SECOND }),
        newJob({ task: "b", lane: "three", priority: -5, runAt: NOW - 5 * SECOND }),
        ...newJobs(3, { task: "b", lane: "three", priority: -5 }),
        ...newJobs(2, { runAt: NOW + HOUR }),
        newJob({ parked: "paused" }),
      ]);
      assert.deepEqual(await store.inspection.gauges(), {
        jobs: { ready: 6, scheduled: 2, running: 0, parked: 1, failed: 0 },
        due: [
          { task: "a", oldestAt: NOW - 9 * SECOND },
          { task: "b", oldestAt: NOW - 5 * SECOND },
        ],
      });
      await claim(store);
      const { jobs, due } = await store.inspection.gauges();
      assert.deepEqual([jobs.ready, jobs.running, due], [0, 6, []]);
    },
  );

  states("a leased job tells when it was due, new as well as queued before", async (store) => {
    const waited = newJob({ lane: "one", runAt: NOW - 7 * SECOND });
    await enqueue(store, [waited]);
    const lease = await claimOne(store);
    assert.equal(lease.dueAt, NOW - 7 * SECOND);
  });
}
