import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { bulkAnswer, bulkPage, bulkPreview } from "../src/http/schemas/bulk.ts";
import { problemOf } from "../src/http/test-kit/problem-of.ts";
import type { Job } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const AT_ONCE = { startsIn: 0, pace: 10_000 } as const;

async function setUp(t: TestContext, answer = 200) {
  const posthorn = await open(t, {
    allowTargets: ["127.0.0.1"],
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  const told = { status: answer };
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(told.status));
  const send = (tenant: string, n: number, type = "a") =>
    posthorn.webhooks.send({ tenant, type, payload: { n } });
  const over = (id: string) =>
    until("the run is over", async () => {
      const run = await posthorn.bulk.get(id);
      return run.endedAt === null ? undefined : run;
    });
  const succeeded = (n: number) =>
    until(
      `${n} are delivered`,
      async () =>
        (await posthorn.jobs.list({ status: "succeeded", tasks: ["webhook.deliver"] })).length === n,
    );
  return { posthorn, receiver, told, send, over, succeeded };
}

test("an endpoint gets once each event that it missed, because it was added later, was widened, or failed", async (t) => {
  const { posthorn, receiver, send, over, succeeded } = await setUp(t);
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  const missed = [];
  for (let n = 0; n < 5; n++) missed.push((await send("acme", n)).eventId);
  const other = (await send("acme", 5, "b")).eventId;
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", {
    ...{ url: receiver.url, eventTypes: ["a"], filter: undefined },
  });
  const got = (await send("acme", 6)).eventId;
  await succeeded(1);
  const replay = { since: "1h", what: "missing", ...AT_ONCE } as const;
  const first = await over((await posthorn.webhooks.replay("acme", endpoint.id, replay)).run.id);
  assert.deepEqual([first.state, first.done, first.skipped], ["done", 5, { type: 1, has_delivery: 1 }]);
  await succeeded(6);
  const again = await over((await posthorn.webhooks.replay("acme", endpoint.id, replay)).run.id);
  assert.deepEqual([again.done, again.skipped], [0, { type: 1, has_delivery: 6 }]);
  await posthorn.webhooks.endpoints.patch("acme", endpoint.id, { eventTypes: null });
  const wider = await over((await posthorn.webhooks.replay("acme", endpoint.id, replay)).run.id);
  assert.equal(wider.done, 1);
  await succeeded(7);
  // the webhook-id is the event's, so that a receiver can tell what it has had
  assert.deepEqual([...receiver.counts().keys()].sort(), [...missed, other, got].sort());
  assert.deepEqual(new Set(receiver.counts().values()), new Set([1]));
  const all = await over(
    (await posthorn.webhooks.replay("acme", endpoint.id, { ...replay, what: "all" })).run.id,
  );
  assert.equal(all.done, 7);
  await succeeded(14);
  assert.deepEqual(new Set(receiver.counts().values()), new Set([2]));
});

test("a filter on payloads decides what is replayed, and what was erased is skipped", async (t) => {
  const { posthorn, receiver, send, over, succeeded } = await setUp(t);
  await send("acme", 1);
  const wanted = await send("acme", 2);
  const erased = await send("acme", 2);
  await posthorn.webhooks.events.erase("acme", erased.eventId);
  const options = { url: receiver.url, filter: { "$.n": { gt: 1 } } };
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", options);
  const replay = { since: "1h", what: "missing", ...AT_ONCE } as const;
  const run = await over((await posthorn.webhooks.replay("acme", endpoint.id, replay)).run.id);
  assert.deepEqual([run.done, run.skipped], [1, { filter: 1, payload_erased: 1 }]);
  await succeeded(1);
  assert.deepEqual([...receiver.counts().keys()], [wanted.eventId]);
});

test("what failed is redelivered as the same job, what was delivered as a new one, marked as made by hand", async (t) => {
  const { posthorn, receiver, told, send, over, succeeded } = await setUp(t, 410);
  await posthorn.webhooks.endpoints.create("acme", { url: receiver.url });
  const { eventId, tenantId } = await send("acme", 1);
  const failed = await until(
    "it has failed",
    async () => (await posthorn.jobs.list({ status: "failed" }))[0],
  );
  told.status = 200;
  const [endpoint] = (await posthorn.webhooks.endpoints.list("acme")).data;
  await posthorn.webhooks.endpoints.enable("acme", endpoint?.id ?? "");
  const redeliver = async (status: "failed" | "succeeded") => {
    const filter = { tenant: "acme", status } as const;
    return over((await posthorn.bulk.start({ action: "redeliver", filter, ...AT_ONCE })).run.id);
  };
  const same = await redeliver("failed");
  await succeeded(1);
  assert.equal((await posthorn.jobs.get(failed.id)).status, "succeeded");
  const renewed = await redeliver("succeeded");
  await succeeded(2);
  assert.deepEqual([same.done, renewed.done], [1, 1]);
  const [made] = await posthorn.jobs.list({ bulk: renewed.id });
  assert.ok(made);
  const originOf = ({ tenantId, eventId, endpointId, bulkId, trigger }: Job) => ({
    ...{ tenantId, eventId, endpointId, bulkId, trigger },
  });
  const endpointId = endpoint?.id;
  assert.deepEqual(originOf(made), { tenantId, eventId, endpointId, bulkId: renewed.id, trigger: "manual" });
  assert.deepEqual(originOf(failed), { tenantId, eventId, endpointId, bulkId: null, trigger: null });
  assert.equal(receiver.counts().get(eventId), 3);
});

test("a preview estimates by the pace, or the endpoint's own rate if that is lower, and not at all what has no pace", async (t) => {
  const { posthorn, receiver, send } = await setUp(t, 500);
  const retry = { attempts: 1 };
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: receiver.url, retry });
  for (let n = 0; n < 6; n++) await send("acme", n);
  await until("all have failed", async () => (await posthorn.jobs.list({ status: "failed" })).length === 6);
  await posthorn.webhooks.endpoints.patch("acme", endpoint.id, {
    limits: { rate: { limit: 2, per: "second" } },
  });
  const lane = `${endpoint.tenantId}/${endpoint.id}`;
  const lanes = async (action: "redeliver" | "cancel", pace: number, status: "failed" | "queued") =>
    (await posthorn.bulk.preview({ action, filter: { tenant: "acme", status }, pace })).lanes;
  assert.deepEqual(await lanes("redeliver", 1, "failed"), [{ lane, n: 6, rate: 2, seconds: 6 }]);
  assert.deepEqual(await lanes("redeliver", 10_000, "failed"), [{ lane, n: 6, rate: 2, seconds: 3 }]);
  await posthorn.webhooks.endpoints.pause("acme", endpoint.id);
  await send("acme", 6);
  assert.deepEqual(await lanes("cancel", 1, "queued"), [{ lane, n: 1, rate: null, seconds: null }]);
});

test("a run says how many of the jobs that it queued have failed, and no others", async (t) => {
  const { posthorn, receiver, told, send, over } = await setUp(t);
  const retry = { attempts: 1 };
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: receiver.url, retry });
  for (let n = 0; n < 4; n++) await send("acme", n);
  await receiver.received(4);
  told.status = 500;
  const replay = { since: "1h", what: "all", ...AT_ONCE } as const;
  const { id } = await over((await posthorn.webhooks.replay("acme", endpoint.id, replay)).run.id);
  await send("acme", 4);
  await until("five have failed", async () => (await posthorn.jobs.list({ status: "failed" })).length === 5);
  await until("those of the run are counted", async () => (await posthorn.bulk.get(id)).failed === 4);
});

test("what Posthorn itself has begun is not cancelled by a run that cancels everything", async (t) => {
  const { posthorn, over } = await setUp(t);
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  const { jobId } = await posthorn.webhooks.tenants.erase("acme", { dryRun: false });
  const { run } = await posthorn.bulk.start({ action: "cancel", filter: { createdFrom: "1h" }, ...AT_ONCE });
  assert.deepEqual([(await over(run.id)).matched, jobId !== null], [0, true]);
});

test("the payloads of a tenant's events within a span are erased, and nothing else; that cannot be taken back", async (t) => {
  const { posthorn, send, over } = await setUp(t);
  const kept = async (id: string) => (await posthorn.webhooks.events.get(id)).payload !== null;
  const old = await send("acme", 1);
  const foreign = await send("other", 2);
  const { createdAt } = await posthorn.webhooks.events.get(old.eventId);
  const moment = await until(
    "a millisecond has passed",
    () => Date.now() > createdAt.getTime() && new Date(),
  );
  const young = await send("acme", 3);
  const asked = { action: "erase", filter: { tenant: "acme", createdBefore: moment }, startsIn: 0 } as const;
  const seen = await posthorn.bulk.preview(asked);
  assert.deepEqual([seen.matched.n, seen.changed, seen.samples], [1, 1, [old.eventId]]);
  const run = await over((await posthorn.bulk.start(asked)).run.id);
  assert.deepEqual([run.state, run.done, run.skipped], ["done", 1, {}]);
  const ids = [old, foreign, young].map(({ eventId }) => eventId);
  assert.deepEqual(await Promise.all(ids.map(kept)), [false, true, true]);
  const again = await over((await posthorn.bulk.start(asked)).run.id);
  assert.deepEqual([again.matched, again.done, again.skipped], [1, 0, { payload_erased: 1 }]);
  await assert.rejects(posthorn.bulk.takeBack(run.id), /cannot be taken back/);
  for (const filter of [
    { createdFrom: "1h" },
    { tenant: "acme", endpoint: "main" },
    { tenant: "acme", tag: "a" },
  ])
    await assert.rejects(posthorn.bulk.start({ action: "erase", filter }), /filter/);
});

test("the filter of a replay chooses events, by themselves or by their deliveries", async (t) => {
  const { posthorn, receiver, over } = await setUp(t);
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  for (const [type, channels, tags] of [
    ["a", ["eu"], ["vip"]],
    ["b", ["us"], ["vip"]],
    ["c", ["eu"], ["new"]],
  ] as const)
    await posthorn.webhooks.send({
      tenant: "acme",
      type,
      payload: 1,
      channels: [...channels],
      tags: [...tags],
    });
  await posthorn.webhooks.endpoints.create("acme", { uid: "main", url: receiver.url });
  const filter = { tenant: "acme", endpoint: "main", createdFrom: "1h" } as const;
  const found = async (what: "missing" | "all" | "failed", chosen: object) => {
    const request = { action: "replay", what, filter: { ...filter, ...chosen } } as const;
    return (await posthorn.bulk.preview(request)).matched.n;
  };
  assert.equal(await found("missing", { type: ["a", "c"] }), 2);
  assert.equal(await found("missing", { type: "a", channel: "us" }), 0);
  assert.equal(await found("all", { tag: "vip", channel: "eu" }), 1);
  assert.equal(await found("all", { status: "failed" }), 0);
  assert.equal(await found("failed", { type: "a" }), 0, "there is no delivery that failed");
  const replay = { action: "replay", what: "missing", filter: { ...filter, type: "b" }, ...AT_ONCE } as const;
  assert.equal((await over((await posthorn.bulk.start(replay)).run.id)).done, 1);
  await receiver.received(1);
  assert.equal(await found("all", { status: ["queued", "running", "succeeded"] }), 1);
  for (const [what, wrong] of [
    ["missing", { status: "failed" }],
    ["missing", { class: "5xx" }],
    ["all", { class: ["5xx", "9xx"] }],
    ["all", { type: [5] }],
    ["all", { task: "a" }],
  ] as const)
    await assert.rejects(found(what, wrong), /filter/, JSON.stringify(wrong));
});

test("over HTTP a run is previewed, started, paced, stopped and taken back, and never concerns another tenant's jobs", async (t) => {
  const { posthorn, receiver, told, send } = await setUp(t, 410);
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  for (const uid of ["acme", "other"]) {
    await posthorn.webhooks.endpoints.create(uid, { url: receiver.url });
    await send(uid, 1);
  }
  await until("both have failed", async () => (await posthorn.jobs.list({ status: "failed" })).length === 2);
  told.status = 200;
  const [acme, other] = await Promise.all([
    posthorn.webhooks.tenants.get("acme"),
    posthorn.webhooks.tenants.get("other"),
  ]);
  const [theirs] = await posthorn.jobs.list({ tenant: other.id });
  const [endpoint] = (await posthorn.webhooks.endpoints.list("other")).data;
  assert.ok(theirs && endpoint);
  const { token } = await keys.create({ name: "acme", role: "manage", tenant: acme.id });
  const ask = async (request: string, body?: unknown) => {
    const [method = "", path = ""] = request.split(" ");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
  };
  const preview = async (filter: object) => {
    const answer = await ask("POST /bulk", { action: "redeliver", filter, dry_run: true });
    return answer.status === 200 ? bulkPreview.parse(await answer.json()) : answer.status;
  };
  const mine = await preview({ status: "failed" });
  assert.ok(typeof mine !== "number" && mine.matched.n === 1 && mine.filter.tenant === acme.id);
  // another's ids find nothing, and another tenant is not there
  const run = await posthorn.bulk.start({ action: "cancel", filter: { tenant: "other" }, startsIn: "1h" });
  for (const filter of [
    { ids: [theirs.id] },
    { lane: theirs.lane, status: "failed" },
    { bulk: run.run.id },
    { tenant: acme.id, ids: [theirs.id] },
    { task: "webhook.deliver", ids: [theirs.id] },
  ]) {
    const found = await preview(filter);
    assert.ok(typeof found !== "number" && found.matched.n === 0, JSON.stringify(filter));
  }
  for (const filter of [
    { tenant: "other" },
    { tenant: other.id },
    { tenant: acme.id, endpoint: endpoint.id },
  ])
    assert.equal(await preview(filter), 404, JSON.stringify(filter));
  const started = await ask("POST /bulk", {
    ...{ action: "redeliver", filter: { ids: [theirs.id] }, starts_in: "0s", pace: 100 },
  });
  const nothing = bulkAnswer.parse(await started.json());
  const said = { tenant: acme.id, status: ["failed"], ids: [theirs.id] };
  const { created_before, finished_before, ...shown } = nothing.filter;
  assert.deepEqual([shown, nothing.what, created_before === finished_before], [said, null, true]);
  await until("it is over", async () => (await posthorn.bulk.get(nothing.id)).state === "done");
  assert.equal((await posthorn.jobs.get(theirs.id)).status, "failed");
  assert.equal(
    (await ask(`POST /tenants/other/endpoints/${endpoint.id}/replay`, { since: "1h" })).status,
    404,
  );
  for (const request of [
    `GET /bulk/${run.run.id}`,
    `POST /bulk/${run.run.id}/stop`,
    `POST /bulk/${run.run.id}/take-back`,
  ])
    assert.equal((await ask(request)).status, 404, request);
  assert.equal((await ask(`PATCH /bulk/${run.run.id}`, { pace: 1 })).status, 404);
  assert.equal((await posthorn.bulk.get(run.run.id)).state, "waiting");

  const waits = await ask("POST /bulk", {
    action: "redeliver",
    filter: { class: "410" },
    note: "their outage",
  });
  assert.equal(waits.status, 202);
  const { id } = bulkAnswer.parse(await waits.json());
  assert.equal(waits.headers.get("location"), `/bulk/${id}`);
  assert.equal(bulkAnswer.parse(await (await ask(`PATCH /bulk/${id}`, { pace: 7 })).json()).pace, 7);
  assert.equal(bulkAnswer.parse(await (await ask(`POST /bulk/${id}/stop`)).json()).state, "stopped");
  assert.equal((await problemOf(await ask(`POST /bulk/${id}/stop`), 409)).code, "bulk_state");
  assert.equal(bulkAnswer.parse(await (await ask(`POST /bulk/${id}/resume`)).json()).state, "running");
  await until("it is over", async () => (await posthorn.bulk.get(id)).state === "done");
  const { data } = bulkPage.parse(await (await ask("GET /bulk")).json());
  assert.deepEqual(
    data.map((each) => [each.id, each.tenant]),
    [
      [id, acme.id],
      [nothing.id, acme.id],
    ],
  );
  const listed = async (query: string) =>
    bulkPage.parse(await (await ask(`GET /bulk?${query}`)).json()).data.map((each) => each.id);
  const { actor } = data[0] ?? assert.fail();
  assert.deepEqual(await listed(`state=done&action=redeliver&tenant=acme&actor=${actor}`), [id, nothing.id]);
  assert.deepEqual(await listed("state=stopped"), []);
  assert.deepEqual(await listed("actor=nobody"), []);
  assert.equal((await ask("GET /bulk?tenant=other")).status, 404);
  assert.equal((await ask("GET /bulk?state=lost")).status, 422);
  await assert.rejects(posthorn.bulk.list({ action: "dance" as "cancel" }), /action/);
  assert.equal((await ask("POST /bulk", { action: "redeliver", filter: {} })).status, 202); // its tenant is a condition
});
