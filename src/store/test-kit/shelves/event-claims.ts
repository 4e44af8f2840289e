import assert from "node:assert/strict";
import { firstIdAt, newId } from "../../../core/id.ts";
import type { Submission } from "../../queue.ts";
import type { Event } from "../../shelves/events.ts";
import { DAY, HOUR, NOW, type StoreClaim, WORKER } from "../store-under-test.ts";
import { claim, claimOne, commit, endedBefore, newJob, newJobs, succeed, UNLIMITED } from "../stored-jobs.ts";

/** Not UTF-8. */
const BYTES = new Uint8Array([0, 255, 123, 34, 92, 0x80]);

let eventsMade = 0;

export function newEvent(fields: Partial<Event> = {}): Event {
  const createdAt = fields.createdAt ?? NOW;
  return {
    id: firstIdAt("msg", createdAt).slice(0, -8) + String(++eventsMade).padStart(8, "0"),
    tenant: "app_one",
    type: "invoice.paid",
    channels: null,
    tags: null,
    headers: null,
    contentType: "application/json",
    eventId: null,
    jobs: 0,
    unsent: null,
    runAt: null,
    payload: BYTES,
    createdAt,
    ...fields,
  };
}

export function jobsOf({ id: event, tenant, createdAt }: Event, count: number) {
  return newJobs(count, { payload: "", createdAt, origin: { tenant, event } }).map((job) => ({ job }));
}

/** An event and its jobs, accepted as one. */
export function submissionOf(event: Event, count: number): Submission {
  return { event, jobs: jobsOf(event, count).map(({ job }) => job) };
}

export function eventClaims(states: StoreClaim): void {
  states("an event is written with its jobs, and looked up byte for byte", async (store, opened) => {
    const full = newEvent({ channels: '["a"]', tags: '["b","c"]', headers: '{"x-a":"1"}' });
    const plain = newEvent({ contentType: "text/plain", payload: new Uint8Array() });
    await commit(store, { submissions: [submissionOf(full, 2), submissionOf(plain, 1)] });
    const other = await opened.another();
    for (const event of [full, plain]) {
      const found = await other.events.get(event.id);
      assert.deepEqual(found && { ...found, payload: Uint8Array.from(found.payload ?? []) }, event);
    }
    assert.equal(await store.events.get(newId("msg")), undefined);
  });

  states(
    "small events are looked up together, without the erased, the large and those that are gone",
    async (store) => {
      const small = Array.from({ length: 40 }, () => newEvent());
      const large = newEvent({ payload: new Uint8Array(101) });
      const erased = newEvent();
      const events = [...small, large, erased];
      await commit(store, { submissions: events.map((event) => submissionOf(event, 1)) });
      await store.events.erase(erased.id);
      const found = await store.events.getSmall([newId("msg"), ...events.map(({ id }) => id)], 100);
      assert.deepEqual(found.map(({ id }) => id).sort(), small.map(({ id }) => id).sort());
      const plain = found.map((event) => ({ ...event, payload: Uint8Array.from(event.payload ?? []) }));
      assert.deepEqual(
        plain.find(({ id }) => id === small[39]?.id),
        small[39],
      );
      assert.deepEqual(await store.events.getSmall([], 100), []);
    },
  );

  states("it is asked once which events of a slice still have their payloads", async (store) => {
    const events = Array.from({ length: 40 }, () => newEvent());
    const [erased, ...kept] = events;
    await commit(store, { submissions: events.map((event) => submissionOf(event, 1)) });
    await store.events.erase(erased?.id ?? "");
    const found = await store.events.kept([newId("msg"), ...events.map(({ id }) => id)]);
    assert.deepEqual([...found.keys()].sort(), kept.map(({ id }) => id).sort());
    assert.deepEqual(await store.events.kept([]), new Map());
  });

  states("a claim gives the reference to the event, and no payload", async (store) => {
    const event = newEvent();
    await commit(store, { submissions: [submissionOf(event, 2)] });
    const [lease, ...others] = await claim(store);
    assert.equal(others.length, 1);
    assert.deepEqual([lease?.payload, lease?.origin], ["", { tenant: "app_one", event: event.id }]);
    const request = { worker: WORKER, limit: 1, maxBytes: 1_000, room: UNLIMITED };
    const { claimed } = await commit(store, { enqueues: jobsOf(event, 1), claim: request });
    assert.deepEqual([claimed[0]?.payload, claimed[0]?.origin?.event], ["", event.id]);
  });

  states("an event whose request was answered before is not written", async (store) => {
    const [first, again] = [newEvent(), newEvent()];
    const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + DAY };
    for (const event of [first, again])
      await commit(store, { submissions: [{ ...submissionOf(event, 1), idempotency }] });
    assert.ok(await store.events.get(first.id));
    assert.equal(await store.events.get(again.id), undefined);
  });

  states("an erased event keeps all but its payload", async (store) => {
    const event = newEvent();
    await commit(store, { submissions: [submissionOf(event, 1)] });
    assert.equal(await store.events.erase(event.id), true);
    assert.equal(await store.events.erase(event.id), false);
    assert.deepEqual(await store.events.get(event.id), { ...event, payload: null });
  });

  states("an event goes once it is past its retention and no job refers to it", async (store) => {
    const old = Array.from({ length: 5 }, () => newEvent({ createdAt: NOW - 2 * DAY }));
    const [needed, ...others] = old;
    const young = newEvent();
    const submissions = [...old, young].map((event) => submissionOf(event, event === needed ? 1 : 0));
    await commit(store, { submissions });
    const isThere = async () => {
      const found = await Promise.all([...old, young].map(({ id }) => store.events.get(id)));
      return found.map((event) => event !== undefined);
    };
    const first = await store.retention.pruneEvents(NOW - DAY, null, 2);
    assert.deepEqual([first.pruned, first.last], [1, others[0]?.id]);
    const second = await store.retention.pruneEvents(NOW - DAY, first.last, 9);
    assert.deepEqual([second.pruned, second.last], [3, null]);
    assert.deepEqual(await isThere(), [true, false, false, false, false, true]);
    await succeed(store, await claimOne(store), NOW - DAY - HOUR);
    assert.equal((await store.retention.pruneJobs(endedBefore(NOW - DAY), null, 9)).pruned, 1);
    assert.equal((await store.retention.pruneEvents(NOW - DAY, null, 9)).pruned, 1);
    assert.deepEqual(await isThere(), [false, false, false, false, false, true]);
  });

  states("the caller's id of an event finds it, and goes with it", async (store) => {
    const events = [1, 2].map((n) => newEvent({ createdAt: NOW - n * DAY, eventId: `e.${n}` }));
    await commit(store, { submissions: events.map((event) => submissionOf(event, 0)) });
    const keys = events.map(({ id: event, tenant, eventId, createdAt }) => ({
      ...{ tenant, event_id: eventId ?? "", event, fingerprint: "f", created_at: createdAt },
    }));
    await store.transfer.add("event_key", keys, NOW);
    for (const { id, eventId } of events) {
      assert.equal((await store.events.find("app_one", eventId ?? ""))?.id, id);
      assert.equal((await store.eventKeys.get("app_one", eventId ?? ""))?.event, id);
      assert.equal(await store.events.find("app_other", eventId ?? ""), undefined);
    }
    assert.equal((await store.retention.pruneEvents(NOW - DAY - HOUR, null, 9)).pruned, 1);
    assert.ok(await store.eventKeys.get("app_one", "e.1"));
    assert.equal(await store.eventKeys.get("app_one", "e.2"), undefined);
  });

  states("a job with a payload of its own has no event", async (store) => {
    const job = newJob({ payload: "{}" });
    const { claimed } = await commit(store, {
      enqueues: [{ job }],
      claim: { worker: WORKER, limit: 1, maxBytes: 1_000, room: UNLIMITED },
    });
    assert.deepEqual([claimed[0]?.payload, claimed[0]?.origin], ["{}", undefined]);
  });
}
