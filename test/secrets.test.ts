import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw } from "./support/scratch.ts";
import { TokenServer } from "./support/token-server.ts";
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
  // the receiver did get what must be found nowhere else
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
  refuseToFind([...keys, BEARER], api.answers, "an answer");
  refuseToFind([...keys, BEARER, TOKEN], lines, "the log");
  refuseToFindIn(database, [...keys, BEARER]);
});

test("credentials of endpoints, and the tokens that they get, are in no answer, log line or export either", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/ok" ? 200 : 500, JSON.stringify(delivery.headers)),
  );
  const tokens = await TokenServer.start(t);
  const { api, database, lines } = await serveHere(t);
  const file = (name: string) =>
    readFileSync(new URL(`../src/store/postgres/test-kit/certificates/${name}`, import.meta.url), "utf8");
  const [password, client, parameter] = ["pass-w0rd-of-basic", "client-s3cret", "p4rameter-of-oauth"];
  const key = file("server.key");
  const auths = [
    { kind: "bearer", token: BEARER },
    { kind: "basic", username: "ann", password },
    { kind: "header", name: "x-api-key", value: BEARER },
    {
      ...{ kind: "oauth2", token_url: tokens.url, client_id: "c", client_secret: client },
      parameters: { extra: parameter },
    },
    { kind: "mtls", certificate: file("localhost.pem"), key },
  ];
  const made: string[] = [];
  for (const [at, auth] of auths.entries()) {
    for (const path of ["/ok", "/error"]) {
      const body = { url: `${receiver.url}${path}`, auth, retry: { attempts: 2, delays: ["10ms"] } };
      const { endpoint_id } = JSON.parse((await api.post("/tenants/acme/endpoints", body)).text);
      made.push(endpoint_id);
      if (at > 0) continue;
      const wrong = { ...body, auth: { ...auth, token: `${BEARER}\n`, unknown: 1 } };
      problemOf(await api.post("/tenants/acme/endpoints", wrong), 422);
    }
  }
  await api.post("/webhooks/events", { tenant: "acme", type: "a", payload: 1 });
  await until("all have ended", async () => {
    const ended = await Promise.all([api.jobsThatAre("succeeded"), api.jobsThatAre("failed")]);
    return ended.flat().length === made.length && ended.flat();
  }).then((jobs) => Promise.all(jobs.map((job) => api.attempts(job.job_id))));
  for (const id of made) {
    const path = `/tenants/acme/endpoints/${id}`;
    await api.post(`${path}/test`, {});
    for (const each of [path, `${path}/history`]) await api.ask("GET", each);
  }
  assert.equal(tokens.asked[0]?.form.get("extra"), parameter);
  assert.ok(receiver.ledger.some(({ headers }) => headers.authorization === `Bearer ${tokens.token}`));

  const exported = await ran(["export", "--database", database, "--out", "-", "--live"]);
  assert.match(exported.stdout, /oauth2/);
  const pem = key.split("\n")[1] ?? "";
  const pair = Buffer.from(`ann:${password}`).toString("base64");
  const secrets = [BEARER, password, pair, client, parameter, pem, "t0ken-number"];
  refuseToFind(secrets, api.answers, "an answer");
  refuseToFind(secrets, lines, "the log");
  refuseToFind(secrets, [exported.stdout, exported.stderr], "the export");
  refuseToFindIn(database, secrets);
});

function refuseToFind(secrets: readonly (string | Buffer)[], texts: readonly string[], where: string): void {
  for (const secret of secrets) {
    const found = texts.filter((text) => Buffer.from(text).includes(secret));
    assert.deepEqual(found, [], `in ${where}`);
  }
}

function refuseToFindIn(database: string, secrets: readonly (string | Buffer)[]): void {
  for (const file of [database, `${database}-wal`, `${database}-shm`].filter(existsSync)) {
    const bytes = readFileSync(file);
    for (const secret of secrets) assert.ok(!bytes.includes(secret), `${file} holds a secret as it is`);
  }
}
