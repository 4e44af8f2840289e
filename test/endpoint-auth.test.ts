import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { InvalidInputError, type Posthorn } from "../src/posthorn.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { TokenServer } from "./support/token-server.ts";
import { until } from "./support/until.ts";

const RETRY = { attempts: 3, delays: [0] };
const OPTIONS = { masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"] };

function send(posthorn: Posthorn, count = 1) {
  const events = Array.from({ length: count }, (_, n) => ({ tenant: "acme", type: "a", payload: n }));
  return Promise.all(events.map((event) => posthorn.webhooks.send(event)));
}

/** The outcome of the deliveries of these events. */
async function ended(posthorn: Posthorn, status: "succeeded" | "failed", count: number) {
  const jobs = await until(`${count} deliveries ${status}`, async () => {
    const found = await posthorn.jobs.list({ status }, { limit: 200 });
    return found.length >= count && found;
  });
  const attempts = await Promise.all(jobs.map(({ id }) => posthorn.jobs.attempts(id)));
  return attempts.flat();
}

test("a bearer token, a user name with its password, and an API key are sent as the endpoint asks, and shown to nobody", async (t) => {
  const posthorn = await open(t, OPTIONS);
  const { endpoints } = posthorn.webhooks;
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(200, `you sent ${JSON.stringify(delivery.headers)}`),
  );
  const auths = {
    bearer: { kind: "bearer", token: "t0p-s3cret-bearer" },
    basic: { kind: "basic", username: "ann", password: "t0p-s3cret-word" },
    header: { kind: "header", name: "X-API-Key", value: "t0p-s3cret-key" },
  } as const;
  for (const [uid, auth] of Object.entries(auths))
    await endpoints.create("acme", { uid, url: `${receiver.url}/${uid}`, auth, headers: { "x-own": "1" } });
  await posthorn.webhooks.send({
    ...{ tenant: "acme", type: "a", payload: 1 },
    headers: { "X-Api-Key": "of the event", Authorization: "of the event" },
  });
  const deliveries = await receiver.received(3);
  const came = Object.fromEntries(
    deliveries.map(({ path, headers }) => [path, [headers.authorization, headers["x-api-key"]]]),
  );
  assert.deepEqual(came, {
    "/bearer": ["Bearer t0p-s3cret-bearer", "of the event"],
    "/basic": ["Basic YW5uOnQwcC1zM2NyZXQtd29yZA==", "of the event"],
    "/header": ["of the event", "t0p-s3cret-key"],
  });
  assert.match(
    (await endpoints.test("acme", "bearer")).excerpt ?? "",
    /Bearer \[header value\]|\[header value\]/,
  );

  const told = [await ended(posthorn, "succeeded", 3)] as unknown[];
  for (const uid of Object.keys(auths)) {
    told.push(await endpoints.patch("acme", uid, { auth: { kind: "bearer", token: "another-t0p-s3cret" } }));
    told.push(await endpoints.history("acme", uid));
  }
  const [, , ofBasic] = [told[1], told[2], await endpoints.history("acme", "basic")];
  assert.deepEqual(ofBasic[0]?.change.auth, [{ kind: "basic", username: "ann" }, { kind: "bearer" }]);
  assert.doesNotMatch(JSON.stringify(told), /s3cret|YW5uOnQwcC1zM2NyZXQtd29yZA/);
});

test("a change without credentials keeps them, and null clears them", async (t) => {
  const posthorn = await open(t, OPTIONS);
  const { endpoints } = posthorn.webhooks;
  const receiver = await Receiver.start(t);
  await endpoints.create("acme", { uid: "a", url: receiver.url, auth: { kind: "bearer", token: "first" } });
  await endpoints.patch("acme", "a", { description: "kept" });
  await send(posthorn);
  assert.equal((await receiver.nth(0)).headers.authorization, "Bearer first");
  await assert.rejects(
    endpoints.patch("acme", "a", { headers: { Authorization: "x" } }),
    (error) => error instanceof InvalidInputError && /sends authorization/.test(error.message),
  );
  assert.equal((await endpoints.patch("acme", "a", { auth: null })).auth, null);
  await send(posthorn);
  assert.equal((await receiver.nth(1)).headers.authorization, undefined);
});

/** How many each of three workers has under way at a time: half of its slots. */
const AT_ONCE = 4;

/** Deliveries of three workers to an endpoint that lets only the last token in. */
async function sharesTokens(t: TestContext, database: string): Promise<void> {
  const workers = [];
  for (let n = 0; n < 3; n++) workers.push(await open(t, { ...OPTIONS, database, concurrency: 2 * AT_ONCE }));
  const [posthorn] = workers;
  assert.ok(posthorn);
  const { endpoints } = posthorn.webhooks;
  const tokens = await TokenServer.start(t);
  let held: Delivery[] | undefined = [];
  let isGood = (token: string) => token === tokens.token;
  const answer = (delivery: Delivery) =>
    delivery.answer(isGood(String(delivery.headers.authorization?.replace("Bearer ", ""))) ? 200 : 401);
  const receiver = await Receiver.start(t, (delivery) => {
    if (!held) return answer(delivery);
    held.push(delivery);
    if (held.length < 3 * AT_ONCE) return;
    // now all of the workers have the token, or see immediately that it is refused
    for (const each of held) answer(each);
    held = undefined;
  });
  const auth = { kind: "oauth2", tokenUrl: tokens.url, clientId: "c", clientSecret: "s3cret" } as const;
  const options = { uid: "main", url: receiver.url, timeout: "5m", retry: RETRY } as const;
  await endpoints.create("acme", { ...options, auth });
  await send(posthorn, 30);
  const first = await ended(posthorn, "succeeded", 30);
  assert.equal(tokens.asked.length, 1, "one of three workers has asked");
  assert.deepEqual(new Set(first.map(({ code }) => code)), new Set([200]));

  isGood = (token) => token === "t0ken-number-2.of.the.server"; // the first is revoked
  held = [];
  await send(posthorn, 30);
  const second = await ended(posthorn, "succeeded", 60);
  assert.equal(tokens.asked.length, 2, "one of three workers has asked again");
  assert.deepEqual(new Set(second.map(({ code }) => code)), new Set([200]));
  assert.ok(
    receiver.ledger.length >= 60 + 3 * AT_ONCE,
    "what was refused was sent again in the same attempt",
  );

  isGood = () => false;
  await endpoints.patch("acme", "main", { retry: { attempts: 1 } });
  await send(posthorn, 6);
  const refused = await ended(posthorn, "failed", 6);
  assert.equal(
    tokens.asked.length,
    2,
    "when the next one is refused as well, nobody asks again for a minute",
  );
  assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set([401]));
}

describe("an access token is asked for once by three workers, and once more after it was refused", () => {
  test("on SQLite", (t) => sharesTokens(t, scratchDatabase()));
  test("on PostgreSQL", async (t) => {
    const server = await startTestServer();
    t.after(() => server.stop());
    await sharesTokens(t, await server.newDatabase());
  });
});

test("a token is replaced before it expires, while the old one is still sent", async (t) => {
  const posthorn = await open(t, OPTIONS);
  const tokens = await TokenServer.start(t, 50); // replaced within its last ten seconds
  const receiver = await Receiver.start(t);
  const { endpoints } = posthorn.webhooks;
  const auth = { kind: "oauth2", tokenUrl: tokens.url, clientId: "c", clientSecret: "s" } as const;
  await endpoints.create("acme", { url: receiver.url, auth });
  await send(posthorn);
  await receiver.received(1);
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 42_000);
  await send(posthorn);
  assert.equal((await receiver.nth(1)).headers.authorization, "Bearer t0ken-number-1.of.the.server");
  await until("it was asked for another", () => tokens.asked.length === 2);
  await until("the new one is sent", async () => {
    await send(posthorn);
    return receiver.ledger.at(-1)?.headers.authorization === "Bearer t0ken-number-2.of.the.server";
  });
  assert.equal(tokens.asked.length, 2);
});

test("without a token an attempt fails and says why, and the authorization server is asked once for many", async (t) => {
  const posthorn = await open(t, OPTIONS);
  const tokens = await TokenServer.start(t);
  tokens.refusesWith = {
    status: 401,
    body: { error: "invalid_client", error_description: "s3cret is wrong" },
  };
  const receiver = await Receiver.start(t);
  const { endpoints } = posthorn.webhooks;
  const auth = { kind: "oauth2", tokenUrl: tokens.url, clientId: "c", clientSecret: "s3cret" } as const;
  await endpoints.create("acme", { uid: "a", url: receiver.url, auth, retry: { attempts: 1 } });
  await send(posthorn, 8);
  const attempts = await ended(posthorn, "failed", 8);
  const host = new URL(tokens.url).host;
  assert.deepEqual(
    new Set(attempts.map(({ class: kind, error }) => `${kind}: ${error}`)),
    new Set([`auth: no access token from ${host}: it answered HTTP 401 (invalid_client)`]),
  );
  assert.equal(tokens.asked.length, 1);
  assert.deepEqual(receiver.ledger, []);
});

test("a token URL is guarded as a target is", async (t) => {
  const posthorn = await open(t, OPTIONS);
  const create = (tokenUrl: string) =>
    posthorn.webhooks.endpoints.create("acme", {
      url: "https://example.com/hooks",
      auth: { kind: "oauth2", tokenUrl, clientId: "c", clientSecret: "s" },
    });
  await assert.rejects(
    create("http://169.254.169.254/token"),
    (error) =>
      error instanceof InvalidInputError &&
      error.problems[0]?.path.join(".") === "auth.tokenUrl" &&
      /is not a public address/.test(error.message),
  );
});

test("a receiver that asks for a client's certificate gets the endpoint's, and nobody else's", async (t) => {
  const read = (name: string) =>
    readFileSync(new URL(`../src/store/postgres/test-kit/certificates/${name}`, import.meta.url), "utf8");
  const [ca, certificate, key, unknown] = [
    read("authority.pem"),
    read("localhost.pem"),
    read("server.key"),
    read("self-signed.pem"),
  ];
  const shown: string[] = [];
  const credentials = new Set<string>();
  const server = createServer({ cert: certificate, key, ca, requestCert: true }, (request, response) => {
    request.resume();
    const { socket } = request as unknown as { socket: import("node:tls").TLSSocket }; // it is served over TLS
    shown.push(`${request.url} ${socket.authorized ? socket.getPeerCertificate().subject.CN : "nobody"}`);
    if (request.headers.authorization) credentials.add(request.headers.authorization);
    response.writeHead(socket.authorized ? 200 : 403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`; // it listens on TCP
  const posthorn = await open(t, { ...OPTIONS, allowTargets: ["localhost"] });
  const { endpoints } = posthorn.webhooks;
  const mtls = (own: string) => ({ kind: "mtls", certificate: own, key, ca }) as const;
  const retry = { attempts: 1 };
  const { endpoint } = await endpoints.create("acme", {
    ...{ url: `${url}/a`, auth: mtls(certificate), retry },
    headers: { authorization: "Bearer besides" }, // what an endpoint asks for besides a certificate is a header of its own
  });
  await endpoints.create("acme", { url: `${url}/b`, auth: mtls(unknown), retry });
  await endpoints.create("acme", { url: `${url}/c`, retry });
  await send(posthorn, 2);
  await ended(posthorn, "succeeded", 2);
  const failures = await ended(posthorn, "failed", 4);
  assert.deepEqual(new Set(shown), new Set(["/a localhost"]));
  assert.deepEqual(credentials, new Set(["Bearer besides"]));
  const both = { ...mtls(certificate), token: "s3cret" };
  await assert.rejects(
    endpoints.create("acme", { url, auth: both }),
    (error) =>
      error instanceof InvalidInputError &&
      error.problems.some(({ path }) => path.join(".") === "auth.token"),
  );
  for (const { class: kind } of failures)
    assert.ok(
      kind === "tls" || kind === "broken",
      `${kind}: it is seen in the handshake, or when it was over`,
    );
  assert.ok(endpoint.auth?.kind === "mtls");
  assert.deepEqual([endpoint.auth.subject, endpoint.auth.hasCa], ["CN=localhost", true]);
  assert.ok(!JSON.stringify(endpoint).includes("BEGIN"));
});
