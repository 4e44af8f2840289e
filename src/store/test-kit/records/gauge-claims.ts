import assert from "node:assert/strict";
import { MOST_DUE_COUNTED, MOST_IN_BACKLOG } from "../../facts.ts";
import { MOST_BEFORE } from "../../job-records.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { claim, claimOne, enqueue, newJob, newJobs } from "../stored-jobs.ts";

export function gaugeClaims(states: StoreClaim): void {
  states(
    "the number of jobs in each state is given, and since when the oldest is due, by task",
    async (store) => {
      assert.deepEqual(await store.inspection.gauges(), {
        jobs: { ready: 0, scheduled: 0, running: 0, parked: 0, failed: 0 },
        due: [],
      });
      const oldest = newJob({ task: "a", lane: "two", priority: 5, runAt: NOW - 9 * SECOND });
      const other = newJob({ task: "b", lane: "three", priority: -5, runAt: NOW - 5 * SECOND });
      await enqueue(store, [
        ...[newJob({ task: "a", lane: "one", runAt: NOW - SECOND }), oldest, other],
        ...newJobs(3, { task: "b", lane: "three", priority: -5 }),
        ...newJobs(2, { runAt: NOW + HOUR }),
        newJob({ parked: "paused" }),
      ]);
      assert.deepEqual(await store.inspection.gauges(), {
        jobs: { ready: 6, scheduled: 2, running: 0, parked: 1, failed: 0 },
        due: [
          { task: "a", oldestAt: NOW - 9 * SECOND, jobId: oldest.id },
          { task: "b", oldestAt: NOW - 5 * SECOND, jobId: other.id },
        ],
      });
      await claim(store);
      const { jobs, due } = await store.inspection.gauges();
      assert.deepEqual([jobs.ready, jobs.running, due], [0, 6, []]);
    },
  );

  states(
    "where a live job stands: who runs it, what runs in its lane, and what is before it",
    async (store) => {
      await enqueue(store, [newJob({ lane: "one" })]);
      const [running] = await claim(store);
      assert.ok(running);
      const first = newJob({ lane: "one", runAt: NOW - 9 * SECOND });
      const last = newJob({ lane: "one", runAt: NOW - SECOND });
      const later = newJob({ lane: "one", runAt: NOW + HOUR });
      await enqueue(store, [last, first, later, newJob({ lane: "two", runAt: NOW - 9 * SECOND })]);
      const { worker, leasedAt } = (await store.records.standing(running.id)) ?? {};
      assert.deepEqual([typeof worker, leasedAt], ["string", NOW]);
      const waiting = { worker: null, leasedAt: null, running: 1 };
      assert.deepEqual(await store.records.standing(first.id), { ...waiting, before: 0 });
      assert.deepEqual(await store.records.standing(last.id), { ...waiting, before: 1 });
      assert.deepEqual(await store.records.standing(later.id), { ...waiting, before: null });
      await enqueue(store, newJobs(MOST_BEFORE, { lane: "one", runAt: NOW - HOUR }));
      assert.equal((await store.records.standing(last.id))?.before, MOST_BEFORE);
      assert.equal(await store.records.standing("job_01k9zq3v7n8r2m4w6x8y0z1a3b"), undefined);
    },
  );

  states("the lanes of endpoints where something has waited longest are given", async (store) => {
    const lane = (letter: string) => `app_${letter.repeat(26)}/ep_${letter.repeat(26)}`;
    const jobOf = (name: string, seconds: number) => newJob({ lane: name, runAt: NOW - seconds * SECOND });
    await enqueue(store, [
      ...[jobOf(lane("a"), 1), jobOf(lane("a"), 3), jobOf(lane("b"), 9), jobOf(lane("c"), 5)],
      ...[jobOf("example.com", 20), newJob({ lane: lane("d"), runAt: NOW + HOUR })],
    ]);
    assert.deepEqual(await store.inspection.oldestLanes(2), [
      { lane: lane("b"), oldestAt: NOW - 9 * SECOND },
      { lane: lane("c"), oldestAt: NOW - 5 * SECOND },
    ]);
    const all = await store.inspection.oldestLanes(9);
    assert.deepEqual(all.at(-1), { lane: lane("a"), oldestAt: NOW - 3 * SECOND });
    assert.equal(all.length, 3);
  });

  states(
    "what runs and waits in an endpoint's lane is counted up to a bound, by why it waits",
    async (store) => {
      const lane = (letter: string) => `app_${letter.repeat(26)}/ep_${letter.repeat(26)}`;
      const [due, held, many, empty] = ["a", "b", "c", "d"].map(lane);
      assert.ok(due && held && many && empty);
      await enqueue(store, [newJob({ lane: due }), newJob({ lane: held })]);
      await claim(store);
      await enqueue(store, [
        newJob({ lane: due, priority: 3, runAt: NOW - SECOND }),
        newJob({ lane: due, runAt: NOW - 4 * SECOND }),
        ...newJobs(2, { lane: due, runAt: NOW + HOUR }),
        newJob({ lane: held, parked: "paused", runAt: NOW - 9 * SECOND }),
        newJob({ lane: held, parked: "paused", runAt: NOW - 2 * SECOND }),
        ...newJobs(MOST_IN_BACKLOG + 5, { lane: many, runAt: NOW - SECOND }),
        ...newJobs(MOST_IN_BACKLOG + 5, { lane: many, runAt: NOW + HOUR }),
        ...newJobs(MOST_IN_BACKLOG + 5, { lane: many, parked: "paused", runAt: NOW - HOUR }),
      ]);
      const most = MOST_IN_BACKLOG;
      const found = await store.inspection.backlogs([due, held, many, empty]);
      assert.deepEqual(
        [...found].sort((a, b) => (a.lane < b.lane ? -1 : 1)),
        [
          { lane: due, running: 1, due: 2, held: 0, scheduled: 2, oldestAt: NOW - 4 * SECOND },
          { lane: held, running: 1, due: 0, held: 2, scheduled: 0, oldestAt: NOW - 9 * SECOND },
          { lane: many, running: 0, due: most, held: most, scheduled: most, oldestAt: NOW - HOUR },
          { lane: empty, running: 0, due: 0, held: 0, scheduled: 0, oldestAt: null },
        ],
      );
      assert.deepEqual(await store.inspection.backlogs([]), []);
    },
  );

  states("a leased job says when it was due, whether it is new or was queued before", async (store) => {
    const waited = newJob({ lane: "one", runAt: NOW - 7 * SECOND });
    await enqueue(store, [waited]);
    const lease = await claimOne(store);
    assert.equal(lease.dueAt, NOW - 7 * SECOND);
  });

  states(
    "what is due is given by task, the oldest of every lane, and counted up to a bound",
    async (store) => {
      const due = async () => {
        const endedBefore = { succeeded: 0, failed: 0 };
        return (await store.inspection.facts({ now: NOW, endedBefore, deep: false })).due;
      };
      assert.deepEqual(await due(), { tasks: [], isAll: true });
      await enqueue(store, [
        ...newJobs(2, { task: "a", lane: "a", runAt: NOW - SECOND }),
        newJob({ task: "b", lane: "z", runAt: NOW - 9 * SECOND }),
        newJob({ task: "b", lane: "z", runAt: NOW + HOUR }),
      ]);
      const few = [
        { task: "b", jobs: 1, oldestAt: NOW - 9 * SECOND },
        { task: "a", jobs: 2, oldestAt: NOW - SECOND },
      ];
      assert.deepEqual(await due(), { tasks: few, isAll: true });
      await enqueue(store, newJobs(2 * MOST_DUE_COUNTED, { task: "a", lane: "a", runAt: NOW - SECOND }));
      const { tasks, isAll } = await due();
      assert.equal(isAll, false);
      assert.deepEqual(tasks[0], few[0], "of a lane that was not counted");
      assert.equal(tasks[1]?.task, "a");
      assert.ok((tasks[1]?.jobs ?? 0) <= MOST_DUE_COUNTED);
    },
  );

  states("what is stored takes room", async (store) => {
    const { storage } = await store.inspection.facts({
      now: NOW,
      endedBefore: { succeeded: 0, failed: 0 },
      deep: false,
    });
    assert.ok(storage.some(({ part, bytes }) => ["data", "jobs"].includes(part) && bytes > 0));
  });
}
