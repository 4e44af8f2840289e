import assert from "node:assert/strict";
import { HOUR, NOW, type StoreClaim } from "../store-under-test.ts";
import { newEventType } from "./registered.ts";

const FULL = {
  description: "für ☎",
  schemas: '{"1":{"type":"object"}}',
  enforce: "refuse",
  isDeprecated: true,
  featureFlags: '["beta"]',
  groupName: "invoices",
} as const;

export function eventTypeClaims(states: StoreClaim): void {
  states("an event type is found by its name, and created once", async (store) => {
    const type = newEventType("invoice.paid", FULL);
    assert.deepEqual(await store.eventTypes.create(type), type);
    assert.equal(await store.eventTypes.create(newEventType("invoice.paid")), undefined);
    assert.deepEqual(await store.eventTypes.get("invoice.paid"), type);
    assert.equal(await store.eventTypes.get("invoice"), undefined);
  });

  states("event types are listed by name, archived ones where they are asked for", async (store) => {
    for (const name of ["b.b", "a", "B", "c"])
      await store.eventTypes.create(newEventType(name, { isArchived: name === "a" }));
    const list = async (page: object, withArchived = true) => {
      const found = await store.eventTypes.list({ limit: 3, order: "ascending", withArchived, ...page });
      return [found.rows.map(({ name }) => name), found.hasMore];
    };
    assert.deepEqual(await list({}), [["B", "a", "b.b"], true]);
    assert.deepEqual(await list({ after: "b.b" }), [["c"], false]);
    assert.deepEqual(await list({ before: "b.b", limit: 1 }), [["a"], true]);
    assert.deepEqual(await list({}, false), [["B", "b.b", "c"], false]);
  });

  states("putting an event type creates it, or replaces all but when it was created", async (store) => {
    const type = newEventType("invoice.paid");
    assert.deepEqual(await store.eventTypes.put(type), { type, isNew: true });
    const wanted = { ...type, ...FULL, createdAt: NOW + HOUR, updatedAt: NOW + HOUR };
    const replaced = { ...wanted, createdAt: NOW };
    assert.deepEqual(await store.eventTypes.put(wanted), { type: replaced, isNew: false });
    assert.deepEqual(await store.eventTypes.get("invoice.paid"), replaced);
  });

  states("a change counts only for what was read, and never within the same moment", async (store) => {
    const type = newEventType("invoice.paid");
    await store.eventTypes.create(type);
    const archived = { ...type, isArchived: true };
    const changed = { ...archived, updatedAt: NOW + 1 };
    assert.deepEqual(await store.eventTypes.change(archived, NOW), changed);
    assert.equal(await store.eventTypes.change(type, NOW), undefined);
    assert.deepEqual(await store.eventTypes.get("invoice.paid"), changed);
  });

  states("a removed event type is gone", async (store) => {
    await store.eventTypes.create(newEventType("invoice.paid"));
    assert.equal(await store.eventTypes.remove("invoice.paid"), true);
    assert.equal(await store.eventTypes.remove("invoice.paid"), false);
    assert.equal(await store.eventTypes.get("invoice.paid"), undefined);
  });
}
