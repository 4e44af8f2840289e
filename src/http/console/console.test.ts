import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Keys } from "../../access/keys.ts";
import { ManualClock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { BOX } from "../../secrets/box-of.ts";
import { SecretBox } from "../../secrets/secret-box.ts";
import type { ApiKey, Role } from "../../store/shelves/api-keys.ts";
import { type App, createApp } from "../app.ts";
import type { AppOptions } from "../app-options.ts";
import { FakePosthorn, JOB_ID, NOW, testApp } from "../test-kit/fake-posthorn.ts";
import { problemOf } from "../test-kit/problem-of.ts";
import type { ConsoleSession } from "./sign-in.ts";

const HOUR = 3_600_000;
const OWN = { "content-type": "application/json", "sec-fetch-site": "same-origin" };

/** A server with keys, and a way to ask it. */
function keyed(options: Partial<AppOptions> = {}) {
  const kept = new Map<string, ApiKey>();
  const clock = new ManualClock(NOW);
  const keys = new Keys(
    {
      add: async (key) => void kept.set(key.id, key),
      find: async (id) => kept.get(id),
      list: async () => [...kept.values()],
      used: async () => {},
      async revoke(id, now) {
        const key = kept.get(id);
        if (key) kept.set(id, { ...key, revokedAt: now });
        return kept.get(id);
      },
    },
    clock,
  );
  const box = SecretBox.open(Buffer.alloc(32, 7).toString("base64"));
  const posthorn = Object.assign(new FakePosthorn(), { [BOX]: box });
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock, ...options });
  const ask = (path: string, init?: RequestInit, origin = "http://posthorn.example") =>
    Promise.resolve(app.fetch(new Request(origin + path, init)));
  return { app, ask, keys, clock };
}

type Asked = ReturnType<typeof keyed>["ask"];

async function signedIn(ask: Asked, token: string, origin?: string) {
  const init = { method: "POST", headers: OWN, body: JSON.stringify({ key: token }) };
  const answer = await ask("/console/session", init, origin);
  const cookie = answer.headers.get("set-cookie") ?? "";
  return { answer, cookie, sent: { cookie: cookie.split(";", 1)[0] ?? "" } };
}

const sessionOf = async (answer: Response | Promise<Response>) =>
  (await (await answer).json()) as ConsoleSession; // as the route declares it

describe("signing in to the console", () => {
  test("a key that was pasted once is a session of twelve hours, in a cookie that no script reads and no other site sends", async () => {
    const { ask, keys, clock } = keyed();
    const { token, key } = await keys.create({ name: "ana", role: "send" });
    const { answer, cookie, sent } = await signedIn(ask, token);
    assert.equal((await sessionOf(answer)).name, "ana");
    assert.match(cookie, /^posthorn-console=v1\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    assert.ok(!cookie.includes(token) && !cookie.includes(key.id), "the cookie is sealed");
    assert.equal((await ask("/webhooks/jobs", { headers: sent })).status, 200);
    clock.advance(12 * HOUR);
    await problemOf(await ask("/webhooks/jobs", { headers: sent }), 401);
  });

  test("over HTTPS, of this server or of the proxy before it, the cookie is bound to the host", async () => {
    const { ask, keys } = keyed();
    const { token } = await keys.create({ name: "ana", role: "read" });
    const { cookie, sent } = await signedIn(ask, token, "https://posthorn.example");
    assert.match(cookie, /^__Host-posthorn-console=.*; Path=\/; Secure; HttpOnly; SameSite=Strict;/);
    const proxied = { headers: { ...sent, "x-forwarded-proto": "https" } };
    assert.equal((await ask("/webhooks/jobs", proxied)).status, 200);
    await problemOf(await ask("/webhooks/jobs", { headers: sent }), 401);
  });

  test("a revoked key is out at once; so is who signs out", async () => {
    const { ask, keys } = keyed();
    const { token, key } = await keys.create({ name: "ana", role: "read" });
    const { sent } = await signedIn(ask, token);
    const out = await ask("/console/session", { method: "DELETE", headers: { ...sent, ...OWN } });
    assert.match(out.headers.get("set-cookie") ?? "", /^posthorn-console=; .*Max-Age=0$/);
    await keys.revoke(key.id);
    await problemOf(await ask("/webhooks/jobs", { headers: sent }), 401);
    assert.equal((await sessionOf(ask("/console/session", { headers: sent }))).signed_in, false);
  });

  test("a wrong key is refused, and a changed cookie lets nobody in", async () => {
    const { ask, keys } = keyed();
    const { token } = await keys.create({ name: "ana", role: "admin" });
    await problemOf((await signedIn(ask, `${token}A`)).answer, 401);
    const { sent } = await signedIn(ask, token);
    // not the last letter, of which a part means nothing
    const changed = sent.cookie.replace(/.(?=.$)/, (letter) => (letter === "A" ? "B" : "A"));
    for (const cookie of [changed, "posthorn-console=v1.x", "posthorn-console="])
      await problemOf(await ask("/webhooks/jobs", { headers: { cookie } }), 401);
  });

  test("a change needs to come from the console's own pages, and the role for it", async () => {
    const { ask, keys } = keyed();
    const { token } = await keys.create({ name: "ana", role: "send" });
    const { sent } = await signedIn(ask, token);
    const cancel = (headers: Record<string, string>) =>
      ask(`/webhooks/jobs/${JOB_ID}/cancel`, { method: "POST", headers: { ...sent, ...headers } });
    await problemOf(await cancel({}), 403);
    await problemOf(await cancel({ "sec-fetch-site": "cross-site" }), 403);
    await problemOf(await cancel({ "sec-fetch-site": "same-site" }), 403);
    assert.equal((await cancel({ "posthorn-console": "1" })).status, 200);
    const pause = { method: "POST", headers: { ...sent, ...OWN } };
    await problemOf(await ask("/schedules/nightly/pause", pause), 403);
    const foreign = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"key":"${token}"}`,
    };
    await problemOf(await ask("/console/session", foreign), 403);
  });

  test("the application around it says who may come in, and with which role", async () => {
    const authorize = (request: Request): { name: string; role: Role } | undefined =>
      request.headers.get("cookie") === "app=ana" ? { name: "ana", role: "read" } : undefined;
    const { ask } = keyed({ console: { authorize } });
    const headers = { cookie: "app=ana" };
    const { name, role, by_key } = await sessionOf(ask("/console/session", { headers }));
    assert.deepEqual({ name, role, by_key }, { name: "ana", role: "read", by_key: false });
    assert.equal((await ask("/webhooks/jobs", { headers })).status, 200);
    await problemOf(await ask("/webhooks/jobs"), 401);
    const cancel = { method: "POST", headers: { ...headers, ...OWN } };
    await problemOf(await ask(`/webhooks/jobs/${JOB_ID}/cancel`, cancel), 403);
  });
});

describe("the console's files", () => {
  test("every address of the console is one page, which loads from this server alone and turns no text into a script", async () => {
    const { ask } = testApp();
    for (const path of ["/console", "/console/jobs", `/console/jobs/${JOB_ID}`, "/console/endpoints/a/b"]) {
      const answer = await ask(path);
      assert.equal(answer.status, 200);
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; .*require-trusted-types-for 'script'$/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    }
  });

  test("what the page refers to is there, below the path that the API is mounted at, kept forever", async () => {
    const { app } = testApp({ basePath: "/background" });
    const ask = async (path: string) => app.fetch(new Request(`http://127.0.0.1:8000${path}`));
    const html = await (await ask("/background/console")).text();
    const paths = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = ""]) => path);
    assert.equal(paths.length, 2);
    for (const path of paths) {
      assert.match(path, /^\/background\/console\/assets\//);
      const answer = await ask(path);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
    }
  });

  test("no other file is served", async () => {
    const { ask } = testApp();
    for (const file of ["nope.js", "..%2fbundle.ts", "%2e%2e%2froutes.ts", "__proto__"])
      await problemOf(await ask(`/console/assets/${file}`), 404);
  });

  test("it can be left out", async () => {
    const { ask } = keyed({ console: false });
    for (const path of ["/console", "/console/session", "/console/assets/a.js"])
      await problemOf(await ask(path), 404);
  });
});

describe("the dev server's inbox", () => {
  const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  const putFault = (app: App, fault: string) =>
    app.fetch(
      new Request("http://127.0.0.1:8000/dev/inbox/a", {
        method: "PUT",
        body: JSON.stringify({ fault }),
        headers: { "content-type": "application/json" },
      }),
    );

  test("it keeps what comes, and fails as it is asked to", async () => {
    const { app, post, ask } = testApp({ inboxSecret: secret });
    const answers: number[] = [];
    for (const fault of ["none", "fail_twice", "fail", "slow_down", "gone"]) {
      await putFault(app, fault);
      for (let n = 0; n < 3; n++)
        answers.push((await post("/dev/inbox/a", { n }, { "webhook-id": "m" })).status);
    }
    assert.deepEqual(answers, [200, 200, 200, 500, 500, 200, 500, 500, 500, 429, 429, 429, 410, 410, 410]);
    const { messages } = (await (await ask("/dev/inbox/a")).json()) as { messages: { body: string }[] };
    assert.equal(messages.length, 15);
    assert.equal(messages[0]?.body, '{"n":2}');
  });

  test("it says that an event is signed with a secret that it does not have", async () => {
    const { post, ask } = testApp({ inboxSecret: secret });
    for (const id of ["m", newId("msg")]) await post("/dev/inbox/a", {}, { "webhook-id": id });
    const { messages } = (await (await ask("/dev/inbox/a")).json()) as { messages: { signature: string }[] };
    assert.match(messages[0]?.signature ?? "", /its endpoint's own secret/);
    assert.doesNotMatch(messages[1]?.signature ?? "", /its endpoint's own secret/);
  });

  test("there is no inbox with keys, or where nobody asked for it", async () => {
    await problemOf(await testApp().ask("/dev/inbox/a"), 404);
    await problemOf(await keyed({ inboxSecret: secret }).ask("/dev/inbox/a"), 404);
  });
});
