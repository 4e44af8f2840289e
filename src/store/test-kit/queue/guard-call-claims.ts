import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { newId } from "../../../core/id.ts";
import { EventKeys, taking } from "../../shelves/event-keys.ts";
import { advancing, Fanouts, finishing, insertion as writing } from "../../shelves/fanouts.ts";
import { guardOf, Registry } from "../../shelves/registry.ts";
import type { Session } from "../../shelves/tables/session.ts";
import { insertion as creating, Tenants } from "../../shelves/tenants.ts";
import { newTenant } from "../shelves/registered.ts";
import { NOW } from "../store-under-test.ts";

/** Statements that decide whether a submission is accepted, by giving a row or none. */
export function guardCallClaims(open: (context: TestContext) => Promise<Session>): void {
  test("a guard holds only while the scope has the version", async (context) => {
    const session = await open(context);
    const tenants = new Tenants(session);
    const tenant = newTenant();
    const holds = async (version: number) => (await session.read(guardOf(tenant.id, version))).length === 1;
    assert.deepEqual([await holds(0), await holds(1)], [true, false]);
    await tenants.create(tenant);
    assert.deepEqual([await holds(0), await holds(1)], [false, true]);
    await tenants.create(newTenant());
    assert.deepEqual([await holds(1), await holds(2)], [true, false], "another tenant is another scope");
  });

  test("an event key is taken once, and only while the scope has the version", async (context) => {
    const session = await open(context);
    const tenant = newTenant();
    const key = { tenant: tenant.id, eventId: "e.1", event: newId("msg"), fingerprint: "f", createdAt: NOW };
    const take = async (each: typeof key, version: number) =>
      (await session.write(taking(each, tenant.id, version)))[0];
    assert.deepEqual(await take(key, 1), []);
    assert.deepEqual(await take(key, 0), [key]);
    assert.deepEqual(await take({ ...key, event: newId("msg") }, 0), []);
    const keys = new EventKeys(session);
    assert.deepEqual(await keys.get(tenant.id, "e.1"), key);
    assert.equal(await keys.get(newTenant().id, "e.1"), undefined);
    await new Tenants(session).create(tenant);
    assert.deepEqual(await take({ ...key, eventId: "e.2" }, 0), []);
  });

  test("an event's tenant is created where its uid is free, and moves no version", async (context) => {
    const session = await open(context);
    const tenant = newTenant({ uid: "acme", madeBy: "event" });
    assert.deepEqual(await session.write(creating(tenant)), [[tenant]]);
    assert.deepEqual(await session.write(creating(newTenant({ uid: "acme" }))), [[]]);
    assert.equal(await new Registry(session).version(), 0);
  });

  test("a fan-out is moved on and ended only from where it stands", async (context) => {
    const session = await open(context);
    const fanouts = new Fanouts(session);
    const [event, later] = [newId("msg"), newId("msg")];
    const fanout = {
      event,
      tenant: "app_a",
      endpoints: '["ep_a"]',
      cursor: 0,
      runAt: null,
      tags: null,
      createdAt: NOW,
    };
    await session.write(writing({ ...fanout, event: later, runAt: NOW }), writing(fanout));
    assert.deepEqual(
      (await fanouts.next(null, 9)).map((each) => each.event),
      [event, later],
    );
    assert.deepEqual(await fanouts.next(null, 1), [fanout]);
    assert.deepEqual(
      (await fanouts.next(event, 9)).map((each) => each.event),
      [later],
    );
    assert.deepEqual(await fanouts.among([newId("msg"), later]), new Set([later]));
    assert.deepEqual(await session.write(advancing(event, 0, 500)), [[{ event }]]);
    assert.deepEqual(await session.write(advancing(event, 0, 500)), [[]]);
    assert.deepEqual(await session.write(finishing(event, 0)), [[]]);
    assert.deepEqual(await session.write(finishing(event, 500)), [[{ event }]]);
    assert.deepEqual(await fanouts.next(null, 1), [{ ...fanout, event: later, runAt: NOW }]);
  });
}
