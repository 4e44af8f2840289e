import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { Keys, type NewKey } from "../../access/keys.ts";
import { ManualClock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { ApiKey, KeyRing, Role } from "../../store/shelves/api-keys.ts";
import { SentBy } from "../request/incoming.ts";
import { JOB_ID, testApp } from "../test-kit/fake-posthorn.ts";
import { problemOf } from "../test-kit/problem-of.ts";

/** Keys in a map. */
function keysInMemory() {
  const kept = new Map<string, ApiKey>();
  const used: string[] = [];
  const ring: KeyRing = {
    add: async (key) => void kept.set(key.id, key),
    find: async (id) => kept.get(id),
    list: async () => [...kept.values()],
    used: async (id) => void used.push(id),
    async revoke(id, now) {
      const key = kept.get(id);
      if (key) kept.set(id, { ...key, revokedAt: key.revokedAt ?? now });
      return kept.get(id);
    },
  };
  const clock = new ManualClock();
  return { keys: new Keys(ring, clock), kept, clock, used };
}

test("a key's token authenticates it, until it is revoked", async () => {
  const { keys } = keysInMemory();
  const { key, token } = await keys.create({ name: "ci", role: "send" });
  assert.match(token, /^phk_[0-9a-z]{26}_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(await keys.authenticate(token), key);
  await keys.revoke(key.id);
  assert.equal(await keys.authenticate(token), undefined);
});

test("the secret is kept as a hash alone", async () => {
  const { keys, kept } = keysInMemory();
  const { token } = await keys.create({ name: "ci", role: "send" });
  const secret = token.slice(-43);
  assert.ok(!JSON.stringify([...kept.values()]).includes(secret));
});

test("a token that was changed, cut or belongs to another key lets nobody in", async () => {
  const { keys } = keysInMemory();
  const { token } = await keys.create({ name: "one", role: "send" });
  const { token: other } = await keys.create({ name: "two", role: "send" });
  const changed = token.slice(0, -2) + (token.at(-2) === "A" ? "B" : "A") + token.slice(-1);
  for (const wrong of [
    changed,
    token.slice(0, -1),
    `${token}A`,
    other.slice(0, 31) + token.slice(31),
    "",
    "phk_",
  ]) {
    assert.equal(await keys.authenticate(wrong), undefined);
  }
});

test("a key needs a name and a role that exists", async () => {
  const { keys } = keysInMemory();
  await assert.rejects(keys.create({ name: " ", role: "send" }), InvalidInputError);
  await assert.rejects(keys.create({ name: "x", role: "root" as Role }), InvalidInputError);
});

async function keyedApp(role: Role) {
  const { keys } = keysInMemory();
  const { key, token } = await keys.create({ name: "test", role });
  const app = testApp({ access: { mode: "keys", keys } });
  const headers = { authorization: `Bearer ${token}` };
  return { ...app, keys, key, headers };
}

test("without a key the answer is 401 everywhere but at the health checks and the page of docs", async () => {
  const { ask } = await keyedApp("admin");
  for (const path of ["/webhooks/jobs", `/webhooks/jobs/${JOB_ID}`, "/openapi.json"]) {
    const answer = await ask(path);
    assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="posthorn"');
    await problemOf(answer, 401);
  }
  for (const path of ["/healthz", "/readyz", "/docs", "/docs/page.js"])
    assert.equal((await ask(path)).status, 200);
});

test("a key that is unknown, revoked, or not a bearer token is 401, and the answer says so", async () => {
  const { ask, keys, key, headers } = await keyedApp("admin");
  assert.equal((await ask("/webhooks/jobs", { headers })).status, 200);
  await keys.revoke(key.id);
  for (const authorization of [headers.authorization, "Bearer x", "Basic YTpi", "Bearer", ""]) {
    const answer = await ask("/webhooks/jobs", { headers: { authorization } });
    assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
    await problemOf(answer, 401);
  }
});

test("roles may do what they are for", async () => {
  const body = '{"target_url":"https://example.com/","payload":1}';
  for (const [role, deliver, cancel, look, pause] of [
    ["admin", 202, 200, 200, 404],
    ["send", 202, 200, 200, 403],
    ["read", 403, 403, 200, 403],
  ] as const) {
    const { ask, post, headers } = await keyedApp(role);
    assert.equal((await post("/webhooks/deliver", body, headers)).status, deliver);
    assert.equal((await ask("/webhooks/jobs", { headers })).status, look);
    assert.equal((await post(`/webhooks/jobs/${JOB_ID}/cancel`, "{}", headers)).status, cancel);
    assert.equal((await post("/schedules/none/pause", "{}", headers)).status, pause);
  }
});

test("idempotency keys belong to the API key", async () => {
  const { post, posthorn, key, headers } = await keyedApp("send");
  await post("/webhooks/deliver", '{"target_url":"x","payload":1}', { ...headers, "idempotency-key": "k" });
  assert.equal(posthorn.delivered[0]?.idempotency?.scope, `${key.id} POST /webhooks/deliver`);
});

test("dev mode answers loopback's names on any port", async () => {
  const { app } = testApp();
  for (const host of [
    "127.0.0.1",
    "127.0.0.1:8000",
    "localhost:1",
    "[::1]:8000",
    "127.1.2.3",
    "LOCALHOST:8000",
  ]) {
    assert.equal((await app.fetch(new Request(`http://${host}/webhooks/jobs`))).status, 200);
  }
});

test("dev mode refuses a name that was made to resolve to loopback", async () => {
  const { app } = testApp();
  for (const host of [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8000",
    "192.168.0.2",
    "127.evil.example",
  ]) {
    await problemOf(await app.fetch(new Request(`http://${host}/webhooks/jobs`)), 403);
    await problemOf(await app.fetch(new Request(`http://${host}/nope`)), 403);
  }
});

test("dev mode refuses other origins, and takes its own", async () => {
  const { ask } = testApp();
  for (const origin of [
    "https://evil.example",
    "null",
    "http://127.0.0.1:9000",
    "http://localhost:8000",
    "https://127.0.0.1:8000",
  ]) {
    await problemOf(await ask("/webhooks/jobs", { headers: { origin } }), 403);
  }
  assert.equal((await ask("/webhooks/jobs", { headers: { origin: "http://127.0.0.1:8000" } })).status, 200);
});

/** A message over a connection from there. */
function messageFrom(
  remoteAddress: string | undefined,
  headers: Record<string, string> = {},
): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: remoteAddress });
  const message = new IncomingMessage(socket);
  Object.assign(message.headers, { host: "localhost:8000", ...headers });
  return message;
}

test("dev mode answers connections from this machine alone, whatever Host they name", async () => {
  const { app } = testApp();
  const ask = (message: IncomingMessage | SentBy) =>
    app.fetch(new Request("http://localhost:8000/webhooks/jobs"), message);
  for (const address of ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"])
    assert.equal((await ask(messageFrom(address))).status, 200, address);
  for (const address of [
    "192.0.2.77",
    "::ffff:192.0.2.77",
    "fe80::1",
    "2001:db8::1",
    "0.0.0.0",
    "",
    undefined,
  ]) {
    await problemOf(await ask(messageFrom(address)), 403);
    await problemOf(await ask(new SentBy(messageFrom(address))), 403);
  }
});

test("dev mode answers nothing that a proxy on this machine forwarded", async () => {
  const { app } = testApp();
  for (const name of [
    ...["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via", "x-real-ip"],
    ...["cf-connecting-ip", "true-client-ip", "x-client-ip", "x-envoy-external-address", "x-original-host"],
  ]) {
    const message = messageFrom("127.0.0.1", { [name]: "127.0.0.1" });
    await problemOf(await app.fetch(new Request("http://localhost:8000/webhooks/jobs"), message), 403);
  }
});

test("a key that has expired is refused, and says so; when it was last used is written once a minute", async () => {
  const kept = keysInMemory();
  const { keys, clock, used } = kept;
  const { token } = await keys.create({ name: "brief", role: "read", expiresAt: clock.now() + 120_000 });
  const app = testApp({ access: { mode: "keys", keys } });
  const headers = { authorization: `Bearer ${token}` };
  for (let asked = 0; asked < 3; asked++)
    assert.equal((await app.ask("/webhooks/jobs", { headers })).status, 200);
  assert.equal(used.length, 1);
  clock.advance(60_000);
  assert.equal((await app.ask("/webhooks/jobs", { headers })).status, 200);
  assert.equal(used.length, 2);
  clock.advance(60_000);
  const problem = await problemOf(await app.ask("/webhooks/jobs", { headers }), 401);
  assert.match(problem.detail, /has expired/);
  await assert.rejects(keys.create({ name: "x", role: "read", expiresAt: clock.now() }), InvalidInputError);
  const shown = { name: "x", role: "read", payloads: "some" as "full" } as const;
  await assert.rejects(keys.create(shown), InvalidInputError);
});

test("a key shows what its role shows, unless it was made otherwise", async () => {
  const { keys } = keysInMemory();
  const payloads = async (asked: NewKey) => (await keys.create(asked)).key.payloads;
  assert.equal(await payloads({ name: "a", role: "read" }), "redacted");
  assert.equal(await payloads({ name: "b", role: "send" }), "full");
  assert.equal(await payloads({ name: "c", role: "read", payloads: "full" }), "full");
});
