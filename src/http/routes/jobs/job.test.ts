import assert from "node:assert/strict";
import { test } from "node:test";
import { JobBusyError } from "../../../core/errors.ts";
import type { Attempt } from "../../../core/job.ts";
import { acceptedAnswer, attemptPage, jobAnswer } from "../../schemas/job.ts";
import { ENDED, JOB_ID, jobOf, NOW, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf, problemOf } from "../../test-kit/problem-of.ts";

const PATH = `/webhooks/jobs/${JOB_ID}`;

test("a job that has ended is shown whole", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [ENDED];
  const answer = await ask(PATH);
  assert.equal(answer.headers.get("retry-after"), null);
  assert.deepEqual(await answer.json(), {
    job_id: JOB_ID,
    task: "webhook.deliver",
    status: "succeeded",
    attempts: 1,
    max_attempts: 10,
    target_url: "https://example.com/hooks?k=1",
    created_at: "2030-03-17T17:46:40.000Z",
    started_at: "2030-03-17T17:46:40.002Z",
    finished_at: "2030-03-17T17:46:40.040Z",
    run_at: null,
    result: { delivered_to: "https://example.com/hooks?k=1", http_status: 200, duration_ms: 38 },
    error: null,
    duration_ms: null,
    tags: [],
  });
});

test("a redelivery by filter is a job without a target", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [{ ...ENDED, task: "webhook.redeliver", options: "{}", result: '{"redelivered":3}' }];
  const { target_url, result } = jobAnswer.parse(await (await ask(PATH)).json());
  assert.deepEqual([target_url, result], [null, { redelivered: 3 }]);
});

test("a live job says when to look again", async () => {
  const { posthorn, ask } = testApp();
  for (const [job, seconds] of [
    [jobOf({ runAt: NOW }), "1"],
    [jobOf({ runAt: NOW + 90_500 }), "91"],
    [jobOf({ runAt: NOW + 86_400_000 }), "3600"],
    [jobOf({ status: "running", runAt: null }), "1"],
  ] as const) {
    posthorn.kept = [job];
    assert.equal((await ask(PATH)).headers.get("retry-after"), seconds);
  }
});

test("a job that is not there is 404 wherever it is named", async () => {
  const { ask, post } = testApp();
  for (const id of ["nope", "job_01k9zq3v7n8r2m4w6x8y0z1a3z", "%00", "job_01K9ZQ3V7N8R2M4W6X8Y0Z1A3B"]) {
    const path = `/webhooks/jobs/${id}`;
    const answers = [
      ask(path),
      ask(`${path}/attempts`),
      post(`${path}/redeliver`, "{}"),
      post(`${path}/cancel`, "{}"),
    ];
    for (const answer of answers) assert.equal((await problemOf(await answer, 404)).code, "job_not_found");
  }
});

const attempt = (n: number): Attempt => ({
  n,
  outcome: "failed",
  startedAt: NOW,
  durationMs: 12,
  error: "the receiver answered 500",
  code: 500,
  class: "5xx",
  excerpt: "oops",
  fingerprint: null,
  detail: null,
});

test("attempts come newest first, by pages", async () => {
  const { posthorn, ask } = testApp();
  posthorn.attemptsKept = [attempt(2), attempt(1)];
  const first = attemptPage.parse(await (await ask(`${PATH}/attempts?limit=1`)).json());
  assert.deepEqual(first.data, [
    {
      attempt: 2,
      outcome: "failed",
      http_status: 500,
      class: "5xx",
      error: "the receiver answered 500",
      started_at: "2030-03-17T17:46:40.000Z",
      duration_ms: 12,
      response: "oops",
      fingerprint: null,
      detail: null,
      timing: null,
    },
  ]);
  posthorn.attemptsKept = [attempt(1)];
  const last = attemptPage.parse(await (await ask(`${PATH}/attempts?cursor=${first.next_cursor}`)).json());
  assert.equal(last.next_cursor, null);
  assert.deepEqual(posthorn.attemptLists, [
    { id: JOB_ID, page: { limit: 2 } },
    { id: JOB_ID, page: { limit: 51, before: 2 } },
  ]);
});

test("a cursor of another list is refused", async () => {
  const { ask } = testApp();
  for (const text of [JOB_ID, "attempt_0", "attempt_-1", "attempt_1e3"]) {
    const cursor = Buffer.from(text).toString("base64url");
    assert.deepEqual(await pointersOf(await ask(`${PATH}/attempts?cursor=${cursor}`)), ["cursor"]);
  }
});

test("redelivering answers 202 with the job's address, with no body sent or an empty object", async () => {
  const { posthorn, ask, post } = testApp();
  posthorn.kept = [jobOf({ status: "failed" })];
  for (const answer of [
    await ask(`${PATH}/redeliver`, { method: "POST" }),
    await post(`${PATH}/redeliver`, "{}"),
    await post(`${PATH}/retry`, "{}"), // its old name
  ]) {
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get("location"), PATH);
    assert.deepEqual(acceptedAnswer.parse(await answer.json()), { job_id: JOB_ID, status: "queued" });
  }
});

test("redelivering or cancelling takes no options, and ignores none", async () => {
  const { ask, post } = testApp();
  for (const action of ["redeliver", "retry", "cancel"]) {
    assert.deepEqual(await pointersOf(await post(`${PATH}/${action}`, { delay: 5 })), ["/delay"]);
    await problemOf(await post(`${PATH}/${action}`, "nope"), 400);
    await problemOf(await ask(`${PATH}/${action}`, { method: "POST", body: "a=b" }), 415);
  }
});

test("a status that does not allow it is a conflict", async () => {
  const { posthorn, post } = testApp();
  posthorn.kept = [ENDED];
  assert.equal((await problemOf(await post(`${PATH}/redeliver`, "{}"), 409)).code, "job_state");
  assert.equal((await problemOf(await post(`${PATH}/cancel`, "{}"), 409)).code, "job_state");
});

test("a job that keeps moving while it is being cancelled is not a server error: the answer says when to try again", async () => {
  const { posthorn, ask } = testApp();
  posthorn.jobs.cancel = () => Promise.reject(new JobBusyError(JOB_ID));
  const answer = await ask(`${PATH}/cancel`, { method: "POST" });
  assert.equal(answer.headers.get("retry-after"), "1");
  const { code, detail } = await problemOf(answer, 503);
  assert.equal(code, "job_busy");
  assert.match(detail ?? "", /try again$/);
});

test("cancelling answers with the job as it is then", async () => {
  const { ask } = testApp();
  const answer = await ask(`${PATH}/cancel`, { method: "POST" });
  assert.equal(answer.status, 200);
  assert.equal(jobAnswer.parse(await answer.json()).status, "cancelled");
});

test("redelivering by filter makes a job of its own", async () => {
  const { posthorn, post } = testApp();
  const filter = {
    status: "cancelled",
    target_url: "https://example.com",
    created_from: "2030-01-01T00:00:00Z",
  };
  const answer = await post("/webhooks/jobs/redeliver", filter);
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("location"), PATH);
  await post("/webhooks/jobs/redeliver", {});
  assert.deepEqual(
    posthorn.redelivered.map(({ request }) => request),
    [{ status: "cancelled", targetUrl: "https://example.com", createdFrom: "2030-01-01T00:00:00Z" }, {}],
  );
});

test("an invalid filter is refused: an empty body is not a filter", async () => {
  const { posthorn, post } = testApp();
  assert.deepEqual(await pointersOf(await post("/webhooks/jobs/redeliver", { status: "succeeded" })), [
    "/status",
  ]);
  assert.deepEqual(await pointersOf(await post("/webhooks/jobs/redeliver", { target: "x" })), ["/target"]);
  await problemOf(await post("/webhooks/jobs/redeliver", ""), 400);
  assert.deepEqual(posthorn.redelivered, []);
});

test("with Prefer: wait a live job is answered once it has ended", async () => {
  const { posthorn, ask } = testApp();
  posthorn.jobs.waitUntilEnded = async (_id, ms) => {
    assert.equal(ms, 20_000);
    posthorn.kept = [ENDED];
    return ENDED;
  };
  const answer = await ask(PATH, { headers: { prefer: "wait=20" } });
  assert.equal(jobAnswer.parse(await answer.json()).status, "succeeded");
  assert.deepEqual(
    [answer.headers.get("preference-applied"), answer.headers.get("retry-after")],
    ["wait=20", null],
  );
  const ended = await ask(PATH, { headers: { prefer: "wait=20" } });
  assert.equal(ended.headers.get("preference-applied"), null);
});

test("with Prefer: wait a job that is still live is answered as it is, and says whether it was waited for", async () => {
  const { posthorn, app, clock, ask } = testApp();
  posthorn.jobs.waitUntilEnded = async () => {
    clock.advance(20_000);
    return posthorn.jobs.get(JOB_ID);
  };
  const late = await ask(PATH, { headers: { prefer: "wait=20" } });
  assert.equal(jobAnswer.parse(await late.json()).status, "queued");
  assert.deepEqual(
    [late.headers.get("preference-applied"), late.headers.get("retry-after")],
    ["wait=20", "1"],
  );
  app.stopWaiting();
  const refused = await ask(PATH, { headers: { prefer: "wait=20" } });
  assert.deepEqual(
    [refused.headers.get("preference-applied"), refused.headers.get("retry-after")],
    [null, "1"],
  );
});
