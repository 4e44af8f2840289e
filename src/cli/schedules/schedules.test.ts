import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withStore } from "../database.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

const NEXT_AT = Date.parse("2030-01-31T02:00:00Z");

/** A database with the schedule `nightly`, and `schedules …` on it. */
async function withNightly(t: TestContext) {
  const database = join(temporaryFolder(t), "schedules.db");
  const job = {
    task: "tidy-up",
    lane: "tidy-up",
    priority: 0,
    options: "{}",
    payload: "null",
    maxAttempts: 5,
  };
  const nightly = {
    name: "nightly",
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
    missed: "skip",
    job,
    nextAt: NEXT_AT,
  } as const;
  await withStore(database, (store) => store.schedules.declare(nightly));
  return (...argv: string[]) => ran(["schedules", ...argv, "--database", database]);
}

test("schedules are listed with what they run, and when next", async (t) => {
  const schedules = await withNightly(t);
  const { stdout } = await schedules("list");
  assert.match(stdout, /^SCHEDULE +TASK +CRON +TIME ZONE +NEXT +LAST\n/);
  assert.match(stdout, /^nightly +tidy-up +0 3 \* \* \* +Europe\/Berlin +2030-01-31 02:00:00Z$/m);
  const { data } = JSON.parse((await schedules("list", "--json")).stdout);
  assert.deepEqual([data[0].name, data[0].next_at], ["nightly", "2030-01-31T02:00:00.000Z"]);
});

test("a schedule is paused, goes on with its next moment, and is removed", async (t) => {
  const schedules = await withNightly(t);
  assert.equal((await schedules("pause", "nightly")).stdout, "nightly is paused\n");
  assert.match((await schedules("list")).stdout, /Europe\/Berlin +paused$/m);
  assert.match((await schedules("resume", "nightly")).stdout, /^nightly continues, next \S+ 0[12]:00:00Z\n$/);
  assert.equal(JSON.parse((await schedules("pause", "nightly", "--json")).stdout).paused, true);
  assert.match((await schedules("remove", "nightly")).stdout, /^nightly is removed/);
  assert.deepEqual(JSON.parse((await schedules("list", "--json")).stdout), { data: [] });
});

test("all schedules are paused at once, and go on at once", async (t) => {
  const schedules = await withNightly(t);
  assert.equal((await schedules("pause", "--all")).stdout, "nightly is paused\n");
  assert.equal((await schedules("pause", "--all")).stdout, "no schedule is running\n");
  const { data } = JSON.parse((await schedules("resume", "--all", "--json")).stdout);
  assert.deepEqual([data.length, data[0].name, data[0].paused], [1, "nightly", false]);
  for (const wrong of [["pause"], ["pause", "nightly", "--all"]]) {
    const { code, stderr } = await schedules(...wrong);
    assert.equal(code, 1);
    assert.match(stderr, /name one schedule to pause, or give --all/);
  }
});

test("a schedule is run now, paused or not, and its next run stays as it is", async (t) => {
  const schedules = await withNightly(t);
  const { code, stdout } = await schedules("run", "nightly");
  assert.equal(code, 0);
  const [, id = ""] = /^(job_\w+) is queued\n$/.exec(stdout) ?? [];
  const { data } = JSON.parse((await schedules("list", "--json")).stdout);
  assert.deepEqual([data[0].next_at, data[0].last_at], ["2030-01-31T02:00:00.000Z", null]);
  await schedules("pause", "nightly");
  const other = JSON.parse((await schedules("run", "nightly", "--json")).stdout);
  assert.deepEqual([other.existing, other.job_id === id], [false, false]);
});

test("a schedule that does not exist is named, with where to look", async (t) => {
  const schedules = await withNightly(t);
  for (const verb of ["pause", "resume", "run", "remove"]) {
    const { code, stderr } = await schedules(verb, "hourly");
    assert.equal(code, 1);
    assert.match(stderr, /no schedule has the name "hourly"; `posthorn schedules list` shows them/);
  }
});
