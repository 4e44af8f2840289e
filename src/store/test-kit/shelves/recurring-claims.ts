import assert from "node:assert/strict";
import { listJobs } from "../../list-jobs.ts";
import type { NewJob } from "../../queue.ts";
import type { Firing, NewSchedule, Schedule } from "../../shelves/schedules.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { claim, claimOne, commit, idsOf, newJob, newJobs, succeed } from "../stored-jobs.ts";

const DUE = NOW + SECOND;
const NEXT = NOW + HOUR;

const TIES = { key: "nightly", retainMs: HOUR };

const NIGHTLY: NewSchedule = {
  name: "nightly",
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
  missed: "once",
  job: {
    task: "report.make",
    lane: "reports",
    priority: 2,
    options: '{"o":1}',
    payload: '{"n":12345678901234567890}',
    maxAttempts: 4,
    ties: TIES,
  },
  nextAt: DUE,
};

const PAUSE = { name: NIGHTLY.name, nextAt: null };
const NIGHTLY_KEPT: Schedule = { ...NIGHTLY, paused: false, lastAt: null };

async function find(store: Store, name = NIGHTLY.name): Promise<Schedule | undefined> {
  return (await store.schedules.list()).find((schedule) => schedule.name === name);
}

function firing(jobs: readonly NewJob[] = [newJob()], fields: Partial<Firing> = {}): Firing {
  return { name: NIGHTLY.name, dueAt: DUE, nextAt: NEXT, jobs, ...fields };
}

export function recurringClaims(states: StoreClaim): void {
  states("schedules are kept as they were declared, and listed by name", async (store, opened) => {
    const names = ["b", "a", "c"];
    for (const name of names) await store.schedules.declare({ ...NIGHTLY, name });
    const { ties: _, ...job } = NIGHTLY.job;
    await store.schedules.declare({ ...NIGHTLY, name: "bare", missed: "all", nextAt: null, job });
    const again = await opened.reopen();
    const kept = ["a", "b", "c"].map((name) => ({ ...NIGHTLY_KEPT, name }));
    kept.splice(2, 0, { ...NIGHTLY_KEPT, name: "bare", missed: "all", nextAt: null, job });
    assert.deepEqual(await again.schedules.list(), kept);
  });

  states(
    "a schedule declared again as it was keeps when it is due, and takes over the rest",
    async (store) => {
      assert.equal(await store.schedules.declare(NIGHTLY), true);
      assert.equal(await store.schedules.declare({ ...NIGHTLY, nextAt: NEXT }), false, "nothing changed");
      const job = { ...NIGHTLY.job, payload: '"new"', task: "other" };
      assert.equal(await store.schedules.declare({ ...NIGHTLY, missed: "skip", job, nextAt: NEXT }), true);
      assert.deepEqual(await store.schedules.list(), [{ ...NIGHTLY_KEPT, missed: "skip", job }]);
    },
  );

  states("a schedule declared with another cron or time zone is due as declared", async (store) => {
    await store.schedules.declare(NIGHTLY);
    await store.schedules.fire(firing(), NOW + SECOND);
    const cron = "0 4 * * *";
    await store.schedules.declare({ ...NIGHTLY, cron, nextAt: NEXT + 1 });
    assert.deepEqual((await find(store))?.nextAt, NEXT + 1);
    await store.schedules.declare({ ...NIGHTLY, cron, timeZone: "UTC", nextAt: NEXT + 2 });
    const { nextAt, timeZone, lastAt } = (await find(store)) ?? {};
    assert.deepEqual([nextAt, timeZone, lastAt], [NEXT + 2, "UTC", NOW + SECOND]);
  });

  states("a fire queues its jobs, and moves the schedule on, in one", async (store) => {
    await store.schedules.declare(NIGHTLY);
    const jobs = newJobs(3, { lane: "reports" });
    assert.equal(await store.schedules.fire(firing(jobs), NOW + 2 * SECOND), 3);
    assert.deepEqual(await find(store), { ...NIGHTLY_KEPT, nextAt: NEXT, lastAt: NOW + 2 * SECOND });
    assert.deepEqual(idsOf(await claim(store)).sort(), idsOf(jobs));
  });

  states("a fire that fails moves nothing", async (store) => {
    await store.schedules.declare(NIGHTLY);
    const job = newJob();
    await assert.rejects(store.schedules.fire(firing([job, { ...job }]), NOW));
    assert.deepEqual(await find(store), NIGHTLY_KEPT);
    assert.equal(await store.records.get(job.id), undefined);
  });

  states("a fire makes no second job with the key of a live one, and moves on", async (store) => {
    await store.schedules.declare(NIGHTLY);
    const [first, second, third] = newJobs(3, { ties: TIES });
    assert.ok(first && second && third);
    assert.equal(await store.schedules.fire(firing([first, second]), NOW), 1);
    const later = firing([third], { dueAt: NEXT, nextAt: NEXT + HOUR });
    assert.equal(await store.schedules.fire(later, NOW + HOUR), 0);
    const lease = await claimOne(store);
    assert.equal(lease.id, first.id);
    const { nextAt, lastAt } = (await find(store)) ?? {};
    assert.deepEqual([nextAt, lastAt], [NEXT + HOUR, NOW], "the second fire made no job");
    const enqueued = async () =>
      (await commit(store, { enqueues: [{ job: newJob({ ties: TIES }) }] })).enqueued;
    assert.deepEqual(await enqueued(), [{ kind: "existing", jobId: first.id }]);
    await succeed(store, lease);
    assert.equal((await enqueued())[0]?.kind, "created");
  });

  states(
    "a fire without jobs moves the schedule, forward or back, and does not count as one",
    async (store) => {
      await store.schedules.declare(NIGHTLY);
      assert.equal(await store.schedules.fire(firing([]), NOW), 0);
      assert.deepEqual(await find(store), { ...NIGHTLY_KEPT, nextAt: NEXT });
      assert.equal(await store.schedules.fire(firing([], { dueAt: NEXT, nextAt: NOW }), NOW), 0);
      assert.deepEqual(await find(store), { ...NIGHTLY_KEPT, nextAt: NOW });
      assert.deepEqual(await claim(store), []);
    },
  );

  states("a schedule fires once for each time it is due", async (store) => {
    await store.schedules.declare(NIGHTLY);
    assert.equal(await store.schedules.fire(firing(), NOW), 1);
    for (const dueAt of [DUE, DUE - 1, NEXT + 1])
      assert.equal(await store.schedules.fire(firing([newJob()], { dueAt }), NOW), undefined);
    assert.equal((await claim(store)).length, 1);
    assert.equal((await find(store))?.nextAt, NEXT);
  });

  states("of two processes that fire one schedule at once, one makes the job", async (store, opened) => {
    const other = await opened.another();
    await store.schedules.declare(NIGHTLY);
    const fires = Array.from({ length: 10 }, (_, n) =>
      (n % 2 === 0 ? store : other).schedules.fire(firing(), NOW),
    );
    assert.deepEqual(
      (await Promise.all(fires)).filter((made) => made !== undefined),
      [1],
    );
    assert.equal((await listJobs(store.records, {}, { limit: 20 })).length, 1);
  });

  states("a schedule that is never due again does not fire", async (store) => {
    await store.schedules.declare(NIGHTLY);
    assert.equal(await store.schedules.fire(firing([newJob()], { nextAt: null }), NOW), 1);
    assert.equal((await find(store))?.nextAt, null);
    assert.equal(await store.schedules.fire(firing(), NOW), undefined);
  });

  states("a paused schedule does not fire until it is resumed, and is due then as told", async (store) => {
    await store.schedules.declare(NIGHTLY);
    const [paused, ...others] = await store.schedules.pause([PAUSE], true);
    assert.deepEqual([paused?.name, paused?.paused, others], [NIGHTLY.name, true, []]);
    assert.deepEqual(await store.schedules.pause([PAUSE], true), [], "it is paused already");
    assert.equal(await store.schedules.fire(firing(), NOW), undefined);
    assert.equal((await find(store))?.paused, true);
    await store.schedules.declare({ ...NIGHTLY, nextAt: NEXT });
    assert.equal((await find(store))?.paused, true, "declared again, it stays paused");
    const resumed = { ...NIGHTLY_KEPT, nextAt: NEXT };
    assert.deepEqual(await store.schedules.pause([{ ...PAUSE, nextAt: NEXT }], false), [resumed]);
    assert.deepEqual(await find(store), resumed);
    assert.equal(await store.schedules.fire(firing([newJob()], { dueAt: NEXT, nextAt: null }), NOW), 1);
  });

  states(
    "several schedules are paused in one transaction, and resumed each to its own moment",
    async (store) => {
      for (const name of ["hourly", "nightly", "weekly"]) await store.schedules.declare({ ...NIGHTLY, name });
      await store.schedules.pause([{ name: "weekly", nextAt: null }], true);
      const asked = ["hourly", "nightly", "weekly", "gone"].map((name) => ({ name, nextAt: null }));
      const paused = await store.schedules.pause(asked, true);
      assert.deepEqual(
        paused.map(({ name, paused }) => [name, paused]),
        [
          ["hourly", true],
          ["nightly", true],
        ],
      );
      const resumed = await store.schedules.pause(
        [
          { name: "hourly", nextAt: NEXT },
          { name: "weekly", nextAt: null },
        ],
        false,
      );
      assert.deepEqual(
        resumed.map(({ name, nextAt }) => [name, nextAt]),
        [
          ["hourly", NEXT],
          ["weekly", null],
        ],
      );
      assert.deepEqual(await store.schedules.pause([], true), []);
    },
  );

  states("a schedule that was removed is gone, and does not fire", async (store) => {
    await store.schedules.declare(NIGHTLY);
    await store.schedules.declare({ ...NIGHTLY, name: "other" });
    assert.equal(await store.schedules.remove(NIGHTLY.name), true);
    assert.equal(await store.schedules.remove(NIGHTLY.name), false);
    assert.equal(await store.schedules.fire(firing(), NOW), undefined);
    assert.deepEqual(
      (await store.schedules.list()).map(({ name }) => name),
      ["other"],
    );
    assert.deepEqual(await claim(store), []);
  });

  states("there is nothing to pause where there is no schedule", async (store) => {
    assert.deepEqual(await store.schedules.list(), []);
    assert.deepEqual(await store.schedules.pause([PAUSE], true), []);
    assert.deepEqual(await store.schedules.pause([{ ...PAUSE, nextAt: NEXT }], false), []);
  });

  states("another process's declaring and pausing are noticed", async (store, opened) => {
    const other = await opened.another();
    await store.queue.changedElsewhere();
    await other.schedules.declare(NIGHTLY);
    assert.equal(await store.queue.changedElsewhere(), true);
    await other.schedules.pause([PAUSE], true);
    assert.equal(await store.queue.changedElsewhere(), true);
  });
}
