import assert from "node:assert/strict";
import { KEYS_SCOPE, TYPES_SCOPE } from "../../shelves/registry.ts";
import { NOW, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newEventType, newTenant } from "./registered.ts";

export function registryClaims(states: StoreClaim): void {
  states("each change moves the version, and is reported with its scope, in order", async (store, opened) => {
    const other = await opened.another();
    assert.equal(await other.registry.version(), 0);
    const tenant = newTenant();
    await store.tenants.create(tenant);
    assert.equal(await other.registry.version(), 1);
    await store.eventTypes.create(newEventType("invoice.paid"));
    await store.endpoints.create(newEndpoint(tenant.id));
    assert.equal(await other.registry.version(), 3);
    assert.deepEqual(await other.registry.changedSince(0, 9), [
      { scope: TYPES_SCOPE, version: 2 },
      { scope: tenant.id, version: 3 },
    ]);
    assert.deepEqual(await other.registry.changedSince(0, 1), [{ scope: TYPES_SCOPE, version: 2 }]);
    assert.deepEqual(await other.registry.changedSince(3, 9), []);
    assert.equal(await other.registry.versionOf(tenant.id), 3);
    assert.equal(await other.registry.versionOf(newTenant().id), 0);
  });

  states("changes made at once by two processes each get a version of their own", async (store, opened) => {
    const other = await opened.another();
    const tenants = Array.from({ length: 10 }, () => newTenant());
    await Promise.all(tenants.map((tenant, at) => (at % 2 ? store : other).tenants.create(tenant)));
    assert.equal(await store.registry.version(), 10);
    const changed = await store.registry.changedSince(0, 99);
    assert.deepEqual(
      changed.map(({ version }) => version),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(changed.map(({ scope }) => scope).sort(), tenants.map(({ id }) => id).sort());
  });

  states("what is imported moves the scopes that it belongs to", async (store, opened) => {
    const tenant = newTenant();
    await store.tenants.create(tenant);
    await store.endpoints.create(newEndpoint(tenant.id));
    await store.eventTypes.create(newEventType("invoice.paid"));
    const key = {
      id: "key_a",
      name: "a",
      role: "send",
      hash: "ab",
      createdAt: NOW,
      revokedAt: null,
      tenant: null,
      mode: null,
      payloads: null,
      expiresAt: null,
      lastUsedAt: null,
    } as const;
    await store.keys.add(key);
    const target = await opened.empty();
    for (const kind of ["endpoint", "event_type", "api_key"] as const)
      await target.transfer.add(kind, await store.transfer.page(kind, null, 9), NOW);
    const changed = await target.registry.changedSince(0, 9);
    assert.deepEqual(
      changed.map(({ scope }) => scope),
      [tenant.id, TYPES_SCOPE, KEYS_SCOPE],
    );
  });
}
