import assert from "node:assert/strict";
import type { Endpoint } from "../../shelves/endpoints.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newTenant } from "./registered.ts";

const BY = { actor: "key_a", reason: "by hand" };

async function tenantOf(store: Store): Promise<string> {
  const { id } = newTenant();
  await store.tenants.create(newTenant({ id }));
  return id;
}

async function created(store: Store, tenant: string, fields: Partial<Endpoint> = {}): Promise<Endpoint> {
  const endpoint = newEndpoint(tenant, fields);
  assert.deepEqual(await store.endpoints.create(endpoint), endpoint);
  return endpoint;
}

export function endpointClaims(states: StoreClaim): void {
  states("an endpoint is found by its id and its uid, of its own tenant alone", async (store) => {
    const [tenant, stranger] = [await tenantOf(store), await tenantOf(store)];
    const full = await created(store, tenant, {
      ...{ uid: "ep.1", description: "für ☎", eventTypes: '["invoice.*"]', channels: '["a"]', filter: "{}" },
      ...{
        metadata: '{"a":"b"}',
        headers: "v1.sealed",
        auth: '{"kind":"x"}',
        egress: "eu",
        headerStyle: "both",
        signature: "ed25519",
      },
      ...{ sendsEventType: false, timeoutMs: 5_000, retry: "{}", limits: "{}", verification: "{}" },
      ...{ status: "paused", statusReason: "it said so", statusActor: "key_a" },
    });
    assert.deepEqual(await store.endpoints.get(tenant, full.id), full);
    assert.deepEqual(await store.endpoints.get(tenant, "ep.1"), full);
    for (const id of [full.id, "ep.1"]) assert.equal(await store.endpoints.get(stranger, id), undefined);
    await created(store, stranger, { uid: "ep.1" });
  });

  states("a uid that is taken and a tenant that is gone are reported", async (store) => {
    const tenant = await tenantOf(store);
    await created(store, tenant, { uid: "a" });
    const second = await created(store, tenant, { uid: "b" });
    assert.equal(await store.endpoints.create(newEndpoint(tenant, { uid: "a" })), "taken");
    assert.equal(await store.endpoints.change({ ...second, uid: "a" }, {}, BY), "taken");
    assert.deepEqual(await store.endpoints.history(tenant, second.id, { limit: 9 }), []);
    await store.tenants.remove(tenant, NOW);
    assert.equal(await store.endpoints.create(newEndpoint(tenant)), "gone");
    assert.equal(await store.endpoints.create(newEndpoint(newTenant().id)), "gone");
  });

  states("a tenant's endpoints are listed and counted without those of others", async (store) => {
    const [tenant, stranger] = [await tenantOf(store), await tenantOf(store)];
    const [a, b, c] = [
      await created(store, tenant),
      await created(store, tenant),
      await created(store, tenant),
    ];
    await created(store, stranger);
    const page = { limit: 2, order: "descending" } as const;
    assert.deepEqual(await store.endpoints.list(tenant, page), {
      rows: [c, b],
      hasMore: true,
      searchedTo: null,
    });
    const next = await store.endpoints.list(tenant, { ...page, after: b.id });
    assert.deepEqual(next, { rows: [a], hasMore: false, searchedTo: null });
    assert.equal(await store.endpoints.countOf(tenant, 9), 3);
    assert.equal(await store.endpoints.countOf(tenant, 2), 2);
  });

  states(
    "a tenant has no more than it may, and a repeated request gets what the first one made",
    async (store) => {
      const tenant = await tenantOf(store);
      const [first, second, third] = [newEndpoint(tenant), newEndpoint(tenant), newEndpoint(tenant)];
      const submit = async (endpoint: Endpoint, key: string) => {
        const idempotency = { scope: "s", key, fingerprint: "f", expiresAt: NOW + HOUR };
        const submission = {
          jobs: [],
          ...store.endpoints.creating(endpoint, 2),
          makes: endpoint.id,
          idempotency,
        };
        const batch = {
          now: NOW,
          enqueues: [],
          submissions: [submission],
          settlements: [],
          claim: undefined,
        };
        const [submitted] = (await store.queue.commit(batch)).submitted;
        return [submitted?.kind, submitted?.made];
      };
      assert.deepEqual(await submit(first, "a"), ["created", first.id]);
      assert.deepEqual(await submit(second, "b"), ["created", second.id]);
      assert.equal((await submit(third, "c"))[0], "refused");
      assert.deepEqual(await submit(third, "b"), ["replayed", second.id]);
      assert.equal(await store.endpoints.countOf(tenant, 9), 2);
    },
  );

  states("many endpoints are read at once, deleted ones too, each of its tenant", async (store) => {
    const [tenant, stranger] = [await tenantOf(store), await tenantOf(store)];
    const endpoints: Endpoint[] = [];
    for (let n = 0; n < 40; n++) endpoints.push(await created(store, n % 2 ? tenant : stranger));
    const [first] = endpoints;
    assert.ok(first);
    await store.endpoints.remove(stranger, first.id, BY, NOW);
    const found = await store.endpoints.known(endpoints);
    assert.deepEqual(found.map(({ id }) => id).sort(), endpoints.map(({ id }) => id).sort());
    assert.deepEqual(
      found.filter(({ deletedAt }) => deletedAt !== null).map(({ id }) => id),
      [first.id],
    );
    const swapped = endpoints.map(({ id, tenant: of }) => ({
      id,
      tenant: of === tenant ? stranger : tenant,
    }));
    assert.deepEqual(await store.endpoints.known(swapped), []);
    assert.deepEqual(await store.endpoints.known([]), []);
  });

  states("what is known of an endpoint includes its tenant's limits", async (store) => {
    const limited = newTenant({ limits: '{"concurrency":3}' });
    await store.tenants.create(limited);
    const endpoints = [await created(store, limited.id), await created(store, await tenantOf(store))];
    const found = await store.endpoints.known(endpoints);
    const limits = new Map(found.map(({ id, tenantLimits }) => [id, tenantLimits]));
    assert.deepEqual(
      endpoints.map(({ id }) => limits.get(id)),
      ['{"concurrency":3}', null],
    );
  });

  states(
    "a change counts only for the revision that was read, and is in the history",
    async (store, opened) => {
      const tenant = await tenantOf(store);
      const endpoint = await created(store, tenant);
      const other = await opened.another();
      const wanted = { ...endpoint, url: "https://example.com/new", updatedAt: NOW + SECOND };
      const change = { url: [endpoint.url, wanted.url] } as const;
      const versions = await Promise.all(
        [store, other].map((each) => each.endpoints.change(wanted, change, BY)),
      );
      const changed = { ...wanted, revision: 2 };
      assert.deepEqual(
        versions.filter((each) => each !== "stale"),
        [changed],
      );
      assert.deepEqual(await store.endpoints.get(tenant, endpoint.id), changed);
      const entry = { endpoint: endpoint.id, revision: 2, tenant, at: NOW + SECOND, ...BY };
      const entries = [{ ...entry, change: JSON.stringify(change) }];
      assert.deepEqual(await store.endpoints.history(tenant, endpoint.id, { limit: 9 }), entries);
      assert.deepEqual(await store.endpoints.history(newTenant().id, endpoint.id, { limit: 9 }), []);
      const foreign = { ...changed, tenant: newTenant().id };
      assert.equal(await store.endpoints.change(foreign, {}, BY), "stale");
    },
  );

  states("the last hundred changes are kept, newest first", async (store) => {
    const tenant = await tenantOf(store);
    let endpoint = await created(store, tenant);
    for (let n = 0; n < 103; n++) {
      const changed = await store.endpoints.change(endpoint, { n: [n, n + 1] }, BY);
      assert.ok(typeof changed === "object");
      endpoint = changed;
    }
    const revisions = async (before?: number) => {
      const entries = await store.endpoints.history(tenant, endpoint.id, { limit: 60, before });
      return entries.map(({ revision }) => revision);
    };
    const [newest, rest] = [await revisions(), await revisions(45)];
    assert.deepEqual([newest[0], newest.at(-1), newest.length], [104, 45, 60]);
    assert.deepEqual([rest[0], rest.at(-1), rest.length], [44, 5, 40]);
  });

  states("a deleted endpoint is not found, its uid is free, and its history says so", async (store) => {
    const tenant = await tenantOf(store);
    const endpoint = await created(store, tenant, { uid: "a" });
    assert.equal(await store.endpoints.remove(newTenant().id, endpoint.id, BY, NOW + HOUR), undefined);
    const removed = await store.endpoints.remove(tenant, endpoint.id, BY, NOW + HOUR);
    assert.deepEqual(removed, {
      ...endpoint,
      updatedAt: NOW + HOUR,
      deletedAt: NOW + HOUR,
      revision: 2,
    });
    assert.equal(await store.endpoints.remove(tenant, endpoint.id, BY, NOW + HOUR), undefined);
    for (const id of [endpoint.id, "a"]) assert.equal(await store.endpoints.get(tenant, id), undefined);
    assert.equal(await store.endpoints.change({ ...endpoint, revision: 2 }, {}, BY), "stale");
    const history = await store.endpoints.history(tenant, endpoint.id, { limit: 9 });
    assert.deepEqual(
      history.map(({ revision, at, actor, change }) => [revision, at, actor, JSON.parse(change)]),
      [[2, NOW + HOUR, "key_a", { deleted_at: [null, NOW + HOUR] }]],
    );
    await created(store, tenant, { uid: "a" });
  });

  states(
    "what an endpoint's breaker did is in its history, unless the endpoint was deleted",
    async (store) => {
      const tenant = await tenantOf(store);
      const endpoint = await created(store, tenant);
      const change = { breaker: ["closed", "open"] } as const;
      const before = await store.registry.version();
      await store.endpoints.note(endpoint, change, BY, NOW);
      await store.endpoints.note({ ...endpoint, tenant: newTenant().id }, change, BY, NOW);
      assert.equal(await store.registry.version(), before, "nobody has to read it again");
      const noted = { ...endpoint, revision: endpoint.revision + 1 };
      assert.deepEqual(await store.endpoints.get(tenant, endpoint.id), noted);
      const [entry, ...others] = await store.endpoints.history(tenant, endpoint.id, { limit: 9 });
      const told = { endpoint: endpoint.id, tenant, revision: noted.revision, at: NOW, ...BY };
      assert.deepEqual([entry, others.length], [{ ...told, change: JSON.stringify(change) }, 0]);
      assert.equal(await store.endpoints.change(endpoint, {}, BY), "stale");
      await store.endpoints.remove(tenant, endpoint.id, BY, NOW);
      await store.endpoints.note(endpoint, change, BY, NOW);
      assert.equal((await store.endpoints.history(tenant, endpoint.id, { limit: 9 })).length, 2);
    },
  );

  states("the endpoints that went with their tenant are found, and no others", async (store) => {
    const tenant = await tenantOf(store);
    const [gone, a, b] = [
      await created(store, tenant),
      await created(store, tenant),
      await created(store, tenant),
    ];
    await store.endpoints.remove(tenant, gone.id, BY, NOW - SECOND);
    assert.deepEqual(await store.endpoints.removedWith(tenant, NOW, "", 9), []);
    await store.tenants.remove(tenant, NOW);
    const removed = async (after: string, limit: number) =>
      (await store.endpoints.removedWith(tenant, NOW, after, limit)).map(({ id }) => id);
    assert.deepEqual([await removed("", 1), await removed(a.id, 9)], [[a.id], [b.id]]);
    assert.deepEqual(await store.endpoints.removedWith(newTenant().id, NOW, "", 9), []);
  });
}
