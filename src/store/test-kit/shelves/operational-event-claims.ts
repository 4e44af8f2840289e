import assert from "node:assert/strict";
import { newId } from "../../../core/id.ts";
import type { OperationalEvent } from "../../shelves/operational-events.ts";
import { NOW, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newHealth, newTenant } from "./registered.ts";

const BY = { actor: null, reason: null };
const LATER = NOW + 1_000;

function newTold(fields: Partial<OperationalEvent> = {}): OperationalEvent {
  const about = { type: "posthorn.endpoint.disabled", tenant: "app_a", endpoint: "ep_a", data: '{"a":1}' };
  return { key: newId("op"), ...about, n: null, at: NOW, dueAt: NOW, ...fields };
}

export function operationalEventClaims(states: StoreClaim): void {
  states(
    "what operators are told is written with the change that it reports, or not at all",
    async (store) => {
      const tenant = newTenant();
      await store.tenants.create(tenant);
      const endpoint = await store.endpoints.create(newEndpoint(tenant.id));
      assert.ok(typeof endpoint === "object");
      const shelf = store.operationalEvents;
      const [won, lost, saved, late] = [newTold(), newTold(), newTold(), newTold()];
      const entry = (at: number) =>
        store.audit.entry({
          ...{ id: newId("adt"), at, actor: "jo", actorId: null, role: null, via: "library", ip: null },
          ...{ action: "endpoint.disable", target: endpoint.id, tenant: tenant.id, change: "{}", note: null },
          requestId: null,
        });
      const change = (told: OperationalEvent) =>
        store.endpoints.change({ ...endpoint, status: "disabled" }, {}, BY, entry(NOW), shelf.writing(told));
      assert.notEqual(await change(won), "stale");
      assert.equal(await change(lost), "stale");
      const health = newHealth(endpoint);
      assert.ok(await store.endpointHealth.save(health, shelf.writing(saved)));
      assert.equal(await store.endpointHealth.save(health, shelf.writing(late)), undefined);
      assert.deepEqual(new Set(await shelf.due(NOW, 10)), new Set([won, saved]));
      const page = { limit: 10, order: "ascending", tenant: tenant.id } as const;
      assert.equal((await store.audit.list(page)).rows.length, 1, "the entry of the audit likewise");
    },
  );

  states("one that is reported by itself is then forgotten, and taken once", async (store, opened) => {
    const told = newTold();
    await store.operationalEvents.add([told, newTold({ dueAt: LATER })]);
    const other = await opened.another();
    assert.deepEqual(await other.operationalEvents.due(NOW, 10), [told]);
    await store.operationalEvents.take(told, LATER);
    await other.operationalEvents.take(told, LATER);
    assert.deepEqual(await store.operationalEvents.due(NOW, 10), []);
    assert.equal((await store.operationalEvents.due(LATER, 10)).length, 1);
    assert.equal(
      (await store.operationalEvents.due(NOW - 86_400_000, 10)).length,
      1,
      "the clock was set back",
    );
  });

  states(
    "those that add up are reported together, and hold back the next ones for a while",
    async (store) => {
      const shelf = store.operationalEvents;
      const some = newTold({ key: "posthorn.delivery.failing.ep_a", n: 2 });
      await shelf.add([some]);
      await shelf.add([{ ...some, n: 3, data: '{"a":2}', at: NOW + 1, dueAt: NOW + 5 }]);
      const [first] = await shelf.due(NOW, 10);
      assert.deepEqual(first, { ...some, n: 5, data: '{"a":2}', at: NOW + 1 });
      await shelf.add([{ ...some, n: 1, data: '{"a":3}' }]);
      await shelf.take(first, LATER);
      assert.deepEqual(await shelf.due(LATER - 1, 10), []);
      const [next] = await shelf.due(LATER, 10);
      assert.deepEqual(
        next,
        { ...some, n: 1, data: '{"a":3}', dueAt: LATER },
        "what came in the meantime is reported later",
      );
      await shelf.take(next, LATER + 1_000);
      const [none] = await shelf.due(LATER + 1_000, 10);
      assert.equal(none?.n, 0);
      await shelf.add([{ ...some, n: 1 }]);
      await shelf.take(none, LATER + 2_000);
      const [kept] = await shelf.due(LATER + 1_000, 10);
      assert.equal(kept?.n, 1, "none is forgotten that came after the look");
      await shelf.take(kept, LATER + 2_000);
      const [last] = await shelf.due(LATER + 2_000, 10);
      assert.ok(last);
      await shelf.take(last, LATER + 3_000);
      assert.deepEqual(await shelf.due(LATER + 9_000, 10), [], "one that no more was added to is forgotten");
    },
  );
}
