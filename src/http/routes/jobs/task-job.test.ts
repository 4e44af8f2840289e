import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedAnswer, attemptPage } from "../../schemas/job.ts";
import { taskJobAnswer, taskJobPage } from "../../schemas/task-job.ts";
import { ENDED, JOB_ID, jobOf, NOW, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf, problemOf } from "../../test-kit/problem-of.ts";

const PATH = `/jobs/${JOB_ID}`;

const receipt = jobOf({
  task: "send-receipt",
  lane: "customer-7",
  options: "{}",
  status: "running",
  attempts: 1,
  startedAt: NOW + 2,
  runAt: null,
  progress: { fraction: 0.5, note: "half of it" },
  ties: { key: "receipt:42", groupId: "grp_1" },
  origin: { scheduledFor: Date.parse("2030-03-17T03:00:00Z") },
});

test("a job of any task is shown with its progress, key, group, lane and the moment of its schedule", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [receipt];
  const answer = await ask(PATH);
  assert.equal(answer.headers.get("retry-after"), "1");
  assert.deepEqual(await answer.json(), {
    job_id: JOB_ID,
    task: "send-receipt",
    status: "running",
    attempts: 1,
    max_attempts: 10,
    target_url: null,
    created_at: "2030-03-17T17:46:40.000Z",
    started_at: "2030-03-17T17:46:40.002Z",
    finished_at: null,
    run_at: null,
    result: null,
    error: null,
    duration_ms: null,
    tags: [],
    lane: "customer-7",
    key: "receipt:42",
    group_id: "grp_1",
    on_settled: null,
    bulk_id: null,
    trigger: null,
    trace_id: null,
    copy_of: null,
    schedule: null,
    scheduled_for: "2030-03-17T03:00:00.000Z",
    held_by: null,
    progress: { fraction: 0.5, note: "half of it" },
  });
});

test("a result is the JSON that the handler returned, whatever it is", async () => {
  const { posthorn, ask } = testApp();
  for (const result of [{ sent: true }, [1], "text", 0, false, null]) {
    posthorn.kept = [{ ...receipt, status: "succeeded", result: JSON.stringify(result) }];
    assert.deepEqual(taskJobAnswer.parse(await (await ask(PATH)).json()).result, result);
  }
});

test("a delivery is a job too", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [ENDED];
  const { target_url, key, progress } = taskJobAnswer.parse(await (await ask(PATH)).json());
  assert.deepEqual([target_url, key, progress], ["https://example.com/hooks?k=1", null, null]);
});

test("below /webhooks only deliveries are there: a job of another task is 404, and left as it is", async () => {
  const { posthorn, ask, post } = testApp();
  posthorn.kept = [{ ...receipt, status: "queued" }];
  const path = `/webhooks/jobs/${JOB_ID}`;
  for (const answer of [
    await ask(path),
    await ask(`${path}/attempts`),
    await post(`${path}/redeliver`, "{}"),
    await post(`${path}/cancel`, "{}"),
  ]) {
    assert.equal((await problemOf(answer, 404)).code, "job_not_found");
  }
  assert.equal(posthorn.kept[0]?.status, "queued");
});

test("jobs of every task are rerun and cancelled, and looked up where the answer says", async () => {
  const { posthorn, ask, post } = testApp();
  posthorn.kept = [{ ...receipt, status: "failed" }];
  const rerun = await post(`${PATH}/rerun`, "{}");
  assert.deepEqual([rerun.status, rerun.headers.get("location")], [202, PATH]);
  assert.equal(acceptedAnswer.parse(await rerun.json()).job_id, JOB_ID);
  posthorn.kept = [{ ...receipt, status: "queued" }];
  const cancelled = await post(`${PATH}/cancel`, "{}");
  assert.equal(taskJobAnswer.parse(await cancelled.json()).status, "cancelled");
  assert.equal((await problemOf(await post(`${PATH}/cancel`, "{}"), 409)).code, "job_state");
  assert.deepEqual(attemptPage.parse(await (await ask(`${PATH}/attempts`)).json()).data, []);
});

test("a list without filters is of all tasks, and filters reach the store in its own terms", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [receipt];
  const { data, next_cursor } = taskJobPage.parse(await (await ask("/jobs")).json());
  assert.deepEqual([data[0]?.key, next_cursor], ["receipt:42", null]);
  const query = new URLSearchParams({
    task: "send-receipt",
    lane: "customer-7",
    status: "failed",
    created_from: "2030-03-17T17:46:40Z",
    created_before: "2030-03-17T18:46:40+01:00",
    limit: "1",
  });
  assert.equal((await ask(`/jobs?${query}`)).status, 200);
  assert.deepEqual(posthorn.lists, [
    { filter: {}, page: { limit: 51 } },
    {
      filter: {
        tasks: ["send-receipt"],
        lane: "customer-7",
        status: "failed",
        createdFrom: NOW,
        createdBefore: NOW,
      },
      page: { limit: 2 },
    },
  ]);
});

test("a parameter that a list of jobs does not take is refused, and named", async () => {
  const { posthorn, ask } = testApp();
  for (const [query, parameters] of [
    ["target_url=https://example.com", ["target_url"]],
    ["task=a&task=b", ["task"]],
    ["created_from=&created_before=x", ["created_from", "created_before"]],
    ["cursor=abc", ["cursor"]],
  ] as const) {
    assert.deepEqual(await pointersOf(await ask(`/jobs?${query}`)), parameters);
  }
  assert.deepEqual(posthorn.lists, []);
});
