import assert from "node:assert/strict";
import type { Slice } from "../../shelves/tables/keyset.ts";
import type { Tenant } from "../../shelves/tenants.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newHealth, newTenant } from "./registered.ts";

const ids = ({ rows, hasMore }: Slice<{ readonly id: string }>) => [rows.map(({ id }) => id), hasMore];

export function tenantClaims(states: StoreClaim): void {
  states("a tenant is found by its id and by its uid, as it was created", async (store) => {
    const full = newTenant({ uid: "acme.1", metadata: '{"plan":"gold"}', limits: "{}", mode: "test" });
    const plain = newTenant();
    assert.deepEqual(await store.tenants.create(full), full);
    await store.tenants.create(plain);
    assert.deepEqual(await store.tenants.get(full.id), full);
    assert.deepEqual(await store.tenants.get("acme.1"), full);
    assert.deepEqual(await store.tenants.get(plain.id), plain);
    assert.equal(await store.tenants.get("other"), undefined);
    assert.equal(await store.tenants.get(newTenant().id), undefined);
  });

  states("of tenants created at once with the same uid, one is", async (store, opened) => {
    const other = await opened.another();
    const tenants = Array.from({ length: 4 }, () => newTenant({ uid: "acme" }));
    const created = await Promise.all(
      tenants.map((each, at) => (at % 2 ? store : other).tenants.create(each)),
    );
    const [one, ...more] = created.filter((each) => each !== undefined);
    assert.deepEqual(more, []);
    assert.deepEqual(await store.tenants.get("acme"), one);
  });

  states("tenants are listed in both orders and both directions, of one mode or of all", async (store) => {
    const tenants = Array.from({ length: 5 }, (_, at) => newTenant({ mode: at === 2 ? "test" : "live" }));
    for (const tenant of tenants) await store.tenants.create(tenant);
    const [a, b, c, d, e] = tenants.map(({ id }) => id);
    const list = async (order: "ascending" | "descending", rest: object = {}) =>
      ids(await store.tenants.list({ limit: 2, order, ...rest }));
    assert.deepEqual(await list("ascending"), [[a, b], true]);
    assert.deepEqual(await list("ascending", { after: b }), [[c, d], true]);
    assert.deepEqual(await list("ascending", { after: c }), [[d, e], false]);
    assert.deepEqual(await list("ascending", { before: d }), [[b, c], true]);
    assert.deepEqual(await list("ascending", { before: c }), [[a, b], false]);
    assert.deepEqual(await list("descending"), [[e, d], true]);
    assert.deepEqual(await list("descending", { after: d }), [[c, b], true]);
    assert.deepEqual(await list("descending", { before: b }), [[d, c], true]);
    assert.deepEqual(await list("ascending", { mode: "live", after: b }), [[d, e], false]);
    assert.deepEqual(await list("descending", { mode: "test" }), [[c], false]);
  });

  states("a tenant is changed as a whole, unless it was changed since it was read", async (store) => {
    const tenant = newTenant({ uid: "acme", limits: "{}" });
    await store.tenants.create(tenant);
    const wanted: Tenant = { ...tenant, uid: null, name: "New", limits: null, metadata: '{"a":"b"}' };
    const changed = await store.tenants.change(wanted, NOW);
    assert.deepEqual(
      changed,
      { ...wanted, updatedAt: NOW + 1 },
      "at a later time, even within a millisecond",
    );
    assert.equal(await store.tenants.change({ ...wanted, name: "Newer" }, NOW), "stale");
    assert.deepEqual(await store.tenants.get(tenant.id), changed);
    assert.equal(await store.tenants.get("acme"), undefined);
    const later = { ...wanted, updatedAt: NOW + HOUR };
    assert.deepEqual(await store.tenants.change(later, NOW + 1), later);
    assert.equal(await store.tenants.change(newTenant(), NOW), "stale", "there is none");
  });

  states("a change to the uid of another tenant is answered, and changes nothing", async (store) => {
    const [one, two] = [newTenant({ uid: "one" }), newTenant({ uid: "two" })];
    await store.tenants.create(one);
    await store.tenants.create(two);
    assert.equal(await store.tenants.change({ ...two, uid: "one" }, NOW), "taken");
    assert.deepEqual(await store.tenants.get("two"), two);
    const same = { ...two, name: "Two", updatedAt: NOW + SECOND };
    assert.deepEqual(await store.tenants.change(same, NOW), same, "its own uid is not another's");
  });

  states("a deleted tenant is not found, nor are its endpoints, and its uid is free", async (store) => {
    const tenant = newTenant({ uid: "acme" });
    await store.tenants.create(tenant);
    const [endpoint, other] = [newEndpoint(tenant.id, { uid: "a" }), newEndpoint(tenant.id)];
    await store.endpoints.create(endpoint);
    await store.endpoints.create(other);
    await store.endpointHealth.save(newHealth(endpoint));
    const deleted = { ...tenant, updatedAt: NOW + HOUR, deletedAt: NOW + HOUR };
    assert.deepEqual(await store.tenants.remove(tenant.id, NOW + HOUR), deleted);
    assert.equal(await store.tenants.remove(tenant.id, NOW + HOUR), undefined);
    assert.equal(await store.tenants.get(tenant.id), undefined);
    assert.equal(await store.tenants.get("acme"), undefined);
    assert.deepEqual((await store.tenants.list({ limit: 9, order: "ascending" })).rows, []);
    assert.equal(await store.endpoints.get(tenant.id, endpoint.id), undefined);
    assert.equal(await store.endpoints.countOf(tenant.id, 9), 0);
    assert.equal(await store.endpointHealth.get(tenant.id, endpoint.id), undefined);
    const known = await store.endpoints.known([endpoint, other]);
    assert.deepEqual(
      known.map(({ deletedAt, revision }) => [deletedAt, revision]),
      [
        [NOW + HOUR, 2],
        [NOW + HOUR, 2],
      ],
    );
    assert.deepEqual(await store.tenants.deletedWithUid("acme", NOW + HOUR), deleted);
    assert.equal(await store.tenants.deletedWithUid("acme", NOW + HOUR + 1), undefined);
    const next = newTenant({ uid: "acme" });
    assert.deepEqual(await store.tenants.create(next), next);
  });

  states(
    "deleted tenants and endpoints are forgotten in batches, with all that was kept of them",
    async (store) => {
      const by = { actor: null, reason: null };
      const [kept, gone, late] = [newTenant(), newTenant({ uid: "gone" }), newTenant({ uid: "late" })];
      const endpoints = [kept, kept, gone, late].map(({ id }) => newEndpoint(id));
      for (const tenant of [kept, gone, late]) await store.tenants.create(tenant);
      for (const endpoint of endpoints) await store.endpoints.create(endpoint);
      const [removed, live] = endpoints;
      await store.endpoints.remove(kept.id, removed?.id ?? "", by, NOW);
      await store.tenants.remove(gone.id, NOW);
      await store.tenants.remove(late.id, NOW + SECOND);
      const prune = (limit: number) =>
        Promise.all([store.endpoints.prune(NOW + SECOND, limit), store.tenants.prune(NOW + SECOND, limit)]);
      assert.deepEqual(await prune(1), [1, 1]);
      assert.deepEqual(await prune(9), [1, 0]);
      const known = await store.endpoints.known(endpoints);
      assert.deepEqual(known.map(({ tenant }) => tenant).sort(), [kept.id, late.id].sort());
      assert.ok(await store.endpoints.get(kept.id, live?.id ?? ""));
      assert.deepEqual(await store.endpoints.history(kept.id, removed?.id ?? "", { limit: 9 }), []);
      assert.equal(await store.tenants.deletedWithUid("gone", 0), undefined);
      assert.ok(await store.tenants.deletedWithUid("late", 0));
      assert.equal(await store.registry.versionOf(gone.id), 0);
      assert.ok(await store.registry.versionOf(late.id));
    },
  );
}
