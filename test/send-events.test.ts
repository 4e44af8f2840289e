import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { ConflictError, InvalidInputError, JsonText } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { MASTER_KEY, Registered } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

async function setUp(t: TestContext) {
  const posthorn = await open(t, { masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"] });
  const receiver = await Receiver.start(t);
  const registered = new Registered(posthorn);
  return { posthorn, receiver, registered, store: storeOf(posthorn) };
}

function verify(secret: string, { text, headers }: Delivery): void {
  new Webhook(secret).verify(text, headers as Record<string, string>, { jsonParse: false }); // those it reads come once each
}

test("an event reaches every endpoint that wants it, signed with each one's own secret", async (t) => {
  const { posthorn, receiver, registered, store } = await setUp(t);
  const acme = await registered.tenant("acme");
  const url = (path: string) => `${receiver.url}${path}`;
  const all = await registered.endpoint(acme, url("/all"));
  const paid = await registered.endpoint(acme, url("/paid"), { eventTypes: '["invoice.*"]' });
  const other = await registered.endpoint(acme, url("/other"), { eventTypes: '["user.made"]' });
  const off = await registered.endpoint(acme, url("/off"), { status: "disabled" });
  await registered.endpoint(await registered.tenant("else"), url("/else"));
  const payload = new JsonText('{ "n": 12345678901234567890, "b": 1 }');
  const sent = await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload });
  assert.deepEqual(
    { ...sent, eventId: "" },
    { eventId: "", tenantId: acme.id, jobs: 2, replayed: false, warnings: [] },
  );
  const deliveries = [...(await receiver.received(2))].sort((a, b) => (a.path < b.path ? -1 : 1));
  assert.deepEqual(
    deliveries.map(({ path, text, id, headers }) => [path, text, id, headers["webhook-event-type"]]),
    ["/all", "/paid"].map((path) => [path, payload.text, sent.eventId, "invoice.paid"]),
  );
  [all, paid].forEach(({ secret }, at) => {
    verify(secret, deliveries[at] ?? assert.fail());
    assert.throws(() => verify(other.secret, deliveries[at] ?? assert.fail()));
  });
  const event = await store.events.find(acme.id, sent.eventId);
  assert.deepEqual(event?.unsent && JSON.parse(event.unsent), {
    counts: { type: 1, disabled: 1 },
    named: [[off.id, "disabled"]],
  });
});

test("an event's payload is kept no longer than its sender says", async (t) => {
  const { posthorn, store } = await setUp(t);
  const request = { tenant: "acme", type: "a", payload: { n: 1 } };
  const { eventId, tenantId } = await posthorn.webhooks.send(request, { eraseAfter: 0 });
  await until("it is erased", async () => (await store.events.find(tenantId, eventId))?.payload === null);
  const kept = await posthorn.webhooks.send(request, { eraseAfter: "1h" });
  const [job] = await posthorn.jobs.list({ tasks: ["webhook.erase"], status: "queued" });
  assert.ok(job?.runAt && job.runAt.getTime() > Date.now() + 3_000_000);
  assert.ok((await store.events.find(tenantId, kept.eventId))?.payload);
  await assert.rejects(posthorn.webhooks.send(request, { eraseAfter: "400d" }), InvalidInputError);
});

test("an event id is used once per tenant: the same event is answered again, another is refused", async (t) => {
  const { posthorn, receiver, registered } = await setUp(t);
  const acme = await registered.tenant("acme");
  await registered.endpoint(acme, receiver.url);
  const request = { tenant: "acme", type: "a", payload: { n: 1 }, eventId: "one" };
  const at = Array.from({ length: 20 }, () => posthorn.webhooks.send(request));
  const answers = await Promise.all(at);
  assert.equal(new Set(answers.map(({ eventId }) => eventId)).size, 1);
  assert.equal(answers.filter(({ replayed }) => replayed).length, 19);
  assert.deepEqual(new Set(answers.map(({ jobs }) => jobs)), new Set([1]));
  await assert.rejects(
    posthorn.webhooks.send({ ...request, payload: { n: 2 } }),
    (error) =>
      error instanceof ConflictError &&
      error.code === "event_id_reused" &&
      error.message.includes(answers[0]?.eventId ?? "?"),
  );
  const elsewhere = await posthorn.webhooks.send({ ...request, tenant: "else" });
  assert.equal(elsewhere.replayed, false);
  await receiver.received(1);
});

test("the first event of a tenant makes it, once, and is kept although nobody gets it", async (t) => {
  const { posthorn, store } = await setUp(t);
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, n) => posthorn.webhooks.send({ tenant: "new", type: "a", payload: n })),
  );
  const [tenant] = new Set(sent.map(({ tenantId }) => tenantId));
  assert.equal(new Set(sent.map(({ tenantId }) => tenantId)).size, 1);
  assert.deepEqual(new Set(sent.map(({ jobs }) => jobs)), new Set([0]));
  const made = await store.tenants.get("new");
  assert.deepEqual([made?.id, made?.madeBy], [tenant, "event"]);
  assert.equal((await store.events.list(tenant ?? "", { limit: 20 })).events.length, 10);
});

test("what is sent to an endpoint is what it is when it is sent, and a pause keeps its jobs", async (t) => {
  const { posthorn, receiver, registered, store } = await setUp(t);
  const acme = await registered.tenant("acme");
  const { secret, ...endpoint } = await registered.endpoint(acme, `${receiver.url}/old`);
  await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 1, delay: "4s" });
  const changed = await store.endpoints.change(
    { ...endpoint, url: `${receiver.url}/new` },
    {},
    { actor: null, reason: null },
  );
  assert.ok(typeof changed !== "string");
  const [delivery] = await receiver.received(1);
  assert.equal(delivery?.path, "/new");
  verify(secret, delivery ?? assert.fail());
  await store.endpoints.change({ ...changed, status: "paused" }, {}, { actor: null, reason: null });
  const { jobs } = await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 2 });
  assert.equal(jobs, 1);
  assert.equal(await store.parking.unpark(`${acme.id}/${endpoint.id}`, 500, posthorn.clock.now()), 1);
});

test("an ordered endpoint gets its events one at a time, in their order, also when one fails at first", async (t) => {
  const posthorn = await open(t, { masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"] });
  const failed = new Set<string>();
  let underWay = 0;
  const receiver = await Receiver.start(t, (delivery) => {
    assert.equal(++underWay, 1);
    setImmediate(() => {
      underWay--;
      const isFirst = !failed.has(delivery.text);
      failed.add(delivery.text);
      delivery.answer(isFirst ? 500 : 200);
    });
  });
  const registered = new Registered(posthorn);
  await registered.endpoint(await registered.tenant("acme"), receiver.url, {
    limits: '{"ordered":true}',
    retry: '{"delaysMs":[10]}',
  });
  for (let n = 0; n < 5; n++) await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: n });
  const deliveries = await receiver.received(10);
  assert.equal(deliveries.map(({ text }) => text).join(""), "0011223344");
});

test("an event with bytes, and with headers of its own", async (t) => {
  const { posthorn, receiver, registered } = await setUp(t);
  const acme = await registered.tenant("acme");
  await registered.endpoint(acme, receiver.url);
  const payload = Uint8Array.from([0, 255, 128, 10]);
  const headers = { "x-trace": "t-1" };
  await posthorn.webhooks.send({
    tenant: "acme",
    type: "a",
    payload,
    contentType: "application/x-bytes",
    headers,
  });
  const [delivery] = await receiver.received(1);
  assert.deepEqual(Uint8Array.from(delivery?.bytes ?? []), payload);
  assert.deepEqual(
    [delivery?.headers["content-type"], delivery?.headers["x-trace"]],
    ["application/x-bytes", "t-1"],
  );
});

test("an event for more endpoints than one transaction makes jobs for reaches them all", async (t) => {
  const { posthorn, receiver, registered } = await setUp(t);
  const acme = await registered.tenant("acme");
  await Promise.all(
    Array.from({ length: 1_001 }, (_, n) => registered.endpoint(acme, `${receiver.url}/${n}`)),
  );
  const { jobs } = await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: {} });
  assert.equal(jobs, 1_001);
  const deliveries = await receiver.received(1_001);
  assert.equal(new Set(deliveries.map(({ path }) => path)).size, 1_001);
});

test("an ordered endpoint gets an event to many endpoints before the next one, which is for itself alone", async (t) => {
  const { posthorn, receiver, registered } = await setUp(t);
  const acme = await registered.tenant("acme");
  for (let n = 0; n < 110; n++)
    await registered.endpoint(acme, `${receiver.url}/other`, { eventTypes: '["to.all"]' });
  await registered.endpoint(acme, `${receiver.url}/ordered`, { limits: '{"ordered":true}' });
  for (const type of ["to.all", "to.one", "to.all", "to.one"])
    await posthorn.webhooks.send({ tenant: "acme", type, payload: type });
  const deliveries = await receiver.received(2 * 111 + 2);
  assert.deepEqual(
    deliveries.flatMap(({ path, text }) => (path === "/ordered" ? [JSON.parse(text)] : [])),
    ["to.all", "to.one", "to.all", "to.one"],
  );
});

test("a tenant has 20 000 endpoints and no more; an event reaches the half of them that want it", async (t) => {
  const database = scratchDatabase();
  const { webhooks } = await open(t, { database, worker: false, allowTargets: ["127.0.0.1"] });
  const { endpoints } = webhooks;
  const url = "http://127.0.0.1:9/";
  const { endpoint } = await endpoints.create("acme", { url, eventTypes: ["a"] });
  const raw = openRaw(t, database);
  const columns = column(raw, "select name from pragma_table_info('endpoints')").map(String);
  const copied = columns.map((name) => {
    if (name === "id") return `'${endpoint.id.slice(0, -5)}' || printf('%05d', n)`;
    return name === "event_types" ? `iif(n % 2, '["a"]', '["b"]')` : name;
  });
  raw.exec(`
    insert into endpoints (${columns.join(", ")})
    with recursive n (n) as (select 0 union all select n + 1 from n where n < 19997)
    select ${copied.join(", ")} from endpoints, n where uid is null`);

  const once = { scope: "s", key: "k", fingerprint: "f" };
  const last = await endpoints.create("acme", { url, uid: "last", eventTypes: ["b"] }, {}, once);
  const crowded = (error: unknown) =>
    error instanceof ConflictError &&
    error.code === "too_many_endpoints" &&
    /20000|20 000/.test(error.message);
  await assert.rejects(endpoints.create("acme", { url }), crowded);
  await assert.rejects(endpoints.put("acme", "one-more", { url }), crowded);
  const again = await endpoints.create("acme", { url, uid: "last", eventTypes: ["b"] }, {}, once);
  assert.deepEqual(
    [again.endpoint.id, again.replayed],
    [last.endpoint.id, true],
    "the first answer, not a refusal",
  );

  const { jobs } = await webhooks.send({ tenant: "acme", type: "a", payload: 1 });
  assert.equal(jobs, 10_000);
  await until(
    "there is a job for each",
    () => column(raw, "select count(distinct lane) from jobs")[0] === 10_000,
  );
});
