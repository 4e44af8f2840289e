import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { endpointAnswer, historyAnswer, secretAnswer } from "../src/http/schemas/endpoint.ts";
import { eventAnswer, eventPage, sentAnswer } from "../src/http/schemas/event.ts";
import { eventTypeAnswer, eventTypePage } from "../src/http/schemas/event-type.ts";
import { jobPage } from "../src/http/schemas/job.ts";
import { tenantAnswer, tenantPage } from "../src/http/schemas/tenant.ts";
import { pointersOf, problemOf } from "../src/http/test-kit/problem-of.ts";
import { platformApi } from "./support/platform-api.ts";
import { open } from "./support/posthorn.ts";

test("an event over HTTP reaches the tenant's endpoint byte for byte, and is looked up by either id", async (t) => {
  const { receiver, ask, get, url } = await platformApi(t);
  const made = await ask("POST /tenants/acme/endpoints", { url, event_types: ["invoice.*"] });
  assert.equal(made.status, 201);
  const { warnings, ...endpoint } = (await made.json()) as { warnings: string[] };
  const { endpoint_id, tenant } = endpointAnswer.parse(endpoint);
  assert.deepEqual(warnings, []);
  const at = `/tenants/${tenant}/endpoints/${endpoint_id}`;
  assert.equal(made.headers.get("location"), at);
  await ask("POST /tenants/acme/endpoints", { url, event_types: ["other"] });

  const payload = '{ "n": 12345678901234567890, "b": 1.10 }';
  const body = `{"tenant":"acme","type":"invoice.paid","event_id":"one","payload":${payload}}`;
  const sent = await ask("POST /webhooks/events", body, { "idempotency-key": "k" });
  assert.equal(sent.status, 202);
  const { event_id, jobs } = sentAnswer.parse(await sent.json());
  assert.equal(jobs, 1);
  assert.equal(sent.headers.get("location"), `/webhooks/events/${event_id}`);
  const [delivery] = await receiver.received(1);
  assert.deepEqual([delivery?.text, delivery?.id], [payload, event_id]);

  assert.equal((await ask(`POST ${at}/test`, `{"payload":${payload}}`)).status, 200);
  assert.equal((await receiver.nth(1)).text, payload, "an example likewise");

  const again = await ask("POST /webhooks/events", body, { "idempotency-key": "k" });
  assert.deepEqual([again.status, again.headers.get("idempotent-replayed")], [202, "true"]);
  assert.equal(sentAnswer.parse(await again.json()).event_id, event_id);
  const other = await ask("POST /webhooks/events", {
    tenant: "acme",
    type: "a",
    payload: 1,
    event_id: "one",
  });
  assert.equal((await problemOf(other, 409)).code, "event_id_reused");

  for (const path of [
    `/webhooks/events/${event_id}`,
    `/tenants/acme/events/${event_id}`,
    "/tenants/acme/events/one",
  ]) {
    const text = await (await ask(`GET ${path}`)).text();
    assert.ok(text.includes(payload), path);
    const event = eventAnswer.parse(JSON.parse(text));
    assert.deepEqual([event.event_id, event.given_event_id, event.tenant], [event_id, "one", tenant]);
    assert.deepEqual(event.unsent, { counts: { type: 1 }, named: [] });
  }
  assert.equal((await problemOf(await ask("GET /webhooks/events/one"), 404)).code, "event_not_found");
  assert.equal((await problemOf(await ask("GET /tenants/acme/events/two"), 404)).code, "event_not_found");
  const { data } = jobPage.parse(await get(`/webhooks/events/${event_id}/jobs`));
  assert.deepEqual(
    data.map((job) => [job.event_id, job.endpoint_id, job.tenant]),
    [[event_id, endpoint_id, tenant]],
  );
  const page = eventPage.parse(await get("/webhooks/events?tenant=acme&type=invoice.paid"));
  assert.deepEqual([page.data.map((event) => event.event_id), page.complete], [[event_id], true]);
  assert.deepEqual(eventPage.parse(await get("/webhooks/events?tenant=acme&channel=x")).data, []);
  const all = eventPage.parse(await get("/webhooks/events"));
  assert.deepEqual(
    all.data.map((event) => event.event_id),
    [event_id],
    "without a tenant, those of all tenants",
  );
});

test("a payload is text or bytes where its content type says so, and comes back as it was", async (t) => {
  const { ask, get } = await platformApi(t);
  const send = async (event: object) => {
    const answer = await ask("POST /webhooks/events", { tenant: "acme", type: "a", ...event });
    return answer.status === 202 ? sentAnswer.parse(await answer.json()).event_id : pointersOf(answer);
  };
  const text = eventAnswer.parse(
    await get(`/webhooks/events/${await send({ payload: "ü", content_type: "text/plain" })}`),
  );
  assert.deepEqual([text.payload, text.content_type], ["ü", "text/plain"]);
  const base64 = Buffer.from([0, 255, 1]).toString("base64");
  const bytes = { payload_base64: base64, content_type: "application/octet-stream" };
  const kept = eventAnswer.parse(await get(`/webhooks/events/${await send(bytes)}`));
  assert.deepEqual([kept.payload_base64, "payload" in kept], [base64, false]);
  for (const [event, pointers] of [
    [{}, ["/payload"]],
    [{ payload: 1, content_type: "text/plain" }, ["/payload"]],
    [{ payload_base64: base64 }, ["/payload_base64"]],
    [{ ...bytes, payload: 1 }, ["/payload_base64"]],
    [{ ...bytes, payload_base64: "%%%" }, ["/payload_base64"]],
    [{ payload: 1, event_id: "msg_x", channels: ["a b"], tags: [] }, ["/event_id", "/channels/0", "/tags"]],
    [{ payload: 1, run_at: "tomorrow" }, ["/run_at"]],
  ] as const)
    assert.deepEqual(await send(event), pointers);
});

test("an event of a mebibyte is taken, and one byte more is refused by its field", async (t) => {
  const { ask } = await platformApi(t);
  const event = (length: number) => ({ tenant: "acme", type: "a", payload: "x".repeat(length - 2) });
  assert.equal((await ask("POST /webhooks/events", event(1_048_576))).status, 202);
  assert.deepEqual(await pointersOf(await ask("POST /webhooks/events", event(1_048_577))), ["/payload"]);
  assert.equal((await ask("POST /webhooks/events", event(2_200_000))).status, 413);
});

test("what a tenant sends too fast is answered 429, with when to try again, and another tenant's is taken", async (t) => {
  const posthorn = await open(t, { worker: false });
  const { tenants } = posthorn.webhooks;
  const { id } = await tenants.create({ uid: "acme" });
  await tenants.create({ uid: "other" });
  const eventRates = { tenantEventsPerSecond: 1 };
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: new ManualClock(), eventRates });
  const send = (tenant: string) =>
    app.fetch(
      new Request("http://127.0.0.1:8000/webhooks/events", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ tenant, type: "a", payload: 1 }),
      }),
    );
  assert.equal((await send("acme")).status, 202);
  const refused = await send("acme");
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await problemOf(refused, 429)).code, "rate_limited");
  assert.equal((await send(id)).status, 429, "by whatever it is called");
  assert.equal((await send("other")).status, 202);
});

test("where unknown tenants are rejected, an event makes none, and an endpoint or a request does", async (t) => {
  const posthorn = await open(t, { worker: false, unknownTenants: "reject", allowTargets: ["127.0.0.1"] });
  const event = { tenant: "acme", type: "a", payload: 1 };
  await assert.rejects(posthorn.webhooks.send(event), { code: "tenant_not_found" });
  await posthorn.webhooks.endpoints.create("acme", { url: "http://127.0.0.1:9/" });
  assert.equal((await posthorn.webhooks.send(event)).jobs, 1);
});

test("a tenant is made, replaced, changed and deleted, by its uid or its id", async (t) => {
  const { ask, get } = await platformApi(t);
  const body = { uid: "acme", name: "Acme", metadata: { a: "1" }, limits: { concurrency: 3 } };
  const made = await ask("POST /tenants", body, { "idempotency-key": "k" });
  assert.equal(made.status, 201);
  const tenant = tenantAnswer.parse(await made.json());
  assert.equal(made.headers.get("location"), `/tenants/${tenant.tenant_id}`);
  const again = await ask("POST /tenants", body, { "idempotency-key": "k" });
  assert.deepEqual([again.status, again.headers.get("idempotent-replayed")], [201, "true"]);
  assert.deepEqual(await again.json(), tenant);
  assert.equal((await problemOf(await ask("POST /tenants", body), 409)).code, "uid_taken");
  assert.deepEqual(await get(`/tenants/${tenant.tenant_id}`), tenant);

  const changed = tenantAnswer.parse(
    await (await ask("PATCH /tenants/acme", { limits: null, metadata: null })).json(),
  );
  assert.deepEqual([changed.name, changed.metadata, changed.limits], ["Acme", {}, null]);
  assert.equal((await ask("PUT /tenants/acme", { name: "New" })).status, 200);
  assert.equal((await ask("PUT /tenants/other", {})).status, 201);
  const first = tenantPage.parse(await get("/tenants?limit=1"));
  const second = tenantPage.parse(await get(`/tenants?limit=1&cursor=${first.next_cursor}`));
  assert.deepEqual([first.data[0]?.name, second.data[0]?.uid, second.next_cursor], ["New", "other", null]);
  const back = tenantPage.parse(await get(`/tenants?limit=1&cursor=${second.prev_cursor}`));
  assert.deepEqual(back.data, first.data);
  assert.deepEqual(await pointersOf(await ask("GET /tenants?cursor=abc")), ["cursor"]);
  assert.deepEqual(await pointersOf(await ask("GET /tenants?limit=251")), ["limit"]);

  assert.equal((await ask("DELETE /tenants/acme")).status, 204);
  assert.equal((await problemOf(await ask("GET /tenants/acme"), 404)).code, "tenant_not_found");
  const late = await ask("POST /webhooks/events", { tenant: "acme", type: "a", payload: 1 });
  assert.equal((await problemOf(late, 409)).code, "tenant_deleted");
  for (const [given, pointers] of [
    [{ uid: "app_x" }, ["/uid"]],
    [{ limits: { rate: { limit: 0, per: "day" } } }, ["/limits/rate/limit", "/limits/rate/per"]],
    [{ metadata: { a: 1 } }, ["/metadata/a"]],
    [{ nope: 1 }, ["/nope"]],
  ] as const)
    assert.deepEqual(await pointersOf(await ask("POST /tenants", given)), pointers);
});

test("numbers in filters and schemas are shown with all of their digits, and can be given again as they are shown", async (t) => {
  const { ask, posthorn, url } = await platformApi(t);
  const filter = '{"$.id":9007199254740993,"$.rate":{"lte":0.12345678901234567890}}';
  const path = "/tenants/acme/endpoints/exact";
  assert.equal((await ask(`PUT ${path}`, `{"url":"${url}","filter":${filter}}`)).status, 201);
  const shown = await (await ask(`GET ${path}`)).text();
  assert.ok(shown.includes(`"filter":${filter}`), shown);
  const { data } = await posthorn.webhooks.endpoints.list("acme");
  await posthorn.webhooks.endpoints.patch("acme", "exact", { filter: data[0]?.filter, description: "again" });
  assert.equal(JSON.stringify((await posthorn.webhooks.endpoints.get("acme", "exact")).filter), filter);
  await posthorn.webhooks.endpoints.patch("acme", "exact", { filter: { "$.id": 1 } });
  for (const list of [`${path}/history`, "/audit?action=endpoint.update"]) {
    const text = await (await ask(`GET ${list}`)).text();
    assert.ok(text.includes(`{"was":${filter},"is":{"$.id":1}}`), text);
  }

  const schemas = '{"1":{"type":"integer","maximum":18446744073709551615}}';
  assert.equal((await ask("POST /event-types", `{"name":"exact","schemas":${schemas}}`)).status, 201);
  const type = await (await ask("GET /event-types/exact")).text();
  assert.ok(type.includes(`"schemas":${schemas}`), type);
});

test("an endpoint is made, replaced, changed and deleted, and its changes are kept", async (t) => {
  const { ask, get, url } = await platformApi(t);
  const path = "/tenants/acme/endpoints/main";
  const full = {
    url,
    description: "d",
    event_types: ["a", "b.*"],
    channels: ["x"],
    filter: { "$.n": { gt: 1 } },
    headers: { "x-key": "s3cret" },
    header_style: "both",
    timeout: "1500ms",
    retry: { attempts: 3, delays: ["1s", "2m"] },
    limits: { concurrency: 2, rate: { limit: 5, per: "minute" }, ordered: true },
    metadata: { plan: "pro" },
  };
  const made = await ask(`PUT ${path}`, full);
  assert.equal(made.status, 201);
  const text = await made.text();
  assert.doesNotMatch(text, /s3cret/);
  const endpoint = endpointAnswer.parse(JSON.parse(text));
  assert.deepEqual(
    { ...endpoint, headers: full.headers },
    { ...endpoint, ...full, uid: "main", status: "active", sends_event_type: true },
  );
  const clear = {
    event_types: null,
    channels: null,
    filter: null,
    headers: null,
    timeout: null,
    limits: null,
  };
  const changed = endpointAnswer.parse(
    await (await ask(`PATCH ${path}`, { ...clear, description: null })).json(),
  );
  assert.deepEqual({ ...changed, ...clear }, { ...changed, headers: null });
  assert.deepEqual([changed.headers, changed.description, changed.retry], [[], "", full.retry]);
  const { data } = historyAnswer.parse(await get(`${path}/history`));
  assert.deepEqual(
    [data[0]?.actor, data[0]?.changes.headers, data[0]?.changes.description],
    ["dev", { was: "[hidden]", is: null }, { was: "d", is: "" }],
  );

  const { secret } = secretAnswer.parse(await get(`${path}/secret`));
  const rotated = secretAnswer.parse(
    await (await ask(`POST ${path}/secret/rotate`, { overlap: "1h" })).json(),
  );
  assert.notEqual(rotated.secret, secret);
  assert.deepEqual(secretAnswer.parse(await get(`${path}/secret`)), rotated);
  const once = { "idempotency-key": "rotate-1" };
  const second = await (await ask(`POST ${path}/secret/rotate`, {}, once)).json();
  const again = await ask(`POST ${path}/secret/rotate`, {}, once);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(await again.json(), second);
  const reused = await ask(`POST ${path}/secret/rotate`, { overlap: "1h" }, once);
  assert.equal((await problemOf(reused, 422)).code, "idempotency_key_reused");

  assert.deepEqual(await pointersOf(await ask(`PUT ${path}`, { url, secret })), ["/secret"]);
  assert.equal((await ask(`PUT ${path}`, { url })).status, 200);
  const twin = await ask("POST /tenants/acme/endpoints", { url }, { "idempotency-key": "k" });
  assert.equal(((await twin.json()) as { warnings: string[] }).warnings.length, 1);
  const repeated = await ask("POST /tenants/acme/endpoints", { url }, { "idempotency-key": "k" });
  assert.equal(repeated.headers.get("idempotent-replayed"), "true");
  const taken = await ask("POST /tenants/acme/endpoints", { url, uid: "main" });
  assert.equal((await problemOf(taken, 409)).code, "uid_taken");
  const { data: all } = (await get("/tenants/acme/endpoints")) as { data: unknown[] };
  assert.equal(all.length, 2);
  assert.equal((await ask(`DELETE ${path}`)).status, 204);
  assert.equal((await problemOf(await ask(`GET ${path}`), 404)).code, "endpoint_not_found");

  const paths = [
    "/url",
    "/event_types/0",
    "/header_style",
    "/sends_event_type",
    "/timeout",
    "/retry/attempts",
  ];
  const wrong = {
    url: 1,
    event_types: [1],
    header_style: "x",
    sends_event_type: 1,
    timeout: 5,
    retry: { attempts: 0 },
  };
  assert.deepEqual(
    (await pointersOf(await ask("POST /tenants/acme/endpoints", wrong))).toSorted(),
    paths.toSorted(),
  );
  for (const [given, pointers] of [
    [{ url: "http://10.0.0.1/" }, ["/url"]],
    [{ url, filter: { "$.n": { nope: 1 } } }, ["/filter/$.n/nope"]],
    [{ url, event_types: ["a*b"], timeout: "1h", sends_event_type: true }, ["/event_types/0", "/timeout"]],
    [{ url, secret: "whsec_" }, ["/secret"]],
  ] as const)
    assert.deepEqual(await pointersOf(await ask("POST /tenants/acme/endpoints", given)), pointers);
});

test("a registered event type warns of payloads, refuses them, or keeps its events to itself", async (t) => {
  const { ask, get, url } = await platformApi(t);
  await ask("POST /tenants/acme/endpoints", { url });
  const schema = '{"type":"object","properties":{"n":{"maximum":12345678901234567890.5}},"required":["n"]}';
  const body = `{"name":"a","schemas":{"2":${schema},"10":${schema}},"enforce":"warn"}`;
  const made = await ask("POST /event-types", body, { "idempotency-key": "k" });
  assert.equal(made.status, 201);
  const type = eventTypeAnswer.parse(await made.json());
  assert.equal(
    (await ask("POST /event-types", body, { "idempotency-key": "k" })).headers.get("idempotent-replayed"),
    "true",
  );
  assert.equal((await problemOf(await ask("POST /event-types", { name: "a" }), 409)).code, "name_taken");
  assert.deepEqual(await get("/event-types/a"), type);

  const send = (payload: unknown) => ask("POST /webhooks/events", { tenant: "acme", type: "a", payload });
  const { warnings = [], jobs } = sentAnswer.parse(await (await send({})).json());
  assert.deepEqual([warnings.length, jobs], [1, 1]);
  assert.match(warnings[0] ?? "", /^payload/);
  assert.equal((await ask("PATCH /event-types/a", { enforce: "refuse" })).status, 200);
  assert.deepEqual(await pointersOf(await send({ m: 1 })), ["/payload/n"]);
  assert.equal((await send({ n: 1 })).status, 202);
  assert.equal((await ask("PATCH /event-types/a", { enforce: "off", is_archived: true })).status, 200);
  const archived = sentAnswer.parse(await (await send({ n: 1 })).json());
  assert.equal(archived.jobs, 0);
  const { unsent } = eventAnswer.parse(await get(`/webhooks/events/${archived.event_id}`));
  assert.deepEqual(unsent?.counts, { archived: 1 });

  const names = async (query: string) =>
    eventTypePage.parse(await get(`/event-types${query}`)).data.map(({ name }) => name);
  assert.deepEqual([await names(""), await names("?with_archived=true")], [[], ["a"]]);
  assert.equal((await ask("PUT /event-types/a", {})).status, 200);
  assert.equal((await ask("PUT /event-types/b", { description: "B" })).status, 201);
  assert.deepEqual(await names("?order=descending"), ["b", "a"]);
  assert.equal((await ask("DELETE /event-types/a")).status, 204);
  assert.equal((await problemOf(await ask("GET /event-types/a"), 404)).code, "event_type_not_found");
  assert.deepEqual(await pointersOf(await ask("PUT /event-types/b", { schemas: { 1: { type: 1 } } })), [
    "/schemas/1/type",
  ]);
});
