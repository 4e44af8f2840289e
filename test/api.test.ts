import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedId, problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

test("a delivery is seen queued, running and succeeded, with its result and its attempt", async (t) => {
  const receiver = await Receiver.start(t, () => {}); // the test answers
  const { api } = await serveHere(t, { concurrency: 1 });
  const target = `${receiver.url}/hooks?tenant=7`;
  // more than a worker with one slot takes: one to run, one to be the next
  const before = await Promise.all([1, 2, 3, 4].map((n) => api.deliver({ target_url: target, payload: n })));
  await receiver.nth(0);
  const answer = await api.submit({ target_url: target, payload: { paid: true } });
  const id = acceptedId(answer);
  assert.equal(answer.headers.get("location"), `/webhooks/jobs/${id}`);

  const queued = await api.job(id);
  assert.deepEqual(
    [queued.status, queued.attempts, queued.target_url, queued.started_at, queued.result],
    ["queued", 0, target, null, null],
  );
  for (const place of before.keys()) (await receiver.nth(place)).answer(200);
  const delivery = await receiver.nth(before.length);
  assert.deepEqual([delivery.path, delivery.text], ["/hooks?tenant=7", '{"paid":true}']);
  const running = await api.job(id);
  assert.deepEqual([running.status, running.attempts, running.finished_at], ["running", 1, null]);
  delivery.answer(201, "thanks a lot");

  const ended = await api.becomes(id, "succeeded");
  assert.deepEqual([ended.attempts, ended.error, ended.run_at], [1, null, null]);
  assert.ok(ended.result && "delivered_to" in ended.result);
  assert.deepEqual([ended.result.delivered_to, ended.result.http_status], [target, 201]);
  const [attempt, ...others] = await api.attempts(id);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [attempt?.attempt, attempt?.outcome, attempt?.http_status, attempt?.error, attempt?.response],
    [1, "succeeded", 201, null, "thanks a lot"],
  );
  for (const other of before) await api.becomes(other, "succeeded");
});

test("a failed attempt is recorded, and the next one is due by the schedule", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(500, "out of order"));
  const { api } = await serveHere(t);
  const id = await api.deliver({ target_url: receiver.url, payload: 1 });
  const waiting = await api.isRetried(id);
  const [attempt] = await api.attempts(id);
  assert.deepEqual(
    [attempt?.outcome, attempt?.http_status, attempt?.response],
    ["failed", 500, "out of order"],
  );
  assert.match(String(attempt?.error), /^HTTP 500 from 127\.0\.0\.1:\d+$/);
  const endedAt = Date.parse(String(attempt?.started_at)) + Number(attempt?.duration_ms);
  const pauseMs = Date.parse(String(waiting.run_at)) - endedAt;
  assert.ok(pauseMs >= 4_000 && pauseMs <= 6_001, `5 s, spread by a fifth, and not ${pauseMs} ms`);
});

for (const status of [429, 503]) {
  test(`Retry-After from ${status} is honoured in full, in seconds and as a date`, async (t) => {
    const date = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 86_400_000);
    const asked: Record<string, string> = { "/seconds": "7200", "/date": date.toUTCString() };
    const receiver = await Receiver.start(t, (delivery) =>
      delivery.answer(status, "", { "retry-after": asked[delivery.path] ?? "" }),
    );
    const { api } = await serveHere(t);
    const inSeconds = await api.deliver({ target_url: `${receiver.url}/seconds`, payload: 1 });
    const asDate = await api.deliver({ target_url: `${receiver.url}/date`, payload: 1 });

    const runAt = Date.parse(String((await api.isRetried(inSeconds)).run_at));
    const [attempt] = await api.attempts(inSeconds);
    const endedAt = Date.parse(String(attempt?.started_at)) + Number(attempt?.duration_ms);
    assert.ok(runAt - endedAt >= 7_200_000, `only ${runAt - endedAt} ms`);
    assert.ok(Date.parse(String((await api.isRetried(asDate)).run_at)) >= date.getTime());
  });
}

test("410 fails the job without another try; redelivered by hand, it has all its attempts again", async (t) => {
  let status = 410;
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(status));
  const { api } = await serveHere(t);
  const id = await api.deliver({ target_url: receiver.url, payload: 1, max_attempts: 2 });
  const failed = await api.becomes(id, "failed");
  assert.equal(failed.attempts, 1);
  assert.match(String(failed.error), /^HTTP 410 from .*: the receiver wants no more webhooks here$/);

  status = 500;
  const redelivered = await api.post(`/webhooks/jobs/${id}/redeliver`);
  assert.equal(acceptedId(redelivered), id);
  // the second attempt in all, but the first since the redelivery
  await api.isRetried(id, 2);
  problemOf(await api.post(`/webhooks/jobs/${id}/retry`), 409);
  assert.equal(receiver.ledger.length, 2);
  assert.deepEqual(new Set(receiver.ledger.map((delivery) => delivery.id)), new Set([id]));
});

test("a job can be cancelled while it is scheduled, queued and running", async (t) => {
  const receiver = await Receiver.start(t, () => {});
  const { api, lines } = await serveHere(t, { concurrency: 1 });
  const scheduled = await api.deliver({ target_url: receiver.url, payload: 1, delay: "1h" });
  const running = await api.deliver({ target_url: receiver.url, payload: 2 });
  const delivery = await receiver.nth(0);
  // with one slot, these wait, whether held by the worker or in the queue
  const waiting = await api.deliver({ target_url: receiver.url, payload: 3 });
  const queued = await api.deliver({ target_url: receiver.url, payload: 4 });
  for (const id of [scheduled, queued, waiting, running]) {
    const answer = await api.post(`/webhooks/jobs/${id}/cancel`);
    assert.equal(answer.status, 200, answer.text);
    problemOf(await api.post(`/webhooks/jobs/${id}/cancel`), 409);
  }
  await delivery.over; // its connection was closed
  await until("the late result is dropped", () => lines.some((line) => line.includes("result dropped")));

  for (const id of [scheduled, queued, waiting]) {
    assert.deepEqual([(await api.job(id)).status, await api.attempts(id)], ["cancelled", []]);
  }
  assert.equal((await api.job(running)).status, "cancelled");
  const [attempt, ...others] = await api.attempts(running);
  assert.deepEqual([attempt?.outcome, attempt?.error, others.length], ["cancelled", "cancelled by hand", 0]);

  // the slot is free again
  const next = await api.deliver({ target_url: receiver.url, payload: 5 });
  assert.equal((await receiver.nth(1)).id, next);
  assert.equal((await api.job(next)).status, "running");
});

test("a redelivery by filter queues more than a thousand failed jobs again, and its result counts them", async (t) => {
  const count = 1_100;
  let status = 410;
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(status));
  const { api } = await serveHere(t);
  const target_url = `${receiver.url}/many`;
  const posted = await Promise.all(
    Array.from({ length: count }, (_, n) => api.deliver({ target_url, payload: n })),
  );
  const other = await api.deliver({ target_url: `${receiver.url}/other`, payload: 1 });
  await until("all have failed", async () => (await api.jobsThatAre("failed")).length === count + 1);

  status = 200;
  const asked = await api.post("/webhooks/jobs/redeliver", { target_url });
  const job = await api.becomes(acceptedId(asked), "succeeded");
  assert.deepEqual(
    [job.task, job.target_url, job.result],
    ["webhook.redeliver", null, { redelivered: count }],
  );
  await until("all are delivered", async () => {
    const delivered = (await api.jobsThatAre("succeeded")).filter(({ task }) => task === "webhook.deliver");
    return delivered.length === count;
  });
  assert.equal((await api.job(other)).status, "failed");
  const counts = receiver.counts();
  assert.deepEqual(
    posted.filter((id) => counts.get(id) !== 2),
    [],
  );
});

test("Prefer: wait answers with the job once it has ended, and otherwise as if the header were absent", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => {
    if (delivery.path === "/fast") delivery.answer(204, "");
  });
  const { api } = await serveHere(t);
  const ended = await api.submit({ target_url: `${receiver.url}/fast`, payload: 1 }, { prefer: "wait=30" });
  assert.equal(ended.status, 200, ended.text);
  assert.equal(ended.headers.get("preference-applied"), "wait=30");
  const { job_id: id, status } = JSON.parse(ended.text);
  assert.deepEqual([ended.headers.get("content-location"), status], [`/webhooks/jobs/${id}`, "succeeded"]);
  const queued = await api.submit({ target_url: `${receiver.url}/slow`, payload: 1 }, { prefer: "wait=1" });
  assert.equal((await api.job(acceptedId(queued))).status, "running");
});
