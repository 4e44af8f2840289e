import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../src/core/clock.ts";
import { leasedJob } from "../src/engine/test-kit/leased-job.ts";
import { runContext } from "../src/engine/test-kit/run-context.ts";
import type { EndpointKey } from "../src/store/shelves/endpoints.ts";
import { openForTest } from "../src/store/sqlite/test-kit/scratch.ts";
import type { Store } from "../src/store/store.ts";
import { newEndpoint, newEventType, newTenant } from "../src/store/test-kit/shelves/registered.ts";
import { EndpointDeliveries } from "../src/webhooks/endpoints/endpoint-deliveries.ts";
import { KnownEndpoint, laneOf } from "../src/webhooks/registry/known-endpoint.ts";
import { Registry } from "../src/webhooks/registry/registry.ts";

const BY = { actor: null, reason: null };

/** A store that counts what is read of it. */
async function setUp(context: TestContext) {
  const store = await openForTest(context, { file: ":memory:" });
  const reads: Record<string, number> = {};
  /** What happens right before something is read. */
  const before: Record<string, () => Promise<unknown>> = {};
  const counted = <Part extends object>(name: string, part: Part): Part =>
    new Proxy(part, {
      get(target, member) {
        const value: unknown = Reflect.get(target, member);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          const key = `${name}.${String(member)}`;
          reads[key] = (reads[key] ?? 0) + 1;
          const read = () => Reflect.apply(value, target, given);
          const first = before[key];
          delete before[key];
          return first ? first().then(read) : read();
        };
      },
    });
  const clock = new ManualClock();
  const { registry, tenants, endpoints, eventTypes } = store;
  const shelves: Pick<Store, "registry" | "tenants" | "endpoints" | "eventTypes"> = {
    registry: counted("registry", registry),
    tenants: counted("tenants", tenants),
    endpoints: counted("endpoints", endpoints),
    eventTypes: counted("eventTypes", eventTypes),
  };
  const tenant = newTenant({ uid: "acme" });
  await tenants.create(tenant);
  const endpoint = newEndpoint(tenant.id);
  await endpoints.create(endpoint);
  const take = () => {
    const taken = { ...reads };
    for (const key of Object.keys(reads)) delete reads[key];
    return taken;
  };
  return { store, clock, tenant, endpoint, known: new Registry(shelves, clock), take, before };
}

test("a tenant is read once, by whichever name; nothing is read while nothing is asked for", async (context) => {
  const { known, tenant, endpoint, take } = await setUp(context);
  const [first, second] = await Promise.all([known.tenant("acme"), known.tenant("acme")]);
  assert.equal(first, second);
  assert.deepEqual(
    first?.endpoints.map(({ row }) => row.id),
    [endpoint.id],
  );
  assert.equal(await known.tenant(tenant.id), first);
  assert.equal(await known.tenant("acme"), first);
  const reads = take();
  assert.deepEqual([reads["tenants.get"], reads["endpoints.list"]], [1, 1]);
});

test("a tenant that is changed or deleted while it is read is not taken for what it was before", async (context) => {
  const { known, store, tenant, before } = await setUp(context);
  const changed = { ...tenant, name: "Acme Ltd", updatedAt: tenant.updatedAt + 1 };
  before["registry.versionOf"] = () => store.tenants.change(changed, tenant.updatedAt);
  const read = await known.tenant("acme");
  assert.equal(read?.tenant.name, "Acme Ltd");
  assert.equal(read.version, await store.registry.versionOf(tenant.id));

  known.forget(tenant.id);
  before["registry.versionOf"] = () => store.tenants.remove(tenant.id, 1);
  assert.equal(await known.tenant("acme"), undefined);

  const other = newTenant({ uid: "other" });
  await store.tenants.create(other);
  before["registry.versionOf"] = async () => {
    await store.tenants.remove(other.id, 1);
    await store.tenants.create(newTenant({ uid: "other", name: "the next one" }));
  };
  assert.equal((await known.tenant("other"))?.tenant.name, "the next one");
});

test("what another process changes is seen at the first use after half a second, and no other tenant is read again", async (context) => {
  const { known, store, clock, tenant, endpoint, take } = await setUp(context);
  const other = newTenant({ uid: "other" });
  await store.tenants.create(other);
  await known.tenant("acme");
  await known.tenant("other");
  take();
  await store.endpoints.change({ ...endpoint, url: "https://example.com/new" }, {}, BY);
  clock.advance(500);
  const again = await known.tenant("acme");
  assert.equal(again?.endpoints[0]?.row.url, "https://example.com/new");
  assert.equal((await known.tenant("other"))?.tenant.id, other.id);
  const reads = take();
  assert.deepEqual([reads["registry.version"], reads["tenants.get"]], [1, 1]);
  assert.equal((await known.tenant("acme"))?.version, await store.registry.versionOf(tenant.id));
});

test("endpoints are known by themselves, deleted ones too, and only as their own tenant's", async (context) => {
  const { known, store, clock, tenant, endpoint, take } = await setUp(context);
  const key = { tenant: tenant.id, id: endpoint.id };
  assert.equal(known.endpoint(tenant.id, endpoint.id), undefined);
  await known.load([key]);
  assert.equal(known.endpoint(tenant.id, endpoint.id)?.isDeleted, false);
  assert.equal(known.endpoint("app_other", endpoint.id), undefined);
  take();
  await known.load([key]);
  assert.equal(take()["endpoints.known"], undefined);
  await store.endpoints.remove(tenant.id, endpoint.id, BY, clock.now());
  clock.advance(500);
  await known.load([key]);
  assert.equal(known.endpoint(tenant.id, endpoint.id)?.isDeleted, true);
});

test("a change during a read is not lost: what was read before it is read again", async (context) => {
  const { known, store, clock, tenant, endpoint } = await setUp(context);
  const { tenants } = store;
  const get = tenants.get.bind(tenants);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  tenants.get = async (name) => {
    const found = await get(name);
    await gate;
    return found;
  };
  const reading = known.tenant("acme");
  await store.endpoints.change({ ...endpoint, url: "https://example.com/new" }, {}, BY);
  clock.advance(500);
  await known.refresh();
  open();
  await reading;
  const again = await known.tenant(tenant.id);
  assert.equal(again?.endpoints[0]?.row.url, "https://example.com/new");
});

test("an endpoint that changes whenever it is read is delivered to, and not taken for one that is gone", async (context) => {
  const { store, clock, tenant, endpoint } = await setUp(context);
  const endpoints = Object.create(store.endpoints, {
    known: {
      value: async (keys: readonly EndpointKey[]) => {
        const rows = await store.endpoints.known(keys);
        registry.forget(tenant.id);
        return rows;
      },
    },
  }) as Store["endpoints"]; // the store's own, but for this
  const registry: Registry = new Registry({ ...store, endpoints }, clock);
  const key = { tenant: tenant.id, id: endpoint.id };
  assert.equal((await registry.load([key])).get(endpoint.id)?.row.url, endpoint.url);
  assert.equal(registry.endpoint(tenant.id, endpoint.id), undefined, "it will be read again");
  const deliveries = new EndpointDeliveries({
    registry,
    exchange: { send: async () => ({ kind: "succeeded", result: "{}" }) },
    breakers: { isQuiet: () => true, admit: async () => undefined, succeeded() {}, failed() {} },
    disable: async () => {},
  });
  const job = leasedJob({ lane: laneOf(tenant.id, endpoint.id) });
  const event = {
    ...{
      id: "msg_1",
      tenant: tenant.id,
      type: "a",
      channels: null,
      tags: null,
      headers: null,
      eventId: null,
    },
    ...{ contentType: "application/json", payload: Buffer.from("{}"), jobs: 1, unsent: null, runAt: null },
    createdAt: 0,
  };
  const outcome = await deliveries.run(job, { ...runContext(new AbortController().signal), event });
  assert.equal(outcome.kind, "succeeded");
});

test("that an event type is not registered is remembered, until it is", async (context) => {
  const { known, store, clock, take } = await setUp(context);
  assert.equal(await known.eventType("a"), undefined);
  assert.equal(await known.eventType("a"), undefined);
  assert.equal(take()["eventTypes.get"], 1);
  await store.eventTypes.create(newEventType("a", { isArchived: true }));
  clock.advance(500);
  assert.equal((await known.eventType("a"))?.isArchived, true);
});

test("what was forgotten is read again at once", async (context) => {
  const { known, store, tenant, endpoint, take } = await setUp(context);
  await known.tenant("acme");
  await store.endpoints.change({ ...endpoint, status: "paused" }, {}, BY);
  known.forget(tenant.id);
  assert.equal((await known.tenant("acme"))?.endpoints[0]?.row.status, "paused");
  take();
  await known.tenant("acme");
  assert.equal(take()["tenants.get"], undefined);
});

test("what was seen to have changed before it was forgotten is known once it was read again", async (context) => {
  const { known, store, clock, tenant, endpoint } = await setUp(context);
  const key = { tenant: tenant.id, id: endpoint.id };
  await known.load([key]);
  await store.endpoints.change({ ...endpoint, status: "paused" }, {}, BY);
  clock.advance(500);
  await known.refresh(); // in between, as another request makes it
  known.forget(tenant.id);
  await known.load([key]);
  assert.equal(known.endpoint(tenant.id, endpoint.id)?.row.status, "paused");
});

test("more changes than are remembered make everything stale once", async (context) => {
  const { known, store, clock } = await setUp(context);
  await known.tenant("acme");
  for (let n = 0; n < 1_001; n++) await store.tenants.create(newTenant());
  const acme = await store.tenants.get("acme");
  assert.ok(acme);
  await store.tenants.change({ ...acme, name: "new", updatedAt: clock.now() }, acme.updatedAt);
  clock.advance(500);
  assert.equal((await known.tenant("acme"))?.tenant.name, "new");
});

function known(limits: object | null): Pick<KnownEndpoint, "limits" | "isOrdered"> {
  const row = newEndpoint("app_one", { limits: limits && JSON.stringify(limits) });
  return new KnownEndpoint(row, null);
}

test("an endpoint has limits only if it sets one: workers count the lanes of those that do", () => {
  const plain = known(null);
  const ordered = known({ ordered: true });
  const concurrency = known({ concurrency: 2 });
  const rate = { limit: 10, perMs: 1_000 };
  assert.deepEqual([plain.limits, plain.isOrdered], [undefined, false]);
  assert.deepEqual([ordered.limits, ordered.isOrdered], [undefined, true]);
  assert.deepEqual(concurrency.limits, { concurrency: 2 });
  assert.deepEqual(known({ rate, ordered: true }).limits, { rate, ordered: true });
});
