import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { type App, createApp } from "../src/http/app.ts";
import { openPosthorn, type Posthorn, silentLog, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";

const SECRET = "what-only-they-should-read";
const SENT = { password: SECRET, n: 1 };
const OWN = { "content-type": "application/json", "sec-fetch-site": "same-origin" };

describe("to reveal what is hidden", () => {
  let posthorn: Posthorn;
  let app: App;
  let keys: Keys;
  let paths: readonly string[];
  let tenant: string;

  before(async () => {
    posthorn = await openPosthorn({
      ...{ database: ":memory:", worker: false, log: silentLog, allowTargets: ["127.0.0.1"] },
      masterKey: Buffer.alloc(32, 7).toString("base64"),
      tasks: [task("greet", { run: async () => {} })],
    });
    keys = new Keys(storeOf(posthorn).keys, systemClock);
    app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    ({ id: tenant } = await posthorn.webhooks.tenants.create({ uid: "acme" }));
    const { eventId } = await posthorn.webhooks.send({ tenant, type: "a", payload: SENT, eventId: "one" });
    const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "http://127.0.0.1:9/", payload: SENT });
    paths = [
      `/webhooks/events/${eventId}`,
      "/tenants/acme/events/one",
      `/webhooks/jobs/${jobId}/input`,
      `/jobs/${jobId}/input`,
    ];
  });

  after(() => posthorn.close());

  const askedAs = (headers: Readonly<Record<string, string>>) => (path: string) =>
    Promise.resolve(app.fetch(new Request(`http://127.0.0.1:8000${path}`, { headers })));

  async function holder(rights: NewKey, more = {}) {
    const { token } = await keys.create(rights);
    return askedAs({ authorization: `Bearer ${token}`, ...more });
  }

  async function visitor(rights: NewKey) {
    const { token } = await keys.create(rights);
    const init = { method: "POST", headers: OWN, body: JSON.stringify({ key: token }) };
    const answer = await app.fetch(new Request("http://127.0.0.1:8000/console/session", init));
    return askedAs({ cookie: answer.headers.get("set-cookie")?.split(";", 1)[0] ?? "" });
  }

  async function entries() {
    const { data } = await posthorn.audit.list({ limit: 100 });
    return data
      .filter(({ action }) => action.endsWith(".reveal"))
      .map(({ actor, via, action, target, tenantId, note }) => [actor, via, action, target, tenantId, note]);
  }

  test("somebody signed in to the console sees it after saying why, which is in the audit before it is shown", async () => {
    const ask = await visitor({ name: "ana", role: "admin" });
    for (const path of paths) {
      const hidden = await ask(path);
      assert.equal(hidden.headers.get("posthorn-payloads"), "redacted");
      assert.ok(!(await hidden.text()).includes(SECRET), path);
      const before = await entries();
      const whole = await ask(`${path}?reveal=${encodeURIComponent("ticket 4711")}`);
      assert.equal(whole.headers.get("posthorn-payloads"), null);
      assert.ok((await whole.text()).includes(SECRET), path);
      const [entry, ...rest] = await entries();
      assert.deepEqual(rest, before);
      const id = /(?:job|msg)_\w+/.exec(path)?.[0] ?? /msg_\w+/.exec(paths[0] ?? "")?.[0];
      const [action, owner] = id?.startsWith("msg") ? ["event.reveal", tenant] : ["job.reveal", null];
      assert.deepEqual(entry, ["ana", "console", action, id, owner, "ticket 4711"]);
    }
  });

  test("with a key it is shown to who asked for less, and has full payloads; nobody else, and never without a reason", async () => {
    const full = await holder(
      { name: "full", role: "read", payloads: "full" },
      { "posthorn-payloads": "redacted" },
    );
    const before = await entries();
    for (const path of paths) {
      assert.ok(!(await (await full(path)).text()).includes(SECRET));
      assert.ok((await (await full(`${path}?reveal=asked`)).text()).includes(SECRET));
      for (const none of ["", "%20%20"]) assert.equal((await full(`${path}?reveal=${none}`)).status, 422);
      for (const payloads of ["redacted", "none"] as const) {
        for (const ask of [
          await holder({ name: payloads, role: "admin", payloads }),
          await visitor({ name: payloads, role: "admin", payloads }),
        ]) {
          const refused = await ask(`${path}?reveal=curious`);
          assert.equal(refused.status, 403);
          assert.ok(!(await refused.text()).includes(SECRET));
        }
      }
    }
    assert.equal((await entries()).length, before.length + paths.length);
  });

  test("what shows no payload takes no reason, and a job or event of another tenant is not there, whatever the reason", async () => {
    const ask = await holder({ name: "all", role: "admin" });
    for (const path of ["/jobs", "/webhooks/jobs", "/webhooks/events", "/bulk"])
      assert.equal((await ask(`${path}?reveal=asked`)).status, 422, path);
    const { id: other } = await posthorn.webhooks.tenants.create({ uid: "other" });
    const theirs = await holder({ name: "theirs", role: "manage", tenant: other });
    const before = await entries();
    for (const path of paths) assert.equal((await theirs(`${path}?reveal=asked`)).status, 404, path);
    assert.deepEqual(await entries(), before);
  });

  test("a program says the same of what it shows to its own people, and has to say why", async () => {
    const [id] = /msg_\w+/.exec(paths[0] ?? "") ?? assert.fail();
    const shown = { kind: "event", id, tenantId: tenant } as const;
    await posthorn.audit.revealed(shown, { actor: "bo", reason: "they called" });
    assert.deepEqual((await entries())[0], ["bo", "library", "event.reveal", id, tenant, "they called"]);
    for (const reason of ["", " ", null])
      await assert.rejects(posthorn.audit.revealed(shown, { actor: "bo", reason }), {
        code: "invalid_input",
      });
  });
});
