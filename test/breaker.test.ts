import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createApp } from "../src/http/app.ts";
import { taskJobPage } from "../src/http/schemas/task-job.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { ConflictError, type Posthorn } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { type DeliveryAnswer, openTestPosthorn } from "../src/testing/testing.ts";
import { until } from "./support/until.ts";

const HOOK = "https://hooks.example.com/in";

const MONTH_MS = 30 * 86_400_000;
let begin = Date.now();

/** A Posthorn whose receiver answers as it is told. */
async function setUp(t: TestContext) {
  let answer: DeliveryAnswer = 200;
  // each begins after the one before has ended: the ids of a process never go back in time, but its clocks would
  begin += MONTH_MS;
  const posthorn = await openTestPosthorn({ receive: () => answer, concurrency: 4, now: new Date(begin) });
  t.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  const { endpoint } = await endpoints.create("acme", { url: HOOK, retry: { attempts: 50, delays: ["1h"] } });
  const told: string[] = [];
  for (const name of ["opened", "closed", "paused", "resumed", "enabled", "disabled"] as const)
    instrumentOf(posthorn)[`endpoint.${name}`].subscribe(() => told.push(name));
  const store = storeOf(posthorn);
  return {
    ...{ posthorn, endpoints, told, store },
    id: endpoint.id,
    lane: `${endpoint.tenantId}/${endpoint.id}`,
    answers(next: DeliveryAnswer) {
      answer = next;
    },
    async send(count: number) {
      for (let n = 0; n < count; n++) await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: n });
    },
    health: () => endpoints.health("acme", endpoint.id),
    sent: () => posthorn.deliveries().length,
    parked: async () => (await store.parking.lanes("", 10)).length > 0,
    /** What the history says of one field, oldest first. */
    async changesOf(field: string) {
      const history = await endpoints.history("acme", endpoint.id);
      return history
        .flatMap(({ change, reason }) => (change[field] ? [[...change[field], reason]] : []))
        .reverse();
    },
  };
}

/** Of all deliveries: how many have each status. */
async function statusesOf(posthorn: Posthorn): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of await posthorn.jobs.list({ tasks: ["webhook.deliver"] }, { limit: 200 }))
    counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

type World = Awaited<ReturnType<typeof setUp>>;

async function opened(world: World) {
  world.answers(500);
  await world.send(10);
  await world.posthorn.drain();
  await until("the breaker is open", async () => (await world.health()).breaker === "open");
}

test("after ten failures in a row an endpoint's events wait, and use up no attempt", async (t) => {
  const world = await setUp(t);
  await opened(world);
  assert.equal(world.sent(), 10);
  const { failures, lastError, nextProbeAt, openedAt, failingSince } = await world.health();
  assert.deepEqual([failures, Number(nextProbeAt) - Number(openedAt)], [10, 30_000]);
  assert.match(lastError ?? "", /HTTP 500/);
  assert.ok(failingSince !== null);
  await world.send(5);
  await world.posthorn.drain();
  assert.equal(world.sent(), 10, "nothing more is sent");
  assert.ok(await world.parked());
  assert.deepEqual(world.told, ["opened"]);
  const jobs = await world.posthorn.jobs.list({ tasks: ["webhook.deliver"] }, { limit: 200 });
  assert.equal(jobs.filter(({ attempts }) => attempts === 0).length, 5);
  assert.deepEqual(new Set(jobs.map(({ heldBy }) => heldBy)), new Set(["breaker", null]));
  const app = createApp(world.posthorn, { access: { mode: "dev" }, clock: world.posthorn.clock });
  const listed = await app.fetch(new Request("http://127.0.0.1:8000/jobs?status=queued"));
  for (const { attempts, held_by, held_until } of taskJobPage.parse(await listed.json()).data)
    if (attempts === 0)
      assert.deepEqual([held_by, held_until], ["breaker", nextProbeAt?.toISOString()], "why, and until when");
  const [[was, is, reason] = []] = await world.changesOf("breaker");
  assert.deepEqual([was, is], ["closed", "open"]);
  assert.match(String(reason), /^10 failures in a row; the last one: HTTP 500/);
});

test("one attempt probes; when it fails the next waits twice as long, when it succeeds the rest follows", async (t) => {
  const world = await setUp(t);
  const { posthorn } = world;
  await opened(world);
  await world.send(20);
  await posthorn.clock.advance("32s");
  await posthorn.drain();
  await until("the probe has failed", async () => (await world.health()).failures === 11);
  assert.equal(world.sent(), 11, "one of them is the probe");
  const again = await world.health();
  assert.equal(again.breaker, "open");
  assert.ok(Number(again.nextProbeAt) >= posthorn.clock.now() + 59_000);
  world.answers(200);
  await posthorn.clock.advance("62s");
  await posthorn.drain();
  await until("it is closed", async () => (await world.health()).breaker === "closed");
  const sent: number[] = [world.sent()];
  for (let n = 0; n < 12 && (await world.parked()); n++) {
    await posthorn.clock.advance("1s");
    await posthorn.drain();
    sent.push(world.sent());
  }
  assert.ok(!(await world.parked()), "nothing is left behind");
  assert.ok(
    sent.every((total, at) => total - (sent[at - 1] ?? 0) <= 11 + 2 ** (at + 2)),
    `a few first: ${sent}`,
  );
  assert.deepEqual(world.told, ["opened", "closed"]);
  await posthorn.clock.advance("2h");
  await posthorn.drain();
  assert.deepEqual(await statusesOf(world.posthorn), { succeeded: 30 });
});

test("a 429 that asks for a pause does not count as a failure", async (t) => {
  const world = await setUp(t);
  world.answers({ status: 429, retryAfter: "1" });
  await world.send(15);
  for (let n = 0; n < 15; n++) {
    await world.posthorn.drain();
    await world.posthorn.clock.advance("2s");
  }
  assert.ok(world.sent() >= 15);
  const { breaker, failures } = await world.health();
  assert.deepEqual([breaker, failures], ["closed", 0]);
});

test("a 410 disables the endpoint immediately: waiting deliveries are kept, and no new ones are made", async (t) => {
  const world = await setUp(t);
  const { posthorn, endpoints, id } = world;
  await world.send(1);
  world.answers(410);
  await posthorn.drain();
  const { status, statusReason } = await endpoints.get("acme", id);
  assert.equal(status, "disabled");
  assert.match(statusReason ?? "", /HTTP 410/);
  assert.equal((await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 1 })).jobs, 0);
  assert.deepEqual(world.told, ["disabled"]);
  world.answers(200);
  await endpoints.enable("acme", id, { actor: "ann", reason: "they fixed it" });
  await world.send(1);
  await posthorn.drain();
  assert.deepEqual(await statusesOf(world.posthorn), { failed: 1, succeeded: 1 });
  assert.deepEqual(world.told, ["disabled", "enabled"]);
  const [, enabled] = await world.changesOf("status");
  assert.deepEqual(enabled, ["disabled", "active", "they fixed it"]);
});

test("failing for five days disables it", async (t) => {
  const world = await setUp(t);
  await opened(world);
  await world.send(3);
  for (let n = 0; n < 8 && (await world.endpoints.get("acme", world.id)).status === "active"; n++) {
    await world.posthorn.clock.advance("18h");
    await world.posthorn.drain();
    await until("nothing is being written", async () => (await world.health()).breaker !== "half_open");
  }
  const { status, statusReason } = await world.endpoints.get("acme", world.id);
  assert.equal(status, "disabled");
  assert.match(statusReason ?? "", /failed for days; the last one: HTTP 500/);
});

test("paused, its events wait, old ones and new ones; resumed, all are sent", async (t) => {
  const world = await setUp(t);
  const { posthorn, endpoints, id } = world;
  await world.send(3);
  await endpoints.pause("acme", id, {}, { actor: "ann", reason: "maintenance" });
  await world.send(3);
  await posthorn.drain();
  assert.equal(world.sent(), 0);
  assert.deepEqual(await statusesOf(world.posthorn), { queued: 6 });
  await assert.rejects(endpoints.enable("acme", id), ConflictError);
  await endpoints.resume("acme", id);
  for (let n = 0; n < 6 && world.sent() < 6; n++) {
    await posthorn.drain();
    await posthorn.clock.advance("1s");
  }
  assert.deepEqual(await statusesOf(world.posthorn), { succeeded: 6 });
  assert.deepEqual(world.told, ["paused", "resumed"]);
});

test("waiting deliveries may be dropped, and are when their endpoint or tenant is deleted: cancelled, with the reason", async (t) => {
  const world = await setUp(t);
  const { posthorn, endpoints, id } = world;
  await world.send(3);
  await endpoints.pause("acme", id, { queued: "dropped" }, { reason: "too old" });
  await posthorn.drain();
  await posthorn.clock.advance("3s");
  await posthorn.drain();
  const dropped = await posthorn.jobs.list({ tasks: ["webhook.deliver"] });
  assert.deepEqual(
    new Set(dropped.map(({ status, error }) => `${status}: ${error}`)),
    new Set(["cancelled: dropped when its endpoint was paused: too old"]),
  );
  await world.send(2);
  await endpoints.delete("acme", id);
  await posthorn.drain();
  await posthorn.clock.advance("3s");
  await posthorn.drain();
  const other = await endpoints.create("acme", { url: HOOK });
  await endpoints.pause("acme", other.endpoint.id);
  await world.send(2);
  await posthorn.webhooks.tenants.delete("acme");
  await posthorn.drain();
  await posthorn.clock.advance("3s");
  await posthorn.drain();
  const jobs = await posthorn.jobs.list({ tasks: ["webhook.deliver"] });
  const errors = jobs.map(({ error }) => error).sort();
  assert.deepEqual(errors.slice(-4), [
    "its endpoint was deleted",
    "its endpoint was deleted",
    "its tenant was deleted",
    "its tenant was deleted",
  ]);
  assert.deepEqual(await statusesOf(world.posthorn), { cancelled: 7 });
});

test("jobs that were left parked for an endpoint that is active are found", async (t) => {
  const world = await setUp(t);
  const { posthorn, store, lane } = world;
  await world.send(2);
  await store.parking.park(lane, "paused", 500, posthorn.clock.now());
  await posthorn.drain();
  assert.equal(world.sent(), 0);
  await posthorn.clock.advance("61s");
  for (let n = 0; n < 5 && world.sent() < 2; n++) {
    await posthorn.drain();
    await posthorn.clock.advance("1s");
  }
  assert.equal(world.sent(), 2);
});

for (const [stop, start] of [
  ["pause", "resume"],
  ["disable", "enable"],
] as const)
  test(`what a process parks that does not know yet of ${start} is sent seconds later`, async (t) => {
    const world = await setUp(t);
    const { posthorn, store, lane, endpoints, id } = world;
    await endpoints[stop]("acme", id);
    const status = (await endpoints.get("acme", id)).status;
    await endpoints[start]("acme", id);
    await world.send(3);
    // as such a process does with what it claims
    assert.equal(await store.parking.park(lane, status, 500, posthorn.clock.now()), 3);
    await posthorn.drain();
    assert.equal(world.sent(), 0);
    for (let n = 0; n < 6; n++) {
      await posthorn.clock.advance("1s");
      await posthorn.drain();
    }
    assert.equal(world.sent(), 3);
    assert.equal((await world.health()).breaker, "closed");
  });

test("letting in once more lets nothing past a status that was changed meanwhile, or past an open breaker", async (t) => {
  const world = await setUp(t);
  const { posthorn, endpoints, id } = world;
  await opened(world);
  await world.send(5);
  await endpoints.pause("acme", id);
  await endpoints.resume("acme", id);
  for (let n = 0; n < 6; n++) {
    await posthorn.clock.advance("1s");
    await posthorn.drain();
  }
  assert.equal(world.sent(), 10, "no probe before its time");
  await endpoints.disable("acme", id);
  await endpoints.enable("acme", id);
  await endpoints.disable("acme", id);
  await posthorn.drain();
  const sent = world.sent();
  for (let n = 0; n < 6; n++) {
    await posthorn.clock.advance("1s");
    await posthorn.drain();
  }
  assert.equal(world.sent(), sent);
  assert.ok(await world.parked());
});

test("an example event is sent now, whatever the endpoint's status, and counts towards nothing", async (t) => {
  const world = await setUp(t);
  const { endpoints, id } = world;
  world.answers({ status: 503, body: "down for maintenance" });
  await endpoints.pause("acme", id);
  const failed = await endpoints.test("acme", id, { type: "invoice.paid" });
  const { succeeded, code, excerpt, type } = failed;
  assert.deepEqual([succeeded, code, excerpt, type], [false, 503, "down for maintenance", "invoice.paid"]);
  world.answers(200);
  assert.equal((await endpoints.test("acme", id)).succeeded, true);
  assert.deepEqual(await statusesOf(world.posthorn), {});
  assert.equal((await world.health()).failures, 0);
});
