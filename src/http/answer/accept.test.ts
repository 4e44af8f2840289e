import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { DuplicateKeyError, KeyReusedError, StoreUnavailableError } from "../../core/errors.ts";
import { jobAnswer } from "../schemas/job.ts";
import { ENDED, JOB_ID, jobOf, testApp, unending } from "../test-kit/fake-posthorn.ts";
import { problemOf } from "../test-kit/problem-of.ts";

const PATH = "/webhooks/deliver";
const BODY = '{"target_url":"https://example.com/hooks","payload":1}';

test("an idempotency key is passed on with its caller, route and the body's hash", async () => {
  for (const [path, body] of [
    [PATH, BODY],
    ["/webhooks/jobs/redeliver", "{}"],
    ["/webhooks/jobs/retry", "{}"],
  ] as const) {
    const { posthorn, post } = testApp();
    await post(path, body, { "idempotency-key": '"k 1"' });
    const [asked] = [...posthorn.delivered, ...posthorn.redelivered];
    assert.deepEqual(asked?.idempotency, {
      scope: `dev POST ${path}`,
      key: "k 1",
      fingerprint: createHash("sha256").update(`POST ${path}\n${body}`).digest("hex"),
    });
  }
});

test("a quoted key and the same one bare are one key", async () => {
  const { posthorn, post } = testApp();
  await post(PATH, BODY, { "idempotency-key": '"k1"' });
  await post(PATH, BODY, { "idempotency-key": "k1" });
  const [first, second] = posthorn.delivered.map(({ idempotency }) => idempotency);
  assert.deepEqual(first, second);
});

test("a replay is the first answer again, and says so", async () => {
  const { posthorn, post } = testApp();
  const headers = { "idempotency-key": "k1" };
  const first = await post(PATH, BODY, headers);
  assert.equal(first.headers.get("idempotent-replayed"), null);
  posthorn.accepted = { jobId: JOB_ID, replayed: true, existing: false };
  const again = await post(PATH, BODY, headers);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.equal(again.status, first.status);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assert.equal(await again.text(), await first.text());
});

test("a key of another request is 422, and a rejected duplicate 409", async () => {
  const { posthorn, post } = testApp();
  for (const [thrown, status] of [
    [new KeyReusedError(), 422],
    [new DuplicateKeyError(), 409],
  ] as const) {
    posthorn.webhooks.deliver = async () => {
      throw thrown;
    };
    const { code } = await problemOf(await post(PATH, BODY, { "idempotency-key": "k1" }), status);
    assert.equal(code, thrown.code);
  }
});

test("an invalid key is a bad request, whatever else is right", async () => {
  const { posthorn, post } = testApp();
  for (const key of ["", '""', '"open', '"a" "b"', '"a", "b"', "a, b", '"\\n"', "k".repeat(256), "käse"]) {
    const { errors } = await problemOf(await post(PATH, BODY, { "idempotency-key": key }), 400);
    assert.equal(errors?.length, 1);
  }
  assert.deepEqual(posthorn.delivered, []);
});

test("Prefer: wait answers with the job once it has ended", async () => {
  const { posthorn, post } = testApp();
  const waited: number[] = [];
  posthorn.jobs.waitUntilEnded = async (_id, ms) => {
    waited.push(ms);
    return ENDED;
  };
  const answer = await post(PATH, BODY, { prefer: "wait=5" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("preference-applied"), "wait=5");
  assert.equal(answer.headers.get("content-location"), `/webhooks/jobs/${JOB_ID}`);
  assert.equal(jobAnswer.parse(await answer.json()).status, "succeeded");
  assert.deepEqual(waited, [5_000]);
});

test("Prefer: wait that is not met answers 202 as without it", async () => {
  const { posthorn, post } = testApp();
  posthorn.jobs.waitUntilEnded = async () => jobOf({ status: "running" });
  const answer = await post(PATH, BODY, { prefer: "respond-async, wait=1" });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("preference-applied"), "respond-async, wait=1");
  assert.deepEqual(await answer.json(), { job_id: JOB_ID, status: "queued" });
});

test("a wait is at most a minute, and the answer says how long it is", async () => {
  const { posthorn, post } = testApp();
  const waited: number[] = [];
  posthorn.jobs.waitUntilEnded = async (_id, ms) => {
    waited.push(ms);
    return ENDED;
  };
  assert.equal(
    (await post(PATH, BODY, { prefer: "wait=86400" })).headers.get("preference-applied"),
    "wait=60",
  );
  assert.deepEqual(waited, [60_000]);
});

test("the answer names a job that was accepted, even when waiting for it fails", async () => {
  const { posthorn, post } = testApp();
  posthorn.jobs.waitUntilEnded = async () => {
    throw new StoreUnavailableError("gone");
  };
  assert.equal((await post(PATH, BODY, { prefer: "wait=5" })).status, 202);
});

test("Prefer: return=minimal leaves the body out of a 202, but not the job out of a 200", async () => {
  const { posthorn, post } = testApp();
  const queued = await post(PATH, BODY, { prefer: "return=minimal" });
  assert.equal(queued.status, 202);
  assert.equal(queued.headers.get("location"), `/webhooks/jobs/${JOB_ID}`);
  assert.equal(queued.headers.get("preference-applied"), "return=minimal");
  assert.equal(await queued.text(), "");
  posthorn.kept = [ENDED];
  const ended = await post(PATH, BODY, { prefer: "return=minimal, wait=5" });
  assert.equal(ended.headers.get("preference-applied"), "wait=5");
  assert.equal(jobAnswer.parse(await ended.json()).job_id, JOB_ID);
});

test("preferences that are unknown, or make no sense, are ignored", async () => {
  const { post } = testApp();
  for (const prefer of [
    "handling=lenient",
    "wait=soon",
    "wait=-1",
    "wait",
    "return=representation",
    ",,;=",
    '"wait=5"',
  ]) {
    const answer = await post(PATH, BODY, { prefer });
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get("preference-applied"), null);
  }
});

test("a wait ends when its caller goes away", async () => {
  const { posthorn, app } = testApp();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  posthorn.jobs.waitUntilEnded = (_id, _ms, signal) => {
    begin();
    return unending(signal);
  };
  const caller = new AbortController();
  const answer = app.fetch(
    new Request(`http://127.0.0.1${PATH}`, {
      method: "POST",
      body: BODY,
      headers: { "content-type": "application/json", prefer: "wait=60" },
      signal: caller.signal,
    }),
  );
  await begun;
  caller.abort();
  assert.equal((await answer).status, 202);
});

test("every wait ends when the server stops, and later ones at once", async () => {
  const { posthorn, app, post } = testApp();
  let waiting = 0;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  posthorn.jobs.waitUntilEnded = (_id, _ms, signal) => {
    if (++waiting === 2) begin();
    return unending(signal);
  };
  const answers = [post(PATH, BODY, { prefer: "wait=60" }), post(PATH, BODY, { prefer: "wait=60" })];
  await begun;
  app.stopWaiting();
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 202);
  assert.equal((await post(PATH, BODY, { prefer: "wait=60" })).status, 202);
  assert.equal(waiting, 2);
});
