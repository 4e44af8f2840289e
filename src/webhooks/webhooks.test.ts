import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { DuplicateKeyError, InvalidInputError, KeyReusedError, OverloadedError } from "../core/errors.ts";
import { isId } from "../core/id.ts";
import { PayloadTags } from "../core/json/payload-tags.ts";
import { Audit } from "../engine/audit/audit.ts";
import { BulkRuns } from "../engine/bulk/bulk-runs.ts";
import { Engine } from "../engine/engine.ts";
import type { IdempotencyRules } from "../engine/intake/intake.ts";
import { Instrument } from "../observe/instrument.ts";
import { SecretBox } from "../secrets/secret-box.ts";
import type { LeasedJob } from "../store/queue.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { JsonText } from "./accept/deliver-request.ts";
import { parseDeliveryOptions } from "./accept/delivery-options.ts";
import { Attempts } from "./attempts/attempts.ts";
import { Destinations } from "./destination.ts";
import { EndpointSecrets } from "./endpoints/endpoint-secrets.ts";
import { Endpoints } from "./endpoints/endpoints.ts";
import { EventTypes } from "./event-types/event-types.ts";
import { EventTypeSchemas } from "./event-types/schema.ts";
import { Events } from "./events/events.ts";
import { HttpDestination } from "./http/http-destination.ts";
import { PortalSessions } from "./portal/portal-sessions.ts";
import { Registry } from "./registry/registry.ts";
import { BulkPlaces } from "./replay/bulk-places.ts";
import { DeliverySecrets } from "./signing/delivery-secrets.ts";
import { signatureHeaders } from "./signing/sign.ts";
import { newSecret, parseSigningKey } from "./signing/signing-key.ts";
import { TargetPolicy } from "./targets/target-policy.ts";
import { Tenants } from "./tenants/tenants.ts";
import { Webhooks, type WebhooksParts } from "./webhooks.ts";

const HOUR_MS = 3_600_000;
const TARGET = "http://127.0.0.1:9000/in?token=a#part";
const CLAIM = { scope: "caller POST /webhooks/deliver", key: "k", fingerprint: "f" };

/** Nothing is sent here. */
const UNUSED = { send: () => assert.fail("it was sent"), close: async () => {} };

/** On a real store, beneath an engine that does not work. */
async function setUp(context: TestContext, parts: Partial<WebhooksParts & IdempotencyRules> = {}) {
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  const clock = new ManualClock();
  const box = SecretBox.open(randomBytes(32).toString("base64"));
  const secrets = new DeliverySecrets(box, newSecret());
  const policy = new TargetPolicy({ allow: ["127.0.0.0/8"] });
  const { duplicateKeys = "replay" } = parts;
  const idempotency = { keyRetentionMs: 24 * HOUR_MS, duplicateKeys };
  const { intake } = new Engine({ store, tasks: [], retention: { jobsMs: 1e12 }, clock, idempotency });
  const destinations = new Destinations(new HttpDestination({ policy, sender: UNUSED, version: "1.0.0" }));
  const registry = new Registry(store, clock);
  const sealed = new EndpointSecrets(box);
  const audit = new Audit({ shelf: store.audit, clock });
  const tenants = new Tenants({ store, intake, registry, clock, audit });
  const endpoints = new Endpoints({
    ...{ store, intake, sealed, destinations, registry, clock, audit },
    exchange: { send: () => assert.fail("nothing is sent here") },
    lanes: { park: () => {} },
    watch: { letIn: async () => {} },
    instrument: new Instrument(),
    announcements: { about: async () => undefined },
  });
  const events = new Events({ store, secrets, audit });
  const places = new BulkPlaces(store, registry);
  const bulk = new BulkRuns({
    ...{ store, intake: { submit: intake.submit.bind(intake) }, places, clock, audit },
    instrument: new Instrument(),
    endings: async () => undefined,
    next: () => assert.fail("nobody goes on with it here"),
  });
  const webhooks = new Webhooks({
    payloadTags: PayloadTags.none,
    intake: parts.intake ?? intake,
    destinations,
    bulk,
    secrets,
    sending: { send: () => assert.fail("no event is sent here") },
    tenants,
    endpoints,
    eventTypes: new EventTypes({ store, intake, registry, schemas: new EventTypeSchemas(), clock, audit }),
    events,
    redelivering: { redeliver: () => assert.fail("nothing is redelivered here") },
    attempts: new Attempts({ store, tenants, endpoints, events, audit }),
    imports: { run: () => assert.fail("nothing is imported here") },
    portal: new PortalSessions({ shelf: store.portalSessions, tenants, clock, audit }),
    clock,
  });
  return { store, clock, secrets, webhooks };
}

async function claimAll(store: Store, clock: ManualClock): Promise<readonly LeasedJob[]> {
  const now = clock.now();
  const worker = {
    id: "wrk_1",
    machine: "m",
    pid: 1,
    startedAt: now,
    deadline: now + HOUR_MS,
    concurrency: 1,
    slotsHeld: 0,
    version: "1.0.0",
    tasks: [],
  };
  const claim = {
    worker,
    limit: 10,
    maxBytes: Number.MAX_SAFE_INTEGER,
    room: { byDefault: 10, except: new Map<string, number>() },
  };
  return (await store.queue.commit({ now, enqueues: [], settlements: [], claim })).claimed;
}

test("an accepted webhook is a job in the store, with the payload byte for byte", async (context) => {
  const { store, clock, webhooks } = await setUp(context);
  const payload = '{ "n": 12345678901234567890, "a":2.50 }';
  const { jobId, replayed } = await webhooks.deliver({ targetUrl: TARGET, payload: new JsonText(payload) });
  assert.ok(isId("job", jobId));
  assert.equal(replayed, false);
  const [job] = await claimAll(store, clock);
  assert.ok(job);
  assert.equal(job.id, jobId);
  assert.equal(job.task, "webhook.deliver");
  assert.equal(job.lane, "http://127.0.0.1:9000/in");
  assert.equal(job.payload, payload);
  assert.equal(job.maxAttempts, 10);
  assert.equal(job.createdAt, clock.now());
  assert.deepEqual(parseDeliveryOptions(job.options), { targetUrl: TARGET });
});

test("what was asked for is kept with the job, its secret and headers sealed", async (context) => {
  const { store, clock, webhooks, secrets } = await setUp(context);
  const secret = newSecret();
  const { jobId } = await webhooks.deliver({
    targetUrl: TARGET,
    payload: 1,
    headers: { "X-A": "b" },
    timeout: "30s",
    maxAttempts: 3,
    eventId: "evt_1",
    secret,
  });
  const [job] = await claimAll(store, clock);
  assert.equal(job?.maxAttempts, 3);
  const { secret: sealed, headers, ...options } = parseDeliveryOptions(job?.options ?? "");
  assert.deepEqual(options, {
    targetUrl: TARGET,
    timeoutMs: 30_000,
    eventId: "evt_1",
  });
  assert.ok(!job?.options.includes(secret.slice("whsec_".length)) && !job?.options.includes("X-A"));
  assert.deepEqual(secrets.headersOf(jobId, headers), { "X-A": "b" });
  assert.deepEqual(
    signatureHeaders(secrets.keysOf(jobId, sealed), "a", 0, "b"),
    signatureHeaders([parseSigningKey(secret)], "a", 0, "b"),
  );
});

test("a webhook for later is due then, one for earlier is due now", async (context) => {
  const { store, clock, webhooks } = await setUp(context);
  const runAtOf = async (when: object) => {
    const { jobId } = await webhooks.deliver({ targetUrl: TARGET, payload: 1, ...when });
    return (await store.records.get(jobId))?.runAt;
  };
  const now = clock.now();
  assert.equal(await runAtOf({ delay: "1h" }), now + HOUR_MS);
  assert.equal(await runAtOf({ runAt: new Date(now + 2 * HOUR_MS) }), now + 2 * HOUR_MS);
  assert.equal(await runAtOf({ runAt: "1994-11-06T08:49:37Z" }), now);
  assert.equal(await runAtOf({}), now);
});

test("a target that the policy refuses is refused, together with whatever else is wrong", async (context) => {
  const { store, webhooks } = await setUp(context);
  const fieldsOf = async (request: { targetUrl: string; maxAttempts?: number }) => {
    const error: unknown = await webhooks
      .deliver({ payload: 1, ...request })
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof InvalidInputError, String(error));
    return error.problems.map(({ path }) => path.join("."));
  };
  assert.deepEqual(await fieldsOf({ targetUrl: "http://10.0.0.1/" }), ["targetUrl"]);
  assert.deepEqual(await fieldsOf({ targetUrl: "ftp://127.0.0.1/", maxAttempts: 0 }), [
    "targetUrl",
    "maxAttempts",
  ]);
  assert.deepEqual(await fieldsOf({ targetUrl: TARGET, maxAttempts: 0 }), ["maxAttempts"]);
  assert.deepEqual((await store.records.list({}, { limit: 10 })).jobs, []);
});

test("the same key and request are answered with the first job, until the key expires", async (context) => {
  const { clock, webhooks } = await setUp(context);
  const request = { targetUrl: TARGET, payload: 1 };
  const first = await webhooks.deliver(request, CLAIM);
  clock.advance(23 * HOUR_MS);
  assert.deepEqual(await webhooks.deliver(request, CLAIM), {
    jobId: first.jobId,
    replayed: true,
    existing: false,
  });
  clock.advance(HOUR_MS);
  const again = await webhooks.deliver(request, CLAIM);
  assert.equal(again.replayed, false);
  assert.notEqual(again.jobId, first.jobId);
});

test("the same key with another request is refused", async (context) => {
  const { webhooks } = await setUp(context);
  await webhooks.deliver({ targetUrl: TARGET, payload: 1 }, CLAIM);
  const other = { ...CLAIM, fingerprint: "g" };
  await assert.rejects(webhooks.deliver({ targetUrl: TARGET, payload: 2 }, other), KeyReusedError);
  await assert.rejects(webhooks.redeliverMany({}, other), KeyReusedError);
});

test("a server that rejects duplicates refuses the same request, too", async (context) => {
  const { store, webhooks } = await setUp(context, { duplicateKeys: "reject" });
  await webhooks.deliver({ targetUrl: TARGET, payload: 1 }, CLAIM);
  await assert.rejects(webhooks.deliver({ targetUrl: TARGET, payload: 1 }, CLAIM), DuplicateKeyError);
  assert.equal((await store.records.list({}, { limit: 10 })).jobs.length, 1);
});

test("a redelivery by filter is a job of its own", async (context) => {
  const { store, clock, webhooks } = await setUp(context);
  const { jobId, replayed } = await webhooks.redeliverMany({ targetUrl: TARGET }, CLAIM);
  assert.equal(replayed, false);
  const [job] = await claimAll(store, clock);
  assert.equal(job?.id, jobId);
  assert.equal(job?.task, "webhook.redeliver");
  const { run: id } = JSON.parse(job?.payload ?? "");
  const { jobs } = JSON.parse((await store.bulkRuns.get(id))?.filter ?? "");
  assert.deepEqual([jobs.statuses, jobs.lane], [["failed"], "http://127.0.0.1:9000/in"]);
  assert.deepEqual(await webhooks.redeliverMany({ targetUrl: TARGET }, CLAIM), {
    jobId,
    replayed: true,
    existing: false,
  });
});

test("by its old name, a redelivery by filter is a job of the task's old name", async (context) => {
  const { webhooks, store } = await setUp(context);
  const { jobId } = await webhooks.retryMany({ targetUrl: TARGET });
  assert.equal((await store.records.get(jobId))?.task, "webhook.retry");
});

test("a redelivery by an invalid filter is refused", async (context) => {
  const { store, webhooks } = await setUp(context);
  await assert.rejects(webhooks.redeliverMany({ targetUrl: "nowhere" }), InvalidInputError);
  assert.deepEqual((await store.records.list({}, { limit: 10 })).jobs, []);
});

test("when there is no room, the caller is told", async (context) => {
  const full = { accept: () => Promise.reject(new OverloadedError("too much is waiting")) };
  const { webhooks } = await setUp(context, { intake: full });
  await assert.rejects(webhooks.deliver({ targetUrl: TARGET, payload: 1 }), OverloadedError);
});
