import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { type App, createApp } from "../src/http/app.ts";
import { openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { CAPABILITIES } from "../src/webhooks/portal/capabilities.ts";
import { PORTAL } from "./support/access-rules.ts";
import { claimReady, settleAll } from "./support/batches.ts";
import { MASTER_KEY } from "./support/endpoints.ts";

const SEEN = "invoice.paid";
const HIDDEN = "payroll.run";
const MARK = "what-only-payroll-should-see";
const URL_OF_ALL = "http://127.0.0.1:9/all";

interface Described {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: {
      readonly "application/json": {
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
}

describe("a session of the portal that is for some event types", () => {
  let posthorn: Posthorn;
  let app: App;
  let token: string;
  let paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  /** Of the endpoint that gets every type, of one for the hidden type, and of one for the session's. */
  let endpoints: { readonly all: string; readonly hidden: string; readonly seen: string };
  /** Of what was sent of the hidden type, and of the other. */
  let hidden: Readonly<Record<string, string>>;
  let seen: Readonly<Record<string, string>>;

  before(async () => {
    posthorn = await openPosthorn({
      ...{ database: ":memory:", worker: false, log: silentLog, allowTargets: ["127.0.0.1"] },
      masterKey: MASTER_KEY,
    });
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    const { webhooks } = posthorn;
    for (const name of [SEEN, HIDDEN])
      await webhooks.eventTypes.create({ name, description: `about ${name}` });
    const made = async (url: string, eventTypes: readonly string[] | null) =>
      (await webhooks.endpoints.create("acme", { url, eventTypes })).endpoint.id;
    endpoints = {
      all: await made(URL_OF_ALL, ["*"]),
      hidden: await made("http://127.0.0.1:9/hidden", [HIDDEN, "payroll.*"]),
      seen: await made("http://127.0.0.1:9/seen", [SEEN]),
    };
    await webhooks.endpoints.patch("acme", endpoints.hidden, { eventTypes: [HIDDEN, SEEN] });
    hidden = await sent(HIDDEN, { note: MARK });
    seen = await sent(SEEN, { n: 1 });
    ({ token } = await webhooks.portal.create("acme", { capabilities: CAPABILITIES, eventTypes: [SEEN] }));
    const { token: admin } = await keys.create({ name: "all", role: "admin" });
    ({ paths } = JSON.parse((await ask("GET", "/openapi.json", undefined, admin)).text));
  });

  after(() => posthorn.close());

  async function sent(type: string, payload: object): Promise<Readonly<Record<string, string>>> {
    const { eventId: event } = await posthorn.webhooks.send({
      tenant: "acme",
      type,
      payload,
      eventId: `own-${type}`,
    });
    await settleAll(storeOf(posthorn), await claimReady(storeOf(posthorn), 5));
    const [job] = await posthorn.jobs.list({ event });
    const [attempt] = (await posthorn.webhooks.attempts.ofEvent("acme", event)).data;
    assert.ok(job && attempt);
    return {
      event,
      job_id: job.id,
      attempt: attempt.id,
      name: type,
      tenant: "acme",
      endpoint: endpoints.all,
    };
  }

  async function ask(method: string, path: string, body?: unknown, bearer = token) {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    return { status: answer.status, text: await answer.text() };
  }

  function operations() {
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { operationId, requestBody }]) => {
        const [example] = Object.values(requestBody?.content["application/json"].examples ?? {});
        return operationId in PORTAL
          ? [{ id: operationId, method: method.toUpperCase(), path, example: example?.value }]
          : [];
      }),
    );
  }

  const filled = (path: string, ids: Readonly<Record<string, string>>) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? assert.fail(`nothing for ${name}`));

  test("is shown nothing of the others, by any operation that it may use", async () => {
    let asked = 0;
    for (const { id, method, path } of operations().filter((each) => each.method === "GET")) {
      for (const endpoint of Object.values(endpoints)) {
        for (const query of ["", `?type=${HIDDEN}`, "?limit=1", `?reveal=why`]) {
          const told = await ask(method, filled(path, { ...hidden, endpoint }) + query);
          assert.ok(!told.text.includes(MARK), `${id} shows a payload`);
          assert.ok(!told.text.includes(`"type":"${HIDDEN}"`), `${id}${query} shows an event: ${told.text}`);
          assert.ok(!told.text.includes(`about ${HIDDEN}`), `${id} shows the type`);
          if (!/\{(name|event|attempt)\}/.test(path))
            for (const its of [HIDDEN, hidden.attempt ?? "", `own-${HIDDEN}`])
              assert.ok(!told.text.includes(its), `${id}${query} shows ${its}: ${told.text}`);
          else assert.ok([404, 422].includes(told.status), `${id}${query}: ${told.status}`);
          asked++;
        }
      }
      if (/\{(name|event|attempt)\}/.test(path)) {
        const own = await ask(method, filled(path, seen));
        assert.equal(own.status, 200, `${id} of its own: ${own.text}`);
      }
    }
    assert.ok(asked > 100, `${asked}`);
    const byItsName = await ask("GET", `/tenants/acme/events/own-${HIDDEN}`);
    assert.equal(byItsName.status, 404);
  });

  test("has nothing of the others delivered again", async () => {
    for (const verb of ["redeliver", "retry"])
      assert.equal((await ask("POST", `/webhooks/jobs/${hidden.job_id}/${verb}`)).status, 404);
    for (const what of ["failed", "missing", "all"]) {
      const asked = { since: "24h", what, dry_run: true };
      const { status, text } = await ask("POST", `/tenants/acme/endpoints/${endpoints.all}/replay`, asked);
      assert.equal(status, 200, text);
      assert.ok(!text.includes(hidden.job_id ?? "") && !text.includes(hidden.event ?? ""), text);
      assert.ok(!text.includes(HIDDEN), text);
    }
    const missing = await ask("POST", `/tenants/acme/endpoints/${endpoints.seen}/replay`, {
      ...{ since: "24h", what: "all", dry_run: true },
    });
    assert.match(missing.text, /"matched":\{"n":1,/);
  });

  test("subscribes an endpoint to no other, by any operation that it may use", async () => {
    const all = "/tenants/acme/endpoints";
    const url = "http://127.0.0.1:9/new";
    const others = [undefined, null, ["*"], [HIDDEN], ["payroll.*"], ["invoice.*"], [SEEN, HIDDEN]];
    for (const event_types of others) {
      const made = await ask("POST", all, { url, ...(event_types !== undefined && { event_types }) });
      assert.equal(made.status, 422, `${JSON.stringify(event_types)}: ${made.text}`);
      assert.ok(made.text.includes(SEEN), "it says which there are");
      if (event_types === undefined) continue;
      for (const id of Object.values(endpoints)) {
        const changed = await ask("PATCH", `${all}/${id}`, { event_types });
        assert.equal(changed.status, 422, `${JSON.stringify(event_types)}: ${changed.text}`);
      }
    }
    assert.equal((await ask("POST", `${all}/${endpoints.seen}/test`, { type: HIDDEN })).status, 422);
    assert.equal((await ask("PATCH", `${all}/${endpoints.all}`, { event_types: [SEEN] })).status, 403);
    assert.equal((await ask("PATCH", `${all}/${endpoints.hidden}`, { event_types: [SEEN] })).status, 403);
    for (const { method, path, example, id } of operations().filter((each) => each.method !== "GET")) {
      if (["deleteEndpoint", "testEndpoint", "replayToEndpoint"].includes(id)) continue;
      for (const endpoint of Object.values(endpoints)) {
        const told = await ask(method, filled(path, { ...hidden, endpoint }), example);
        assert.ok(!told.text.includes(HIDDEN), `${id} names the type: ${told.text}`);
      }
    }
    const { data } = await posthorn.webhooks.endpoints.list("acme");
    const of = (id: string) => data.find((each) => each.id === id)?.eventTypes;
    assert.deepEqual(data.length, 3);
    assert.deepEqual(of(endpoints.all), ["*"]);
    assert.deepEqual(of(endpoints.hidden), [HIDDEN, SEEN]);
    assert.deepEqual(of(endpoints.seen), [SEEN]);
  });

  test("makes and changes endpoints for its own types, and sees those of every endpoint", async () => {
    const all = "/tenants/acme/endpoints";
    const made = await ask("POST", all, { url: "http://127.0.0.1:9/own", event_types: [SEEN] });
    assert.equal(made.status, 201, made.text);
    const { endpoint_id: id } = JSON.parse(made.text);
    assert.equal(
      (await ask("PATCH", `${all}/${id}`, { event_types: [SEEN], description: "ours" })).status,
      200,
    );
    assert.equal((await ask("PATCH", `${all}/${endpoints.all}`, { description: "ours too" })).status, 200);
    const { data } = JSON.parse((await ask("GET", all)).text);
    for (const endpoint of data) assert.deepEqual(endpoint.event_types, [SEEN], endpoint.url);
    assert.equal((await ask("DELETE", `${all}/${id}`)).status, 204);
  });

  test("neither takes what an endpoint gets of the others nor counts it", async () => {
    const all = "/tenants/acme/endpoints";
    for (const id of [endpoints.all, endpoints.hidden]) {
      const moved = await ask("PATCH", `${all}/${id}`, { url: "http://127.0.0.1:9/mine" });
      assert.equal(moved.status, 403, moved.text);
      assert.match(moved.text, /may not change its url/);
      const { url } = JSON.parse((await ask("GET", `${all}/${id}`)).text);
      assert.notEqual(url, "http://127.0.0.1:9/mine");
      assert.equal((await ask("PATCH", `${all}/${id}`, { url, description: "as it was" })).status, 200);
      const counted = await ask("GET", `${all}/${id}/stats`);
      assert.equal(counted.status, 403, counted.text);
    }
    const url = "http://127.0.0.1:9/moved";
    assert.equal((await ask("PATCH", `${all}/${endpoints.seen}`, { url })).status, 200);
    assert.equal((await ask("GET", `${all}/${endpoints.seen}/stats`)).status, 200);
    const { data } = JSON.parse((await ask("GET", `${all}?stats=24h&backlog=true`)).text);
    for (const { endpoint_id, stats, backlog, sees_all_event_types } of data) {
      assert.equal(stats !== null, endpoint_id === endpoints.seen, JSON.stringify(stats));
      assert.equal(backlog !== null, endpoint_id === endpoints.seen, JSON.stringify(backlog));
      assert.equal(sees_all_event_types, endpoint_id === endpoints.seen);
    }
  });

  test("leaves deliveries of the others alone: it neither stops nor deletes their endpoint, nor changes how it is sent to", async () => {
    const all = "/tenants/acme/endpoints";
    const operated = [
      ...["pause", "disable", "resume", "enable", "verify", "secret/rotate"].map((verb) => [
        "POST",
        `/${verb}`,
      ]),
      ["DELETE", ""],
    ];
    const changes = [{ channels: ["a"] }, { filter: { n: 1 } }, { headers: { a: "b" } }, { timeout: "1s" }];
    for (const id of [endpoints.all, endpoints.hidden]) {
      for (const [method = "", path] of operated) {
        const { status, text } = await ask(method, `${all}/${id}${path}`);
        assert.equal(status, 403, `${method} ${path}: ${text}`);
        assert.match(text, /gets more event types than this session is for, so the session may not \w+ it/);
      }
      for (const change of changes) {
        const { status, text } = await ask("PATCH", `${all}/${id}`, change);
        assert.equal(status, 403, text);
        assert.ok(text.includes(`may not change its ${Object.keys(change)}`), text);
      }
      const { status, statusReason } = await posthorn.webhooks.endpoints.get("acme", id);
      assert.deepEqual([status, statusReason], ["active", null]);
    }
    for (const verb of ["pause", "resume", "secret/rotate"])
      assert.equal((await ask("POST", `${all}/${endpoints.seen}/${verb}`)).status, 200, verb);
    assert.equal(
      (await ask("PATCH", `${all}/${endpoints.seen}`, { channels: null, timeout: "9s" })).status,
      200,
    );
  });

  test("may use nothing of Svix's API, which knows no such sessions", async () => {
    for (const [method, path] of [
      ["GET", "/event-type"],
      ["GET", "/app/acme/endpoint"],
      ["POST", "/app/acme/endpoint"],
      ["GET", `/app/acme/msg/${hidden.event}`],
      ["POST", `/app/acme/msg/${hidden.event}/endpoint/${endpoints.all}/resend`],
    ] as const) {
      const body = method === "POST" ? { url: "http://127.0.0.1:9/", filterTypes: [HIDDEN] } : undefined;
      const { status, text } = await ask(method, `/api/v1${path}`, body);
      assert.equal(status, 403, text);
      assert.ok(!text.includes(HIDDEN), text);
    }
  });
});
