import assert from "node:assert/strict";
import { firstIdAt, newId } from "../../../core/id.ts";
import type { AuditEntry } from "../../shelves/audit.ts";
import type { Store } from "../../store.ts";
import { NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newTenant } from "./registered.ts";

const BY = { actor: null, reason: null };

/** A new id's moment may be later than the clock's, where younger ones were made before. */
let made = 0;

function newEntry(fields: Partial<AuditEntry> = {}): AuditEntry {
  const at = fields.at ?? NOW;
  return {
    id: `${firstIdAt("adt", at).slice(0, -3)}${String(++made).padStart(3, "0")}`,
    at,
    ...{ actor: "ops", actorId: "key_1", role: "manage", via: "api", ip: "192.0.2.7" },
    ...{ action: "endpoint.update", target: "ep_1", tenant: "app_1", change: '{"url":["a","b"]}' },
    ...{ note: "they moved", requestId: "req-1" },
    ...fields,
  };
}

const FIRST = { limit: 50, order: "descending" } as const;

async function idsOf(store: Store, page: Partial<Parameters<Store["audit"]["list"]>[0]> = {}) {
  return (await store.audit.list({ ...FIRST, ...page })).rows.map(({ id }) => id);
}

export function auditClaims(states: StoreClaim): void {
  states("an entry of the audit is written with the change that it records, or not at all", async (store) => {
    const tenant = newTenant({ uid: "acme" });
    const entry = newEntry({ action: "tenant.create", target: tenant.id, tenant: tenant.id });
    assert.ok(await store.tenants.create(tenant, store.audit.entry(entry)));
    assert.deepEqual((await store.audit.list(FIRST)).rows, [entry]);
    const again = newTenant({ uid: tenant.uid });
    assert.equal(await store.tenants.create(again, store.audit.entry(newEntry())), undefined);

    const endpoint = newEndpoint(tenant.id);
    const created = await store.endpoints.create(endpoint);
    assert.ok(typeof created === "object");
    const [won, lost, gone] = [newEntry(), newEntry(), newEntry()];
    await store.endpoints.change({ ...created, url: "https://b.example/" }, {}, BY, store.audit.entry(won));
    const late = await store.endpoints.change(created, {}, BY, store.audit.entry(lost));
    assert.equal(late, "stale");
    assert.ok(await store.endpoints.remove(tenant.id, endpoint.id, BY, NOW, store.audit.entry(gone)));
    assert.equal(
      await store.endpoints.remove(tenant.id, endpoint.id, BY, NOW, store.audit.entry(newEntry())),
      undefined,
    );
    assert.equal(await store.schedules.remove("none", store.audit.entry(newEntry())), false);
    assert.equal(await store.byHand.cancel(newId("job"), NOW, store.audit.entry(newEntry())), undefined);
    assert.deepEqual(await idsOf(store), [gone.id, won.id, entry.id]);
  });

  states(
    "entries are found by tenant, target, actor, action and time, and paged both ways",
    async (store) => {
      const entries = [
        newEntry({ at: NOW }),
        newEntry({ at: NOW + SECOND, tenant: "app_2", actor: "ana", actorId: null }),
        newEntry({ at: NOW + 2 * SECOND, action: "endpoint.delete", target: "ep_2" }),
        newEntry({ at: NOW + 3 * SECOND, tenant: null, target: "key_9", note: null, ip: null, role: null }),
      ];
      for (const entry of entries) await store.audit.add(entry);
      const [a, b, c, d] = entries.map(({ id }) => id);
      assert.deepEqual(await idsOf(store), [d, c, b, a]);
      assert.deepEqual(await idsOf(store, { tenant: "app_1" }), [c, a]);
      assert.deepEqual(await idsOf(store, { tenant: "app_1", target: "ep_2" }), [c]);
      assert.deepEqual(await idsOf(store, { target: "ep_1" }), [b, a]);
      assert.deepEqual(await idsOf(store, { actor: "ana" }), [b]);
      assert.deepEqual(await idsOf(store, { actor: "key_1", actions: ["endpoint.update"] }), [d, a]);
      assert.deepEqual(await idsOf(store, { actions: ["endpoint.delete", "endpoint.update"] }), [d, c, b, a]);
      assert.deepEqual(await idsOf(store, { actions: ["key.create", "endpoint.delete"] }), [c]);
      for (const actions of [
        [],
        ["endpoint.delet_"],
        ["Endpoint.Delete"],
        ["x,,endpoint.delete"],
        ["delete"],
      ])
        assert.deepEqual(await idsOf(store, { actions }), [], actions[0]);
      assert.deepEqual(await idsOf(store, { since: NOW + SECOND, until: NOW + 3 * SECOND }), [c, b]);
      assert.deepEqual(await idsOf(store, { limit: 2, after: d }), [c, b]);
      assert.deepEqual(await idsOf(store, { limit: 2, before: b }), [d, c]);
    },
  );

  states("what was done before a moment is forgotten, the oldest first", async (store) => {
    for (const seconds of [0, 1, 2, 3]) await store.audit.add(newEntry({ at: NOW + seconds * SECOND }));
    assert.equal(await store.audit.prune(NOW + 3 * SECOND, 2), 2);
    assert.equal(await store.audit.prune(NOW + 3 * SECOND, 2), 1);
    assert.equal((await idsOf(store)).length, 1);
  });
}
