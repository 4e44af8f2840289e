import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { createApp } from "../src/http/app.ts";
import { operationalEvents } from "../src/http/schemas/operational-events.ts";
import { InvalidInputError, type OperationalEvent } from "../src/posthorn.ts";
import { verify } from "../src/receiver/verify.ts";
import { storeOf } from "../src/store/store-of.ts";
import { type DeliveryAnswer, openTestPosthorn } from "../src/testing/testing.ts";
import { until } from "./support/until.ts";

const ALERTS = "https://alerts.example.com/posthorn";
const HOOK = "https://hooks.example.com/in";
const DAY_MS = 86_400_000;
let begin = Date.now();

/** A Posthorn whose operators listen, and one endpoint that answers as it is told. */
async function setUp(t: TestContext, { heard = true, failures = 10 } = {}) {
  const answers = { hook: 200 as DeliveryAnswer, alerts: 200 as DeliveryAnswer };
  begin += 60 * DAY_MS; // the ids of a process never go back in time
  const posthorn = await openTestPosthorn({
    receive: ({ targetUrl }) => (targetUrl === ALERTS ? answers.alerts : answers.hook),
    concurrency: 4,
    breaker: { failures },
    now: new Date(begin),
  });
  t.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  const { endpoint } = await endpoints.create("acme", { uid: "main", url: HOOK });
  if (heard) await endpoints.create("posthorn", { uid: "alerts", url: ALERTS });
  const sent = () => posthorn.deliveries().filter(({ targetUrl }) => targetUrl === ALERTS);
  return {
    ...{ posthorn, endpoints, endpoint, answers, sent },
    told: () => sent().map(({ body }) => JSON.parse(body) as OperationalEvent),
    /** A second passes, in which what happened becomes an event, and what is due is done. */
    async settle(time: `${number}${"s" | "h"}` = "2s") {
      await posthorn.clock.advance(time);
      await posthorn.drain();
    },
    async send(count: number) {
      for (let n = 0; n < count; n++) await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: n });
      await posthorn.drain();
    },
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

async function disabledAndEnabled({ endpoints, settle }: World) {
  await endpoints.disable("acme", "main", {}, { actor: "jo", reason: "they asked for it" });
  await endpoints.enable("acme", "main", { actor: "jo", reason: "they have repaired it" });
  await settle();
}

async function openedAndClosed({ answers, send, settle, endpoints }: World) {
  answers.hook = 500;
  await send(12);
  await settle();
  assert.equal((await endpoints.health("acme", "main")).breaker, "open");
  answers.hook = 200;
  await settle("31s");
  await settle("31s");
  assert.equal((await endpoints.health("acme", "main")).breaker, "closed");
  await settle();
}

/** Two deliveries: one succeeds in the end, one does not. */
async function failedOften({ endpoints, posthorn, answers, settle, send }: World) {
  await endpoints.patch("acme", "main", { retry: { attempts: 5, delays: ["1h"] } });
  answers.hook = 500;
  await send(1);
  for (let attempts = 2; attempts <= 4; attempts++) await settle("1h");
  answers.hook = 200;
  await settle("1h");
  answers.hook = 500;
  await send(1);
  for (let attempts = 2; attempts <= 5; attempts++) await settle("1h");
  answers.hook = 200;
  await settle();
  await posthorn.drain();
}

async function bulkRun({ posthorn, settle }: World, tenant?: string) {
  const filter = tenant === undefined ? { status: "cancelled" } : { status: "cancelled", tenant };
  const { run } = await posthorn.bulk.start(
    { action: "cancel", filter: { ...filter, status: "queued" }, startsIn: 0, note: "an experiment" },
    { actor: "jo" },
  );
  await settle();
  await settle();
  return run;
}

/** The examples of the documentation, by the types that they stand below. */
function documented(): Map<string, OperationalEvent> {
  const text = readFileSync(new URL("../docs/operational-events.md", import.meta.url), "utf8");
  const found = text.matchAll(/^### `(posthorn\.[a-z_.]+)`\n[^#]*?```json\n(.*?)```/gms);
  return new Map([...found].map(([, type = "", json = ""]) => [type, JSON.parse(json)]));
}

/** What a value looks like: its members, and of what type they are. */
function shapeOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  // by reason: which reasons there are depends
  if (path.endsWith(".skipped")) return [path];
  return Object.entries(value)
    .flatMap(([name, member]) => shapeOf(member, `${path}.${name}`))
    .sort();
}

function assertAlike(sent: unknown, example: unknown, path: string): void {
  if (sent === null || example === null) return;
  assert.equal(typeof sent, typeof example, path);
  if (typeof sent !== "object" || path.endsWith(".skipped")) return;
  for (const [name, member] of Object.entries(sent as object))
    assertAlike(member, (example as Record<string, unknown>)[name], `${path}.${name}`);
}

test("events of every type are sent as documented, signed, and once", async (t) => {
  const world = await setUp(t);
  await disabledAndEnabled(world);
  await openedAndClosed(world);
  await failedOften(world);
  await bulkRun(world, "acme");
  const examples = documented();
  const told = world.told();
  assert.deepEqual(new Set(told.map(({ type }) => type)), new Set(examples.keys()));
  for (const event of told) {
    assert.deepEqual(shapeOf(event), shapeOf(examples.get(event.type)), event.type);
    assertAlike(event, examples.get(event.type), event.type);
    operationalEvents
      .find(({ type }) => type === event.type)
      ?.schema.strict()
      .parse(event);
  }
  const { secret } = await world.endpoints.secret("posthorn", "alerts");
  for (const { body, headers } of world.sent())
    verify(body, headers, secret, { now: Number(headers["webhook-timestamp"]) * 1_000 });
  const { id, tenantId } = world.endpoint;
  const [disabled, enabled] = told;
  const about = { tenant_id: tenantId, tenant_uid: "acme", endpoint_id: id, endpoint_uid: "main" };
  assert.deepEqual(disabled?.data, {
    ...about,
    ...{ reason: "they asked for it", actor: "jo", failing_since: null },
  });
  assert.deepEqual(enabled?.data, { ...about, reason: "they have repaired it", actor: "jo" });
});

test("an endpoint that answers 410 is reported with the reason, and as nobody's doing", async (t) => {
  const { answers, send, settle, told } = await setUp(t);
  answers.hook = 410;
  await send(1);
  await settle();
  const event = told().find(({ type }) => type === "posthorn.endpoint.disabled");
  assert.ok(event?.type === "posthorn.endpoint.disabled");
  assert.match(String(event.data.reason), /410/);
  assert.equal(event.data.actor, null);
});

test("what happens to the operators' own endpoints is never reported", async (t) => {
  const world = await setUp(t);
  const { endpoints, answers, settle, told, sent } = world;
  await endpoints.create("posthorn", { uid: "other", url: HOOK });
  await endpoints.disable("posthorn", "other");
  answers.alerts = 500;
  for (let n = 0; n < 11; n++) await disabledAndEnabled(world);
  await settle();
  assert.equal((await endpoints.health("posthorn", "alerts")).breaker, "open");
  const tries = sent().length;
  answers.alerts = 200;
  await settle("1h");
  await settle("1h");
  const types = new Set(
    told()
      .slice(tries)
      .map(({ type }) => type),
  );
  assert.deepEqual(types, new Set(["posthorn.endpoint.disabled", "posthorn.endpoint.enabled"]));
  for (const { data } of told()) assert.ok("tenant_uid" in data && data.tenant_uid === "acme");
});

test("the failing deliveries of one endpoint, however many, make one event in ten minutes, which counts them", async (t) => {
  const world = await setUp(t, { failures: 1_000 });
  const { posthorn, endpoints, endpoint, answers, settle, send, told } = world;
  await endpoints.patch("acme", "main", { retry: { attempts: 1 } });
  const here: unknown[] = [];
  posthorn.on("delivery.exhausted", ({ endpointId, attempts }) => here.push([endpointId, attempts]));
  answers.hook = 500;
  const counts = () => told().map(({ data }) => ("deliveries" in data ? data.deliveries : assert.fail()));
  await send(30);
  await until("they are told", async () => counts().length > 0 || settle());
  assert.deepEqual(counts(), [30]);
  for (const some of [4, 1]) {
    await send(some);
    await settle();
  }
  await settle("500s");
  assert.deepEqual(counts(), [30], "the others not yet");
  await settle("100s");
  await until("they are told, too", async () => counts().length > 1 || settle());
  assert.deepEqual(counts(), [30, 5]);
  await settle("600s");
  await settle("600s");
  assert.deepEqual(counts(), [30, 5], "nothing is reported that did not happen");
  assert.deepEqual(new Set(told().map(({ type }) => type)), new Set(["posthorn.delivery.exhausted"]));
  assert.deepEqual(here, Array(35).fill([endpoint.id, 1]), "within the process each is told");
});

test("one that cannot be reported now does not hold up the others, and is reported later", async (t) => {
  const { posthorn, endpoints, endpoint, settle, told } = await setUp(t);
  await endpoints.create("acme", { uid: "other", url: HOOK });
  await endpoints.disable("acme", "main");
  await endpoints.disable("acme", "other");
  const away = t.mock.method(storeOf(posthorn).endpointHealth, "get", async (_: string, id: string) =>
    id === endpoint.id ? assert.fail("it cannot be read") : undefined,
  );
  await settle();
  const uids = () => told().map(({ data }) => "endpoint_uid" in data && data.endpoint_uid);
  assert.deepEqual(uids(), ["other"]);
  away.mock.restore();
  await settle();
  assert.deepEqual(uids(), ["other", "main"]);
});

test("without an endpoint to tell, nothing is kept", async (t) => {
  const world = await setUp(t, { heard: false });
  await disabledAndEnabled(world);
  await openedAndClosed(world);
  await world.endpoints.create("posthorn", { url: ALERTS });
  await world.settle();
  assert.deepEqual(world.told(), []);
});

test("nobody else sends to the reserved tenant, and it is in no list of customers", async (t) => {
  const { posthorn, endpoint } = await setUp(t);
  const { tenants } = posthorn.webhooks;
  const { id } = await tenants.get("posthorn");
  const isRefused = (error: unknown) =>
    error instanceof InvalidInputError && /operational/.test(error.message);
  for (const tenant of ["posthorn", id])
    await assert.rejects(posthorn.webhooks.send({ tenant, type: "a", payload: 1 }), isRefused);
  assert.deepEqual(
    (await tenants.list()).data.map(({ uid }) => uid),
    ["acme"],
  );
  await assert.rejects(tenants.patch("posthorn", { uid: "mine" }), isRefused);
  await assert.rejects(tenants.patch(endpoint.tenantId, { uid: "posthorn" }), InvalidInputError);
  await tenants.delete("posthorn");
  await assert.rejects(posthorn.webhooks.send({ tenant: "posthorn", type: "a", payload: 1 }), isRefused);
  await assert.rejects(tenants.create({ uid: "posthorn", mode: "test" }), /test mode/);
});

test("keys that do not see all tenants cannot see them either, and no key sends to the reserved tenant", async (t) => {
  const { posthorn } = await setUp(t);
  const { id: tenant } = await posthorn.webhooks.tenants.get("acme");
  const keys = new Keys(storeOf(posthorn).keys, posthorn.clock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: posthorn.clock });
  const keyOf = async (options: NewKey) => (await keys.create(options)).token;
  const asked = async (key: string, path: string, body: unknown) =>
    (
      await app.fetch(
        new Request(`http://posthorn.test${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      )
    ).status;
  const register = (key: string) => asked(key, "/tenants/posthorn/endpoints", { url: ALERTS });
  const all = await keyOf({ name: "all", role: "manage" });
  const one = await keyOf({ name: "one", role: "manage", tenant });
  const tests = await keyOf({ name: "tests", role: "manage", mode: "test" });
  const sender = await keyOf({ name: "sender", role: "send" });
  assert.deepEqual([await register(all), await register(one), await register(tests)], [201, 404, 404]);
  await posthorn.webhooks.tenants.delete("posthorn");
  assert.equal(await register(tests), 422);
  assert.equal(await asked(sender, "/webhooks/events", { tenant: "posthorn", type: "a", payload: 1 }), 422);
  await assert.rejects(
    posthorn.webhooks.importEndpoints({ tenants: [{ uid: "posthorn", mode: "test", endpoints: [] }] }),
    InvalidInputError,
  );
});
