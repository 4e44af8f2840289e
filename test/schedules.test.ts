import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import {
  ConfigurationError,
  InvalidInputError,
  type ScheduleOptions,
  schedule,
  task,
} from "../src/posthorn.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";

const tick = task<number | null>("tick", { run() {} });

/** Posthorn at midnight, with this schedule of the task `tick`. */
async function setUp(t: TestContext, options: Partial<ScheduleOptions<number | null>> = {}) {
  const cron = "0 3 * * *";
  const nightly = schedule("nightly", { cron, task: tick, input: null, ...options });
  const posthorn = await openTestPosthorn({
    tasks: [tick],
    schedules: [nightly],
    now: "2030-01-01T00:00:00Z",
  });
  t.after(() => posthorn.close());
  return {
    posthorn,
    nightly,
    moments: () => posthorn.enqueued(tick).map(({ runAt }) => runAt.toISOString()),
  };
}

test("a schedule makes a job at each of its moments", async (t) => {
  const { posthorn, moments } = await setUp(t, { input: 7 });
  await posthorn.clock.advance("2h59m");
  assert.deepEqual(moments(), []);
  await posthorn.clock.advance("1d1m");
  assert.deepEqual(moments(), ["2030-01-01T03:00:00.000Z", "2030-01-02T03:00:00.000Z"]);
  assert.deepEqual(
    posthorn.enqueued(tick).map(({ input }) => input),
    [7, 7],
  );
  assert.deepEqual(await posthorn.drain(), { succeeded: 2, failed: 0, queued: 0 });
});

test("a missed run that is made up for says which moment it is for, in its handler and when it is looked up", async (t) => {
  const told: (string | undefined)[] = [];
  const report = task("report", { run: (_, { job }) => void told.push(job?.scheduledFor?.toISOString()) });
  const hourly = schedule("hourly", { cron: "0 * * * *", task: report, input: null, missed: "all" });
  const posthorn = await openTestPosthorn({
    tasks: [report],
    schedules: [hourly],
    now: "2030-01-01T00:00:00Z",
  });
  t.after(() => posthorn.close());
  await posthorn.clock.advance("2h30m");
  await posthorn.enqueue(report, null);
  await posthorn.drain();
  const moments = ["2030-01-01T01:00:00.000Z", "2030-01-01T02:00:00.000Z", undefined];
  assert.deepEqual(told, moments);
  const listed = (await posthorn.jobs.list())
    .map(({ scheduledFor }) => scheduledFor?.toISOString())
    .reverse();
  assert.deepEqual(listed, moments);
  const schedules = (await posthorn.jobs.list()).map(({ schedule }) => schedule).reverse();
  assert.deepEqual(schedules, ["hourly", "hourly", null]);
  const now = await posthorn.schedules.run("hourly");
  assert.equal((await posthorn.jobs.get(now?.jobId ?? "")).schedule, "hourly");
});

test("its moments are those of its time zone", async (t) => {
  const { posthorn, moments } = await setUp(t, { timeZone: "Europe/Berlin" });
  await posthorn.clock.advance("1d");
  assert.deepEqual(moments(), ["2030-01-01T02:00:00.000Z"]);
});

test("its jobs have the options of the task and the schedule; with a key, none is made while one is live", async (t) => {
  const { posthorn } = await setUp(t, { options: { key: "only", priority: 9, lane: "night" } });
  await posthorn.clock.advance("3d");
  const [job, ...others] = posthorn.enqueued(tick);
  assert.deepEqual([job?.key, job?.priority, job?.lane, others.length], ["only", 9, "night", 0]);
  await posthorn.drain();
  await posthorn.clock.advance("1d");
  assert.equal(posthorn.enqueued(tick).length, 2);
});

test("a paused schedule makes none, and goes on with its next moment when it is resumed", async (t) => {
  const { posthorn, moments } = await setUp(t);
  assert.equal((await posthorn.schedules.pause("nightly"))?.paused, true);
  await posthorn.clock.advance("2d");
  assert.deepEqual(moments(), []);
  assert.equal((await posthorn.schedules.resume("nightly"))?.paused, false);
  await posthorn.clock.advance("1d");
  assert.deepEqual(moments(), ["2030-01-03T03:00:00.000Z"]);
  assert.equal(await posthorn.schedules.pause("another"), undefined);
});

test("all schedules are paused at once, and make jobs again once they are resumed", async (t) => {
  const { posthorn, moments } = await setUp(t);
  assert.deepEqual(
    (await posthorn.schedules.pauseAll()).map(({ name, paused }) => [name, paused]),
    [["nightly", true]],
  );
  assert.deepEqual(await posthorn.schedules.pauseAll(), []);
  await posthorn.clock.advance("2d");
  assert.deepEqual(moments(), []);
  assert.equal((await posthorn.schedules.resumeAll())[0]?.paused, false);
  await posthorn.clock.advance("1d");
  assert.deepEqual(moments(), ["2030-01-03T03:00:00.000Z"]);
});

test("a schedule is run now, even while it is paused, and its next run stays as it is; that is in the audit", async (t) => {
  const { posthorn, moments } = await setUp(t, { input: 7, options: { key: "one" } });
  await posthorn.clock.advance("1h");
  const run = await posthorn.schedules.run("nightly", { actor: "ana" });
  assert.deepEqual([moments(), run?.existing], [["2030-01-01T01:00:00.000Z"], false]);
  assert.deepEqual(await posthorn.schedules.run("nightly"), { jobId: run?.jobId, existing: true });
  assert.deepEqual(await posthorn.drain(), { succeeded: 1, failed: 0, queued: 0 });
  assert.deepEqual(
    posthorn.enqueued(tick).map(({ jobId, input }) => [jobId, input]),
    [[run?.jobId, 7]],
  );
  const [listed] = await posthorn.schedules.list();
  assert.deepEqual([listed?.nextAt?.toISOString(), listed?.lastAt], ["2030-01-01T03:00:00.000Z", null]);
  await posthorn.schedules.pause("nightly");
  assert.equal((await posthorn.schedules.run("nightly"))?.existing, false);
  assert.equal(moments().length, 2);
  assert.equal(await posthorn.schedules.run("another"), undefined);
  const { data } = await posthorn.audit.list({ action: "schedule.run" });
  assert.deepEqual(
    data.map(({ actor, target }) => [actor, target]),
    [
      ["library", "nightly"],
      ["library", "nightly"],
      ["ana", "nightly"],
    ],
  );
});

test("a schedule that would never be due is refused, and not stored", async (t) => {
  const { posthorn } = await setUp(t);
  const leap = schedule("leap", { cron: "0 0 30 2 *", task: tick, input: null });
  await assert.rejects(posthorn.schedules.declare(leap), {
    code: "configuration",
    message: /cron matches no day/,
  });
  assert.deepEqual(
    (await posthorn.schedules.list()).map(({ name }) => name),
    ["nightly"],
  );
});

test("a schedule is listed, and can be removed and declared again", async (t) => {
  const { posthorn, nightly, moments } = await setUp(t);
  const [listed] = await posthorn.schedules.list();
  assert.deepEqual([listed?.name, listed?.cron, listed?.missed], ["nightly", "0 3 * * *", "skip"]);
  assert.deepEqual([listed?.task, listed?.nextAt?.toISOString()], ["tick", "2030-01-01T03:00:00.000Z"]);
  assert.equal(await posthorn.schedules.remove("nightly"), true);
  assert.equal(await posthorn.schedules.remove("nightly"), false);
  await posthorn.clock.advance("1d");
  assert.deepEqual(moments(), []);
  await posthorn.schedules.declare(nightly);
  await posthorn.clock.advance("1d");
  assert.deepEqual(moments(), ["2030-01-02T03:00:00.000Z"]);
});

test("an invalid schedule is refused", async (t) => {
  const { posthorn } = await setUp(t);
  const strict = task("strict", { input: z.object({ id: z.string() }) });
  const declare = (name: string, options: object) =>
    posthorn.schedules.declare(
      schedule(name, { cron: "@daily", task: tick, input: null, ...options } as ScheduleOptions<null>),
    );
  await assert.rejects(declare("a name", {}), ConfigurationError);
  await assert.rejects(declare("s", { cron: "61 * * * *" }), ConfigurationError);
  await assert.rejects(declare("s", { timeZone: "Mars/Olympus" }), ConfigurationError);
  await assert.rejects(declare("s", { missed: "some" }), ConfigurationError);
  await assert.rejects(declare("s", { cronn: "@daily" }), InvalidInputError);
  await assert.rejects(declare("s", { options: { runAt: new Date() } }), InvalidInputError);
  await assert.rejects(declare("s", { task: strict, input: {} }), InvalidInputError);
});
