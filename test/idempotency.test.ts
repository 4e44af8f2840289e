import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedId, problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";

test("a hundred simultaneous requests with one key make one job and one delivery", async (t) => {
  const receiver = await Receiver.start(t);
  const { api } = await serveHere(t);
  const body = { target_url: receiver.url, payload: { paid: true } };
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => api.submit(body, { "idempotency-key": '"order-1"' })),
  );
  const ids = new Set(answers.map(acceptedId));
  assert.equal(ids.size, 1);
  const replayed = answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true");
  assert.equal(replayed.length, 99);
  const [id = ""] = ids;
  await api.becomes(id, "succeeded");
  assert.deepEqual(
    (await api.jobsThatAre("succeeded")).map((job) => job.job_id),
    [id],
  );
  assert.equal(receiver.ledger.length, 1);
});

test("a key used with another body is refused, and the first job stands", async (t) => {
  const receiver = await Receiver.start(t);
  const { api } = await serveHere(t);
  const key = { "idempotency-key": "order-2" };
  const id = await api.deliver({ target_url: receiver.url, payload: 1 }, key);
  const problem = problemOf(await api.submit({ target_url: receiver.url, payload: 2 }, key), 422);
  assert.equal(problem.code, "idempotency_key_reused");
  await api.becomes(id, "succeeded");
  assert.deepEqual(
    receiver.ledger.map(({ text }) => text),
    ["1"],
  );
});

test("a server that rejects duplicates answers 409 to every reuse", async (t) => {
  const receiver = await Receiver.start(t);
  const { api } = await serveHere(t, { duplicateKeys: "reject" });
  const body = { target_url: receiver.url, payload: 1 };
  const key = { "idempotency-key": "order-3" };
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.submit(body, key)));
  const [first, ...others] = answers.filter(({ status }) => status === 202);
  assert.ok(first && others.length === 0);
  for (const answer of answers.filter((each) => each !== first)) problemOf(answer, 409);
  await api.becomes(acceptedId(first), "succeeded");
  assert.equal(receiver.ledger.length, 1);
});

test("a key survives a restart", async (t) => {
  const receiver = await Receiver.start(t);
  const before = await serveHere(t);
  const body = { target_url: receiver.url, payload: 1 };
  const key = { "idempotency-key": "order-4" };
  const id = await before.api.deliver(body, key);
  await before.api.becomes(id, "succeeded");
  await before.stop();

  const { api } = await serveHere(t, { database: before.database });
  const again = await api.submit(body, key);
  assert.equal(acceptedId(again), id);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  problemOf(await api.submit({ ...body, payload: 2 }, key), 422);
  assert.equal(receiver.ledger.length, 1);
});
