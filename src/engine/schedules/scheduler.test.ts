import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { listJobs } from "../../store/list-jobs.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import type { NewSchedule } from "../../store/shelves/schedules.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { AdjustableClock } from "../test-kit/adjustable-clock.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { quiet } from "../test-kit/turns.ts";
import { nextRun } from "./cron.ts";
import { firingOf, Scheduler } from "./scheduler.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface SetUpOptions {
  readonly now?: string;
  readonly between?: (store: Store) => Store;
}

/** A scheduler on a store in memory. */
async function setUp(context: TestContext, { now = "2026-05-01T12:00:10Z", between }: SetUpOptions = {}) {
  const real = await openSqliteStore({ file: ":memory:" });
  context.after(() => real.close());
  const store = between?.(real) ?? real;
  const clock = new AdjustableClock(now);
  const log = new RecordedLog();
  const opened = (on: Store = store) => new Scheduler(on, clock, log.instrument);
  const scheduler = opened();
  return {
    store,
    clock,
    log,
    scheduler,
    opened,
    async declare(cron: string, fields: Partial<NewSchedule> = {}): Promise<void> {
      const timeZone = fields.timeZone ?? "UTC";
      const nextAt = nextRun(cron, timeZone, clock.now());
      const job = {
        task: "tick",
        lane: "ticks",
        priority: 0,
        options: "{}",
        payload: "null",
        maxAttempts: 1,
      };
      await real.schedules.declare({ name: "tick", cron, timeZone, missed: "skip", job, nextAt, ...fields });
    },
    /** Moves time on, in steps small enough for every timer to be set again. */
    async pass(ms: number, stepMs = ms): Promise<void> {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        await quiet();
      }
    },
    /** When its jobs were due, oldest first; each knows that it was made for that moment. */
    async runs(): Promise<string[]> {
      const jobs = await listJobs(real.records, { tasks: ["tick"] }, { limit: 10_000 });
      for (const { runAt, origin } of jobs) assert.equal(origin?.scheduledFor, runAt);
      return jobs.map(({ runAt }) => new Date(runAt ?? 0).toISOString().replace(".000Z", "Z")).reverse();
    },
  };
}

test("a schedule fires when it is due, each time, with what was declared", async (context) => {
  const { scheduler, declare, pass, runs, store, clock } = await setUp(context);
  await declare("*/5 * * * *");
  await scheduler.start();
  await pass(4 * MINUTE + 49 * SECOND);
  assert.deepEqual(await runs(), []);
  await pass(SECOND);
  assert.deepEqual(await runs(), ["2026-05-01T12:05:00Z"]);
  await pass(10 * MINUTE, MINUTE);
  assert.deepEqual(await runs(), ["2026-05-01T12:05:00Z", "2026-05-01T12:10:00Z", "2026-05-01T12:15:00Z"]);
  const [schedule] = await store.schedules.list();
  assert.deepEqual([schedule?.lastAt, schedule?.nextAt], [clock.now(), clock.now() + 5 * MINUTE]);
  const [job] = await listJobs(store.records, {}, { limit: 1 });
  assert.deepEqual([job?.task, job?.lane, job?.maxAttempts], ["tick", "ticks", 1]);
});

test("several schedules each have their own time", async (context) => {
  const { scheduler, declare, pass, store } = await setUp(context);
  await declare("1 * * * *", { name: "a" });
  await declare("3 * * * *", { name: "b" });
  await scheduler.start();
  await pass(HOUR, MINUTE);
  const fired = (await store.schedules.list()).map(({ lastAt }) => new Date(lastAt ?? 0).getUTCMinutes());
  assert.deepEqual(fired, [1, 3]);
});

test("what is declared while a round is under way is not overlooked", async (context) => {
  let looking = () => {};
  const { scheduler, declare, pass, runs } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        schedules: {
          async list() {
            const found = await store.schedules.list();
            await new Promise<void>((resolve) => {
              looking = resolve;
            });
            return found;
          },
        },
      }),
  });
  const started = scheduler.start();
  await quiet();
  await declare("* * * * *");
  const refreshed = scheduler.refresh();
  for (let n = 0; n < 3; n++) {
    looking();
    await quiet();
  }
  await Promise.all([started, refreshed]);
  await pass(MINUTE);
  looking();
  await quiet();
  assert.equal((await runs()).length, 1);
});

test("two processes with one schedule fire it once", async (context) => {
  const { scheduler, declare, pass, runs, opened } = await setUp(context);
  await declare("* * * * *");
  for (const each of [scheduler, opened(), opened()]) await each.start();
  await pass(5 * MINUTE, SECOND * 10);
  assert.equal((await runs()).length, 5);
});

const MISSED: [missed: NewSchedule["missed"], runs: string[]][] = [
  ["skip", []],
  ["once", ["2026-05-01T15:00:00Z"]],
  ["all", ["2026-05-01T13:00:00Z", "2026-05-01T14:00:00Z", "2026-05-01T15:00:00Z"]],
];
for (const [missed, expected] of MISSED) {
  test(`runs that nobody was there for: ${missed}`, async (context) => {
    const { scheduler, declare, pass, runs, log } = await setUp(context);
    await declare("0 * * * *", { missed });
    await pass(3 * HOUR + 30 * MINUTE);
    await scheduler.start();
    await quiet();
    assert.deepEqual(await runs(), expected);
    assert.deepEqual(log.lines, missed === "skip" ? ["warn: a missed run was skipped"] : []);
    await pass(30 * MINUTE);
    assert.deepEqual(await runs(), [...expected, "2026-05-01T16:00:00Z"]);
  });
}

test("a run that is less than a minute late was not missed", async (context) => {
  const { scheduler, declare, pass, runs } = await setUp(context);
  await declare("0 * * * *");
  await pass(59 * MINUTE + 50 * SECOND + 59 * SECOND);
  await scheduler.start();
  assert.deepEqual(await runs(), ["2026-05-01T13:00:00Z"]);
});

test("all runs missed in a month are made up for, in steps", async (context) => {
  const { scheduler, declare, pass, runs } = await setUp(context);
  await declare("*/10 * * * *", { missed: "all" });
  await pass(30 * 24 * HOUR);
  await scheduler.start();
  for (let step = 0; step < 6; step++) await pass(1);
  const made = await runs();
  assert.equal(made.length, 30 * 24 * 6);
  assert.equal(new Set(made).size, made.length);
});

test("a clock set forward by hours is noticed at the next check, and time continues from there", async (context) => {
  const { scheduler, declare, pass, runs, clock } = await setUp(context);
  await declare("* * * * *", { missed: "once" });
  await scheduler.start();
  clock.set(5 * HOUR);
  await scheduler.refresh();
  assert.deepEqual(await runs(), ["2026-05-01T17:00:00Z"]);
  await pass(2 * MINUTE, 10 * SECOND);
  assert.deepEqual((await runs()).slice(1), ["2026-05-01T17:01:00Z", "2026-05-01T17:02:00Z"]);
});

test("a clock set back by hours does not silence a schedule until that time comes again", async (context) => {
  const { scheduler, declare, pass, runs, clock, log } = await setUp(context);
  await declare("* * * * *");
  await scheduler.start();
  await pass(2 * MINUTE, 10 * SECOND);
  clock.set(-3 * HOUR);
  await scheduler.refresh();
  assert.deepEqual(log.lines, ["warn: the clock was set back; the schedule follows the new time"]);
  await pass(2 * MINUTE, 10 * SECOND);
  assert.deepEqual((await runs()).slice(2), ["2026-05-01T09:03:00Z", "2026-05-01T09:04:00Z"]);
});

test("a machine that started in a wrong year gets its schedules back once its clock is right", async (context) => {
  const { scheduler, declare, pass, runs, clock } = await setUp(context, { now: "2031-01-01T00:00:00Z" });
  await declare("0 3 * * *");
  clock.set(Date.parse("2026-05-01T12:00:00Z") - clock.now());
  await scheduler.start();
  await pass(24 * HOUR, HOUR);
  assert.deepEqual(await runs(), ["2026-05-02T03:00:00Z"]);
});

test("a clock that is a day ahead for a while costs no nightly run", async (context) => {
  const { scheduler, declare, pass, runs, clock } = await setUp(context, { now: "2026-05-01T10:00:00Z" });
  await declare("0 3 * * *");
  await scheduler.start();
  clock.set(26 * HOUR);
  await scheduler.refresh();
  await pass(MINUTE, MINUTE);
  clock.set(-26 * HOUR);
  await scheduler.refresh();
  await pass(18 * HOUR, HOUR);
  assert.ok((await runs()).includes("2026-05-02T03:00:00Z"));
});

test("a nightly run is not repeated when the clock is set back by hours after it", async (context) => {
  const { scheduler, declare, pass, runs, clock } = await setUp(context, { now: "2026-05-01T02:59:00Z" });
  await declare("0 3 * * *");
  await scheduler.start();
  await pass(2 * MINUTE, MINUTE);
  clock.set(-2 * HOUR);
  await scheduler.refresh();
  await pass(26 * HOUR, HOUR);
  assert.deepEqual(await runs(), ["2026-05-01T03:00:00Z", "2026-05-02T03:00:00Z"]);
});

const BERLIN: [name: string, now: string, cron: string, hours: number, runs: string[]][] = [
  [
    "a time that the change to summer leaves out runs once, when the hour is over",
    "2026-03-28T12:00:00Z",
    "30 2 * * *",
    48,
    ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
  ],
  [
    "a time that the change to winter has twice runs once",
    "2026-10-24T12:00:00Z",
    "30 2 * * *",
    48,
    ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
  ],
  [
    "every hour is every hour, even in the one of the change to winter",
    "2026-10-24T23:30:00Z",
    "0 * * * *",
    4,
    ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"],
  ],
];
for (const [name, now, cron, hours, expected] of BERLIN) {
  test(`in Berlin ${name}`, async (context) => {
    const { scheduler, declare, pass, runs } = await setUp(context, { now });
    await declare(cron, { timeZone: "Europe/Berlin" });
    await scheduler.start();
    await pass(hours * HOUR, HOUR / 2);
    assert.deepEqual(await runs(), expected);
  });
}

test("a schedule that cannot be fired now is tried again, and holds up no other", async (context) => {
  let isBroken = true;
  const { scheduler, declare, pass, store, log } = await setUp(context, {
    between: (real) =>
      overlaid(real, {
        schedules: {
          fire: (firing, now) =>
            isBroken && firing.name === "bad"
              ? Promise.reject(new Error("the disk is full"))
              : real.schedules.fire(firing, now),
        },
      }),
  });
  const told: unknown[] = [];
  log.instrument["jobs.made"].subscribe((made) => told.push(made));
  await declare("* * * * *", { name: "bad" });
  await declare("* * * * *", { name: "good" });
  await scheduler.start();
  await pass(50 * SECOND);
  const made = async () => (await listJobs(store.records, {}, { limit: 9 })).length;
  assert.equal(await made(), 1);
  assert.deepEqual(log.lines, ["error: a schedule could not be fired; trying again"]);
  isBroken = false;
  await pass(SECOND);
  assert.equal(await made(), 2);
  assert.deepEqual(told, Array(2).fill({ task: "tick", count: 1 }), "what was made is reported");
});

test("a stored expression that this release cannot read holds up no other schedule", async (context) => {
  const { scheduler, declare, pass, runs, clock, store } = await setUp(context);
  await declare("* * * * *");
  const [schedule] = await store.schedules.list();
  assert.ok(schedule);
  await store.schedules.declare({ ...schedule, name: "a", cron: "of tomorrow", nextAt: clock.now() + HOUR });
  await scheduler.start();
  await pass(2 * MINUTE, 10 * SECOND);
  assert.equal((await runs()).length, 2);
});

test("when the database cannot be asked it is asked again", async (context) => {
  let isDown = true;
  const { scheduler, declare, pass, runs, log } = await setUp(context, {
    between: (store) =>
      overlaid(store, {
        schedules: { list: () => (isDown ? Promise.reject(new Error("gone")) : store.schedules.list()) },
      }),
  });
  await declare("* * * * *");
  await scheduler.start();
  assert.deepEqual(log.lines, ["error: schedules could not be checked; trying again"]);
  isDown = false;
  await pass(SECOND);
  await pass(MINUTE);
  assert.equal((await runs()).length, 1);
});

test("nothing fires before the start, nor after the stop", async (context) => {
  const { scheduler, declare, pass, runs } = await setUp(context);
  await declare("* * * * *", { missed: "all" });
  await scheduler.refresh();
  await pass(5 * MINUTE, MINUTE);
  assert.deepEqual(await runs(), []);
  await scheduler.start();
  await scheduler.stop();
  await pass(5 * MINUTE, MINUTE);
  assert.equal((await runs()).length, 5, "the start made up for what was missed");
});

test("a firing never makes the same moment twice, and what is next lies ahead", () => {
  const due = Date.parse("2026-03-28T12:00:00Z");
  for (const missed of ["skip", "once", "all"] as const) {
    for (let late = 0; late < 60 * HOUR; late += 37 * MINUTE) {
      const schedule = { cron: "*/30 * * * *", timeZone: "Europe/Berlin", missed };
      const { runs, nextAt } = firingOf(schedule, due, due + late);
      assert.equal(new Set(runs).size, runs.length);
      for (const run of runs) assert.ok(run >= due && run <= due + late);
      assert.ok(nextAt !== null && nextAt > due + late);
    }
  }
});
