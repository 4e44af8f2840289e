import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schedule } from "../../../store/shelves/schedules.ts";
import { schedulePage } from "../../schemas/fleet.ts";
import { NOW, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf, problemOf } from "../../test-kit/problem-of.ts";

const nightly: Schedule = {
  name: "nightly",
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
  missed: "once",
  job: {
    task: "clean-up",
    lane: "clean-up",
    priority: 0,
    options: "{}",
    payload: '{"secret":1}',
    maxAttempts: 5,
  },
  nextAt: NOW + 1_000,
  lastAt: null,
  paused: false,
};

const shown = {
  name: "nightly",
  cron: "0 3 * * *",
  time_zone: "Europe/Berlin",
  missed: "once",
  task: "clean-up",
  lane: "clean-up",
  paused: false,
  next_at: "2030-03-17T17:46:41.000Z",
  next_runs: [
    "2030-03-17T17:46:41.000Z",
    "2030-03-18T02:00:00.000Z",
    "2030-03-19T02:00:00.000Z",
    "2030-03-20T02:00:00.000Z",
    "2030-03-21T02:00:00.000Z",
  ],
  last_at: null,
};

test("a group is shown with its counts, and an unknown one is 404", async () => {
  const { posthorn, ask } = testApp();
  const counts = { total: 3, succeeded: 1, failed: 1, cancelled: 0 };
  posthorn.groups = [{ id: "grp_1", ...counts, createdAt: NOW, settledAt: null }];
  assert.deepEqual(await (await ask("/groups/grp_1")).json(), {
    group_id: "grp_1",
    ...counts,
    created_at: "2030-03-17T17:46:40.000Z",
    settled_at: null,
  });
  assert.equal((await problemOf(await ask("/groups/grp_2"), 404)).code, "group_not_found");
});

test("schedules are listed without the inputs of their jobs", async () => {
  const { posthorn, ask } = testApp();
  posthorn.schedulesKept = [nightly];
  assert.deepEqual(await (await ask("/schedules")).json(), { data: [shown], next_cursor: null });
});

test("a schedule is paused, resumed and removed", async () => {
  const { posthorn, ask, post } = testApp();
  posthorn.schedulesKept = [nightly];
  const paused = await post("/schedules/nightly/pause", "{}");
  assert.deepEqual(await paused.json(), { ...shown, paused: true, next_at: null, next_runs: [] });
  const resumed = await ask("/schedules/nightly/resume", { method: "POST" });
  assert.deepEqual(await resumed.json(), shown);
  const removed = await ask("/schedules/nightly", { method: "DELETE" });
  assert.deepEqual([removed.status, await removed.text()], [204, ""]);
  assert.deepEqual(schedulePage.parse(await (await ask("/schedules")).json()).data, []);
});

test("all schedules are paused and resumed at once; the answer names those that were changed", async () => {
  const { posthorn, ask, post } = testApp();
  posthorn.schedulesKept = [nightly, { ...nightly, name: "hourly", paused: true }];
  const namesOf = async (answer: Response) =>
    schedulePage.parse(await answer.json()).data.map(({ name, paused }) => [name, paused]);
  assert.deepEqual(await namesOf(await post("/schedules/pause", "{}")), [["nightly", true]]);
  assert.deepEqual(await namesOf(await ask("/schedules/pause", { method: "POST" })), []);
  assert.deepEqual(await namesOf(await ask("/schedules/resume", { method: "POST" })), [
    ["nightly", false],
    ["hourly", false],
  ]);
  assert.deepEqual(await pointersOf(await post("/schedules/pause", { until: "noon" })), ["/until"]);
});

test("an unknown schedule is a 404, and a body is not ignored", async () => {
  const { posthorn, ask, post } = testApp();
  for (const answer of [
    await post("/schedules/x/pause", "{}"),
    await post("/schedules/x/resume", "{}"),
    await ask("/schedules/x", { method: "DELETE" }),
  ]) {
    assert.equal((await problemOf(answer, 404)).code, "schedule_not_found");
  }
  posthorn.schedulesKept = [nightly];
  assert.deepEqual(await pointersOf(await post("/schedules/nightly/pause", { until: "noon" })), ["/until"]);
  assert.equal(posthorn.schedulesKept[0]?.paused, false);
});

test("workers are listed with their host, and when they were last seen", async () => {
  const { posthorn, ask } = testApp();
  posthorn.workersKept = [
    {
      id: "wrk_1",
      machine: "web-1 0a1b pid:[4026531836]",
      pid: 4_711,
      startedAt: NOW,
      deadline: NOW + 90_000,
      concurrency: 64,
      slotsHeld: 0,
      version: "0.1.0",
      tasks: ["webhook.deliver"],
    },
  ];
  assert.deepEqual(await (await ask("/workers")).json(), {
    data: [
      {
        worker_id: "wrk_1",
        host: "web-1",
        pid: 4_711,
        concurrency: 64,
        slots_held: 0,
        running: null,
        claims_per_second: null,
        loop_delay_ms: null,
        reported_at: null,
        draining: false,
        drain_asked_at: null,
        tasks: ["webhook.deliver"],
        version: "0.1.0",
        started_at: "2030-03-17T17:46:40.000Z",
        seen_at: "2030-03-17T17:47:40.000Z",
        deadline: "2030-03-17T17:48:10.000Z",
      },
    ],
    next_cursor: null,
  });
});

test("a worker that is not registered cannot be asked to drain, and a body is not ignored", async () => {
  const { post } = testApp();
  assert.equal((await problemOf(await post("/workers/wrk_1/drain", "{}"), 404)).code, "worker_not_found");
  assert.deepEqual(await pointersOf(await post("/workers/wrk_1/drain", { until: "noon" })), ["/until"]);
});
