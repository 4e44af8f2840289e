import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { DAY_MS } from "../src/core/duration.ts";
import { newId } from "../src/core/id.ts";
import {
  type NewEndpointOptions,
  OverloadedError,
  type Posthorn,
  StoreUnavailableError,
} from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { openTestPosthorn, type Receive } from "../src/testing/testing.ts";

const HOOK = "https://hooks.example.com/in";

async function setUp(t: TestContext, options: Partial<NewEndpointOptions> = {}, receive?: Receive) {
  const posthorn = await openTestPosthorn({ ...(receive && { receive }), concurrency: 8 });
  t.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  const { endpoint } = await endpoints.create("acme", { url: HOOK, ...options });
  return {
    ...{ posthorn, endpoints, endpoint, id: endpoint.id, store: storeOf(posthorn) },
    async send(count: number, more = {}) {
      for (let n = 0; n < count; n++)
        await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: { n }, ...more });
    },
    /** Runs all that is due, and what follows from it in the next seconds. */
    async drain(seconds = 0) {
      await posthorn.drain();
      for (let n = 0; n < seconds; n++) {
        await posthorn.clock.advance("1s");
        await posthorn.drain();
      }
    },
    sent: () => posthorn.deliveries().map(({ payload }) => (payload as { n: number }).n),
  };
}

/** How each delivery ended, and why; newest first. */
async function endsOf(posthorn: Posthorn): Promise<string[]> {
  const jobs = await posthorn.jobs.list({ tasks: ["webhook.deliver"] }, { limit: 200 });
  return jobs.map(({ status, attempts, error }) => `${status} after ${attempts}: ${error}`);
}

test("what is claimed after its endpoint was deleted is cancelled, unsent", async (t) => {
  const { posthorn, send, store, id, endpoint, drain, sent } = await setUp(t);
  await send(2);
  // another process has deleted it, and its deliveries are not cancelled yet
  await store.endpoints.remove(endpoint.tenantId, id, { actor: null, reason: null }, posthorn.clock.now());
  await posthorn.clock.advance("1s");
  await drain();
  assert.deepEqual(sent(), []);
  const expected = "cancelled after 0: its endpoint was deleted";
  assert.deepEqual(await endsOf(posthorn), [expected, expected]);
});

test("a delivery that runs while its endpoint is deleted ends without a retry", async (t) => {
  const world = await setUp(t, {}, async () => {
    await world.endpoints.delete("acme", world.id);
    return 500;
  });
  await world.send(1);
  await world.drain();
  assert.deepEqual(await endsOf(world.posthorn), [
    "failed after 1: HTTP 500 from hooks.example.com; its endpoint was deleted meanwhile",
  ]);
});

test("an endpoint's own retries hold for a delivery that fails right after a change, while the database is away", async (t) => {
  const world = await setUp(t, { retry: { delays: ["20d"] } }, async () => {
    await world.endpoints.patch("acme", world.id, { description: "another one" });
    t.mock.method(world.store.endpoints, "known", () => Promise.reject(new StoreUnavailableError("away")));
    return 500;
  });
  await world.send(1);
  await world.drain();
  const [job] = await world.posthorn.jobs.list();
  assert.equal(job?.attempts, 1);
  assert.ok(Number(job?.runAt) - world.posthorn.clock.now() > 10 * DAY_MS, "by default, it is 5 s");
});

test("the URL and the secret are those of the moment of sending, whatever they were when the event was sent", async (t) => {
  let status = 500;
  const { posthorn, endpoints, send, drain, id } = await setUp(
    t,
    { retry: { attempts: 5, delays: ["10m"] } },
    () => status,
  );
  await send(1); // queued again after a failure
  await drain();
  await send(1, { delay: "5m" }); // scheduled
  await send(1); // queued
  await endpoints.pause("acme", id);
  await send(1); // parked
  await endpoints.patch("acme", id, { url: "https://other.example.com/in" });
  const { secret } = await endpoints.rotateSecret("acme", id, { overlap: "0s" });
  await endpoints.resume("acme", id);
  status = 200;
  const before = posthorn.deliveries().length;
  await drain(2);
  await posthorn.clock.advance("15m");
  await drain(40);
  const later = posthorn.deliveries().slice(before);
  assert.deepEqual(
    new Set(later.map(({ targetUrl }) => targetUrl)),
    new Set(["https://other.example.com/in"]),
  );
  assert.equal(later.length, 4);
  const now = Date.now;
  t.after(() => {
    Date.now = now;
  });
  for (const { body, headers } of later) {
    Date.now = () => Number(headers["webhook-timestamp"]) * 1_000; // the library asks no other clock
    new Webhook(secret).verify(body, headers as Record<string, string>);
  }
});

test("a type that is archived while its events are on the way holds back what is accepted from then on; what was accepted before goes out", async (t) => {
  let isDown = true;
  const { posthorn, send, drain, sent } = await setUp(t, { retry: { attempts: 3, delays: ["10s"] } }, () =>
    isDown ? 500 : 200,
  );
  const { eventTypes, events } = posthorn.webhooks;
  await eventTypes.put("a", {});
  await send(2);
  await send(1, { delay: "15s" });
  await drain();
  await eventTypes.patch("a", { isArchived: true });
  isDown = false;
  const late = await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: { n: 9 } });
  assert.equal(late.jobs, 0);
  assert.deepEqual((await events.get(late.eventId)).unsent?.counts, { archived: 1 });
  await drain(30);
  assert.deepEqual(sent(), [0, 1, 0, 1, 0], "two at once and once more, and one that waited for its time");
  assert.ok((await endsOf(posthorn)).every((end) => end.startsWith("succeeded")));
});

test("an endpoint that is no longer ordered releases what stands in line, in batches, including what others still add to it", async (t) => {
  const { posthorn, endpoints, store, send, drain, id, sent, endpoint } = await setUp(
    t,
    { limits: { ordered: true }, retry: { attempts: 3, delays: ["1h"] } },
    ({ payload }) => ((payload as { n: number }).n === 0 ? 500 : 200),
  );
  await send(3);
  const { eventId: event } = await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: { n: 3 } });
  await drain();
  assert.deepEqual(sent(), [0], "the head has failed, and holds the others up");
  await endpoints.patch("acme", id, { limits: null });
  await drain();
  assert.deepEqual(sent(), [0, 1, 2, 3]);
  // a process that does not know yet
  const now = posthorn.clock.now();
  await posthorn.clock.advance("1s");
  const lane = `${endpoint.tenantId}/${id}`;
  const late = [1, 2].map(() => ({
    ...{ id: newId("job", now), task: "webhook.deliver", lane, priority: 0, options: "{}" },
    ...{ payload: "", maxAttempts: 1, createdAt: now, runAt: now, ties: { ordered: true } as const },
    origin: { tenant: endpoint.tenantId, event },
  }));
  const enqueues = late.map((each) => ({ job: each }));
  await store.queue.commit({ now, enqueues, settlements: [], claim: undefined });
  await drain(3);
  assert.equal(sent().length, 6);
  assert.equal(await store.parking.unpark(lane, 10, now, "behind"), 0);
});

test("an endpoint that becomes ordered keeps the order of what is accepted from then on", async (t) => {
  let isDown = true;
  const { endpoints, send, drain, id, sent, posthorn } = await setUp(
    t,
    { retry: { attempts: 9, delays: ["10s"] } },
    () => (isDown ? 500 : 200),
  );
  await send(2);
  await drain();
  await endpoints.patch("acme", id, { limits: { ordered: true } });
  for (const n of [10, 11, 12]) await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: { n } });
  await drain();
  assert.deepEqual(sent().slice(2), [10], "one of them at a time");
  isDown = false;
  await drain(25);
  const later = sent().slice(3);
  assert.deepEqual(
    later.filter((n) => n >= 10),
    [10, 11, 12],
  );
  assert.deepEqual(later.filter((n) => n < 10).sort(), [0, 1], "what was accepted before holds nobody up");
});

test("a change of something that others keep changing is given up, with an error that names it", async (t) => {
  const { posthorn, store } = await setUp(t, { uid: "one" });
  const { tenants, endpoints, eventTypes } = posthorn.webhooks;
  await eventTypes.create({ name: "a.b" });
  store.tenants.change = async () => "stale";
  store.endpoints.change = async () => "stale";
  store.eventTypes.change = async () => undefined;
  for (const [change, says] of [
    [tenants.patch("acme", { name: "Acme" }), /^the tenant acme is being changed/],
    [endpoints.patch("acme", "one", { description: "x" }), /^the endpoint one is being changed/],
    [eventTypes.patch("a.b", { description: "x" }), /^the event type a.b is being changed/],
  ] as const)
    await assert.rejects(change, (error) => error instanceof OverloadedError && says.test(error.message));
});
