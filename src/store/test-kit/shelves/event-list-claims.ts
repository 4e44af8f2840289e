import assert from "node:assert/strict";
import { firstIdAt } from "../../../core/id.ts";
import type { Event, EventPage } from "../../shelves/events.ts";
import type { Call } from "../../shelves/tables/session.ts";
import type { Store } from "../../store.ts";
import { DAY, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { commit } from "../stored-jobs.ts";
import { newEvent } from "./event-claims.ts";
import { newBulkRun, newTenant } from "./registered.ts";

async function accept(store: Store, events: readonly Event[]): Promise<void> {
  await commit(store, { submissions: events.map((event) => ({ event, jobs: [] })) });
}

/** How many payloads a bulk run's step erases. */
async function erased(store: Store, erase: Call<unknown>): Promise<number | undefined> {
  const run = newBulkRun();
  await commit(store, { submissions: [{ jobs: [], guard: store.bulkRuns.insertion(run) }] });
  const guard = store.bulkRuns.advancing(run, NOW);
  const record = () => store.bulkRuns.recording(run);
  return (await store.bulkJobs.change({ bulk: run.id, guard, record, erase }, NOW))?.erased;
}

const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

export function eventListClaims(states: StoreClaim): void {
  states("an event is found by its id, of its own tenant alone", async (store) => {
    const full = { eventId: "e.1", jobs: 3, unsent: '{"counts":{}}', runAt: NOW + DAY };
    const event = newEvent(full);
    await accept(store, [event]);
    const found = await store.events.find(event.tenant, event.id);
    assert.deepEqual(found && { ...found, payload: Uint8Array.from(found.payload ?? []) }, event);
    assert.equal(await store.events.find("app_other", event.id), undefined);
    assert.equal(await store.events.find(event.tenant, newEvent().id), undefined);
    assert.equal(await store.events.find(event.tenant, "e.1"), undefined, "no key was taken");
  });

  states("a tenant's events are listed newest first, in both directions, without payloads", async (store) => {
    const events = Array.from({ length: 5 }, (_, at) => newEvent({ createdAt: NOW + at * SECOND }));
    await accept(store, [...events, newEvent({ tenant: "app_other" })]);
    const [a, b, c, d, e] = idsOf(events);
    const list = async (page: Omit<EventPage, "limit"> = {}) => {
      const {
        events: found,
        hasMore,
        searchedTo,
      } = await store.events.list("app_one", { limit: 2, ...page });
      assert.equal(searchedTo, null);
      return [idsOf(found), hasMore];
    };
    assert.deepEqual(await list(), [[e, d], true]);
    assert.deepEqual(await list({ after: d }), [[c, b], true]);
    assert.deepEqual(await list({ after: b }), [[a], false]);
    assert.deepEqual(await list({ before: b }), [[d, c], true]);
    assert.deepEqual(await list({ before: c }), [[e, d], false]);
    assert.deepEqual(await list({ since: NOW + SECOND, until: NOW + 3 * SECOND }), [[c, b], false]);
    assert.deepEqual(await list({ since: NOW + 3 * SECOND }), [[e, d], false]);
    const [newest] = (await store.events.list("app_one", { limit: 1 })).events;
    const { payload: _, ...listed } = { ...events[4] };
    assert.deepEqual(newest, listed);
  });

  states("events of all tenants are listed together, or those of tenants of a mode", async (store) => {
    const [live, trial] = [newTenant(), newTenant({ mode: "test" })];
    for (const tenant of [live, trial]) await store.tenants.create(tenant);
    const events = [live, trial, live, trial].map(({ id }, at) =>
      newEvent({ tenant: id, createdAt: NOW + at * SECOND }),
    );
    await accept(store, events);
    const [a, b, c, d] = idsOf(events);
    const list = async (page: Omit<EventPage, "limit">) => {
      const { events: found, hasMore, searchedTo } = await store.events.list(null, { limit: 2, ...page });
      assert.equal(searchedTo, null);
      return [idsOf(found), hasMore];
    };
    assert.deepEqual(await list({}), [[d, c], true]);
    assert.deepEqual(await list({ after: c }), [[b, a], false]);
    assert.deepEqual(await list({ before: c }), [[d], false]);
    assert.deepEqual(await list({ mode: "live" }), [[c, a], false]);
    assert.deepEqual(await list({ mode: "test", after: d }), [[b], false]);
  });

  states("events are listed by type and by channel", async (store) => {
    const both = newEvent({ type: "a.b", channels: '["x","X_y"]' });
    const typed = newEvent({ type: "a.b" });
    const channelled = newEvent({ channels: '["X_y"]' });
    await accept(store, [both, typed, channelled]);
    const list = async (page: Omit<EventPage, "limit">) => {
      const { events, hasMore, searchedTo } = await store.events.list("app_one", { limit: 9, ...page });
      assert.deepEqual([hasMore, searchedTo], [false, null]);
      return idsOf(events);
    };
    assert.deepEqual(await list({ type: "a.b" }), idsOf([typed, both]));
    assert.deepEqual(await list({ channel: "X_y" }), idsOf([channelled, both]));
    assert.deepEqual(await list({ channel: "X_y", type: "a.b" }), idsOf([both]));
    for (const channel of ["Xzy", "x_y", "X", "y"]) assert.deepEqual(await list({ channel }), []);
  });

  states("events are listed by tag", async (store) => {
    const tagged = newEvent({ tags: '["order-42","é \\"x\\""]', channels: '["other"]' });
    await accept(store, [tagged, newEvent({ channels: '["order-42"]' })]);
    const list = async (tag: string) => idsOf((await store.events.list("app_one", { limit: 9, tag })).events);
    assert.deepEqual(await list("order-42"), [tagged.id]);
    assert.deepEqual(await list('é "x"'), [tagged.id]);
    for (const tag of ["order", "order-4", "other", "x"]) assert.deepEqual(await list(tag), []);
  });

  states(
    "no filter makes a list look at more than a fixed number of events, and it says how far it looked",
    async (store) => {
      const rare = newEvent({ type: "rare" });
      const events = Array.from({ length: 2_100 }, () => newEvent());
      const newest = newEvent({ type: "rare" });
      await accept(store, [rare, ...events, newest]);
      const page = { limit: 9, type: "rare" };
      const first = await store.events.list("app_one", page);
      assert.deepEqual([idsOf(first.events), first.searchedTo?.id], [[newest.id], events[101]?.id]);
      const second = await store.events.list("app_one", { ...page, after: first.searchedTo?.id ?? "" });
      assert.deepEqual([idsOf(second.events), second.searchedTo?.id], [[rare.id], undefined]);
      const back = await store.events.list("app_one", { ...page, before: rare.id });
      assert.deepEqual([idsOf(back.events), back.searchedTo?.id], [[], events[1_999]?.id]);
      const rest = await store.events.list("app_one", { ...page, before: back.searchedTo?.id ?? "" });
      assert.deepEqual([idsOf(rest.events), rest.searchedTo?.id], [[newest.id], undefined]);
    },
  );

  states("a tenant's payloads are erased from one event to another, and no other's", async (store) => {
    const events = Array.from({ length: 5 }, (_, at) => newEvent(at === 1 ? { payload: null } : {}));
    const foreign = newEvent({ tenant: "app_other" });
    await accept(store, [...events, foreign]);
    const [first, second, third, fourth, last] = idsOf(events);
    const erase = (after = "", upTo = "") => erased(store, store.events.erasing("app_one", after, upTo));
    assert.equal(await erase(first, third), 1);
    assert.deepEqual(await store.events.get(third ?? ""), { ...events[2], payload: null });
    for (const id of [first, fourth, last]) assert.ok((await store.events.get(id ?? ""))?.payload);
    assert.equal(await erase(firstIdAt("msg", 0), foreign.id), 3);
    for (const event of events)
      assert.deepEqual(await store.events.get(event.id), { ...event, payload: null });
    assert.ok((await store.events.get(foreign.id))?.payload);
    assert.equal(await erase(second, foreign.id), 0);
  });
}
