import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const KEY = Buffer.from("the secret of one request alone!");
const SECRET = `whsec_${KEY.toString("base64")}`;
const BEARER = "t0p-s3cret-of-the-receiver";
const TOKEN = "t0ken-in-a-query";

test("secrets are in no answer and no log line, and the database's bytes do not hold them", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => {
    if (delivery.path.startsWith("/ok")) delivery.answer(200);
    else if (delivery.path.startsWith("/gone")) delivery.answer(410);
    else if (delivery.path.startsWith("/error")) delivery.answer(500);
    else delivery.drop();
  });
  const { api, posthorn, database, lines } = await serveHere(t);
  const options = { payload: 1, secret: SECRET, headers: { authorization: `Bearer ${BEARER}` } };
  const deliver = (path: string) =>
    api.deliver({ target_url: `${receiver.url}${path}?token=${TOKEN}`, ...options });

  const ok = await deliver("/ok");
  const gone = await deliver("/gone");
  const waiting = [await deliver("/error"), await deliver("/drop")];
  await api.becomes(ok, "succeeded");
  await api.becomes(gone, "failed");
  for (const id of waiting) await api.isRetried(id);
  await api.post(`/webhooks/jobs/${gone}/redeliver`);
  for (const id of [ok, gone, ...waiting]) await Promise.all([api.job(id), api.attempts(id)]);
  for (const id of waiting) await api.post(`/webhooks/jobs/${id}/cancel`);
  for (const path of ["/webhooks/jobs", "/openapi.json", "/readyz"]) await api.ask("GET", path);
  // the receiver did get what is to be found nowhere else
  assert.equal(receiver.ledger[0]?.headers.authorization, `Bearer ${BEARER}`);

  // mistakes around secrets
  const target_url = `${receiver.url}/ok`;
  const wrong = [
    { target_url, payload: 1, secret: `${SECRET}x`, unknown: BEARER },
    { target_url, payload: 1, secret: [SECRET] },
    { target_url, payload: 1, headers: { authorization: `Bearer ${BEARER}\r\nx: y` } },
    { target_url: `http://user:${BEARER}@example.com/`, payload: 1 },
    { target_url: `http://10.0.0.1/?token=${TOKEN}`, payload: 1 },
  ];
  for (const body of wrong) problemOf(await api.submit(body), 422);
  problemOf(await api.submit(`{"target_url":"${target_url}","secret":"${SECRET}",}`), 400);
  // a database that fails has the server log what went wrong
  const raw = openRaw(t, database);
  raw.exec("alter table idempotency_keys rename to moved");
  const broken = await api.submit({ target_url, ...options }, { "idempotency-key": "1" });
  assert.equal(broken.status, 500, broken.text);
  raw.exec("alter table moved rename to idempotency_keys");
  await until("it was logged", () => lines.some((line) => line.includes("failed unexpectedly")));

  const server = Buffer.from(posthorn.signingSecret().slice("whsec_".length), "base64");
  const keys = [KEY, server].flatMap((key) => [key, key.toString("base64"), key.toString("hex")]);
  for (const secret of [...keys, BEARER]) {
    const found = api.answers.filter((answer) => Buffer.from(answer).includes(secret));
    assert.deepEqual(found, [], "in an answer");
  }
  for (const secret of [...keys, BEARER, TOKEN]) {
    assert.deepEqual(
      lines.filter((line) => Buffer.from(line).includes(secret)),
      [],
      "in the log",
    );
  }
  const files = [database, `${database}-wal`, `${database}-shm`];
  for (const file of files.filter(existsSync)) {
    const bytes = readFileSync(file);
    for (const secret of [...keys, BEARER])
      assert.ok(!bytes.includes(secret), `${file} holds a secret as it is`);
  }
});
