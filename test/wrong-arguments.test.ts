import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError, request, schedule, task } from "../src/posthorn.ts";
import { open } from "./support/posthorn.ts";

const NO_ID = "job_01k9zq3v7n8r2m4w6x8y0z1a3b";
const note = task("note", { run: () => "done" });

// biome-ignore lint/suspicious/noExplicitAny: as it looks to those who call it without types
type Untyped = any;

/** What is asked for, and the path of the member that the error names, with what it says of it. */
const WRONG: readonly [string, (posthorn: Untyped) => unknown, RegExp][] = [
  [
    "a member of a filter that HTTP has",
    (p) => p.jobs.list({ task: "note" }),
    /^task: is unknown; valid names are tasks, lane/,
  ],
  ["an invalid filter", (p) => p.jobs.list("failed"), /^options: must be an object with tasks/],
  ["one name for several", (p) => p.jobs.list({ tasks: "note" }), /^tasks: must be a list of the names/],
  ["invalid names", (p) => p.jobs.list({ tasks: [5] }), /^tasks: must be a list/],
  ["an invalid lane", (p) => p.jobs.list({ lane: 5 }), /^lane: must be a string/],
  ["an invalid status", (p) => p.jobs.list({ status: "FAILED" }), /^status: must be one of queued, running/],
  [
    "several statuses, one unknown",
    (p) => p.jobs.list({ status: ["failed", "done"] }),
    /^status: must be one or more of/,
  ],
  [
    "a status that is an object",
    (p) => p.jobs.list({ status: { failed: true } }),
    /^status: must be one or more of/,
  ],
  [
    "no status at all, which is not every one",
    (p) => p.jobs.list({ status: [] }),
    /^status: must be one or more of/,
  ],
  [
    "a bulk run over no status",
    (p) => p.bulk.start({ action: "cancel", filter: { status: [] } }),
    /^filter.status: must be one or more of/,
  ],
  [
    "an event with a header that its deliveries have already",
    (p) => p.webhooks.send({ tenant: "acme", type: "a", payload: 1, headers: { "Webhook-Event-Type": "b" } }),
    /^headers.Webhook-Event-Type: is set by Posthorn/,
  ],
  [
    "an endpoint with one",
    (p) => p.webhooks.endpoints.create("acme", { url: "https://a.example/", headers: { "Svix-ID": "b" } }),
    /^headers.Svix-ID: is set by Posthorn/,
  ],
  [
    "an endpoint that asks for one",
    (p) =>
      p.webhooks.endpoints.create("acme", {
        url: "https://a.example/",
        auth: { kind: "header", name: "svix-signature", value: "b" },
      }),
    /^auth.name: is set by Posthorn/,
  ],
  [
    "an endpoint of nothing",
    (p) => p.webhooks.endpoints.create("acme"),
    /^options: must be an object with at/,
  ],
  ["a key of nothing", (p) => p.keys.create(), /^options: must be an object with name and role/],
  [
    "retention asked for what it does not do",
    (p) => p.prune({ dryRun: true }),
    /^by.dryRun: is unknown; valid names are actor, reason/,
  ],
  [
    "a change by somebody with a misspelt member",
    (p) => p.webhooks.tenants.create({ uid: "new" }, { actor: { name: "ann", request: "r" } }),
    /^actor.request: is unknown; valid names are name, id/,
  ],
  [
    "retries that were not awaited",
    (p) => p.webhooks.endpoints.create("acme", { url: "https://a.example/", retry: Promise.resolve({}) }),
    /^retry: must be an object with/,
  ],
  [
    "a change by a name",
    (p) => p.webhooks.tenants.create({ uid: "new" }, "ann"),
    /^by: must be an object with actor and reason/,
  ],
  [
    "a change for a reason that is a number",
    (p) => p.webhooks.endpoints.create("new", { url: "https://a.example/" }, { actor: "ann", reason: 5 }),
    /^reason: must be a string/,
  ],
  [
    "a change by nobody's name",
    (p) => p.webhooks.tenants.create({ uid: "new" }, { actor: { id: "7" } }),
    /^actor.name: must be a string/,
  ],
  [
    "a change by an unknown way",
    (p) => p.webhooks.tenants.create({ uid: "new" }, { actor: { name: "ann", via: "phone" } }),
    /^actor.via: must be one of api, cli/,
  ],
  [
    "a tenant revealed",
    (p) => p.audit.revealed({ kind: "tenant", id: "acme" }, { reason: "x" }),
    /^kind: must/,
  ],
  [
    "a list of jobs revealed",
    (p) => p.audit.revealed({ kind: "job", id: [NO_ID] }, { reason: "x" }),
    /^id: must/,
  ],
  [
    "NaN in an input",
    (p) => p.enqueue(note, { order: { total: Number.NaN } }),
    /^input: cannot be written as JSON: order\.total is NaN, which would be null$/,
  ],
  [
    "an infinite one in a payload",
    (p) => p.webhooks.send({ tenant: "acme", type: "a", payload: [1 / 0] }),
    /^payload: cannot be written as JSON: 0 is Infinity, which would be null$/,
  ],
  [
    "invalid schemas, which would be kept",
    (p) => p.webhooks.eventTypes.create({ name: "a", schemas: Number.NaN }),
    /^schemas: must be an object of schemas by version/,
  ],
  [
    "invalid flags, which would be kept",
    (p) => p.webhooks.eventTypes.create({ name: "a", featureFlags: "" }),
    /^featureFlags: must be/,
  ],
  [
    "an invalid bulk run over a status, which is not every one",
    (p) => p.bulk.start({ action: "cancel", filter: { task: "note", status: null } }),
    /^filter.status: must be one or more of/,
  ],
  [
    "a key of a list of tenants",
    (p) => p.keys.create({ name: "k", role: "read", tenant: ["a"] }),
    /^tenant: must/,
  ],
  ["a follow-up by its name", (p) => p.enqueueMany([], { onSettled: "note" }), /^onSettled: must be a task/],
  [
    "an event with a misspelt option",
    (p) => p.webhooks.send({ tenant: "acme", type: "a", payload: 1 }, { idempotencyKey: "k" }),
    /^idempotencyKey: is unknown; valid names are idempotency/,
  ],
  [
    "an event for a tenant that may be made after all",
    (p) => p.webhooks.send({ tenant: "acme", type: "a", payload: 1 }, { unknownTenants: "refuse" }),
    /^unknownTenants: must be reject/,
  ],
  [
    "an event to an unknown reach",
    (p) => p.webhooks.send({ tenant: "acme", type: "a", payload: 1 }, { reach: "acme" }),
    /^reach: must be an object with tenant, mode/,
  ],
  [
    "an endpoint of no name",
    (p) => p.webhooks.endpoints.put("acme", undefined, {}),
    /^endpoint: must be a string/,
  ],
  ["known endpoints of no list", (p) => p.webhooks.endpoints.known("acme", "ep_1"), /^ids: must be a list/],
  [
    "attempts counted at no time",
    (p) => p.webhooks.attempts.count("acme", "main", null),
    /^span: must be an/,
  ],
  [
    "attempts of nothing in particular",
    (p) => p.webhooks.attempts.ofEvent("acme", "e", null),
    /^options: must/,
  ],
  ["attempts on no page", (p) => p.jobs.attempts(NO_ID, null), /^options: must be an object with limit/],
  [
    "a token asked for with nothing",
    (p) =>
      p.webhooks.endpoints.create("acme", {
        url: "https://a.example/",
        auth: {
          kind: "oauth2",
          tokenUrl: "https://a.example/",
          clientId: "a",
          clientSecret: "b",
          parameters: null,
        },
      }),
    /^auth.parameters: must be an object of strings/,
  ],
  [
    "a delay of an object",
    (p) => p.enqueue(note, 1, { delay: Object.create(null) }),
    /^delay: the object is not a/,
  ],
  [
    "a long word for a delay",
    (p) => p.enqueue(note, 1, { delay: "x".repeat(10_000) }),
    /^delay: "x{50}…" is not a duration; write it like/,
  ],
  ["nothing revealed", (p) => p.audit.revealed(), /^revealed: must be an object with kind/],
  ["nobody to reveal it", (p) => p.audit.revealed({ kind: "job", id: NO_ID }), /^by: must be an object/],
  ["no change of failures", (p) => p.failures.update("f"), /^change: must be an object with state, note/],
  ["no filter of failures", (p) => p.failures.list(null), /^filter: must be an object with task, lane/],
  ["no filter of events", (p) => p.webhooks.events.list(null, null), /^filter: must be an object with/],
  [
    "no filter of attempts",
    (p) => p.webhooks.attempts.ofTenant("acme", null),
    /^options: must be an object with status, class/,
  ],
  [
    "a schedule without options",
    (p) => p.schedules.declare(schedule("n", undefined as Untyped)),
    /cron, task/,
  ],
  ["null for an event", (p) => p.webhooks.events.get(null), /^event: must be the id of an event/],
  ["an erasure without options", (p) => p.webhooks.tenants.erase("acme"), /^options: must be an object/],
  ["a replay without a start", (p) => p.webhooks.replay("acme", "one"), /^options: must be an object/],
  [
    "milliseconds for a Date",
    (p) => p.jobs.list({ createdFrom: 1_900_000_000_000 }),
    /^createdFrom: must be an RFC 3339 time/,
  ],
  [
    "an invalid moment",
    (p) => p.jobs.list({ createdBefore: new Date("never") }),
    /^createdBefore: must be an RFC 3339 time/,
  ],
  [
    "several at once",
    (p) => p.jobs.list({ lane: 5, state: "x" }),
    /^state: is unknown.*; lane: must be a string/,
  ],
  ["a page without a limit", (p) => p.jobs.list({}, {}), /^limit: must be a whole number from 1 to 10000/],
  ["a negative limit", (p) => p.jobs.list({}, { limit: -1 }), /^limit: must be a whole number .* not -1/],
  ["a limit past all", (p) => p.jobs.list({}, { limit: 1e9 }), /^limit: must be a whole number/],
  ["a limit of NaN", (p) => p.jobs.page({}, { limit: Number.NaN }), /^limit: must be a whole number/],
  [
    "a cursor of HTTP's",
    (p) => p.jobs.page({}, { limit: 5, cursor: "x" }),
    /^cursor: is unknown; valid names are limit, before/,
  ],
  [
    "a page before something that is not a job",
    (p) => p.jobs.list({}, { limit: 5, before: "x" }),
    /^before: must be the id of a job/,
  ],
  ["attempts of nothing", (p) => p.jobs.attempts(null), /^id: must be the id of a job/],
  [
    "attempts before a job",
    (p) => p.jobs.attempts(NO_ID, { limit: 5, before: NO_ID }),
    /^before: must be a whole number/,
  ],
  [
    "attempts by an unknown name",
    (p) => p.jobs.attempts(NO_ID, { limit: 5, after: 1 }),
    /^after: is unknown/,
  ],
  ["a job that is null", (p) => p.jobs.get(null), /^id: must be the id of a job/],
  ["a whole job for its id", (p) => p.jobs.get({ id: NO_ID }), /^id: must be the id of a job/],
  ["a rerun of nothing", (p) => p.jobs.rerun(undefined), /^id: must be the id of a job/],
  ["a cancel of a number", (p) => p.jobs.cancel(5), /^id: must be the id of a job/],
  ["a watcher that cannot be called", async (p) => p.jobs.watch(NO_ID, "x"), /^changed: must be a function/],
  ["a group that is a number", (p) => p.jobs.group(5), /^groupId: must be a string/],
  ["a wait of no time", (p) => p.jobs.waitUntilEnded(NO_ID, "5"), /^wait: "5" is not a duration/],
  [
    "a controller for its signal",
    (p) => p.jobs.waitUntilEnded(NO_ID, 5, new AbortController()),
    /^signal: must be an AbortSignal/,
  ],
  ["a result by the task's name", (p) => p.result("note", NO_ID), /^task: must be what task/],
  [
    "a wait for a result that is not a duration",
    (p) => p.result(note, NO_ID, "5 seconds"),
    /^wait: "5 seconds" is not a duration/,
  ],
  ["a task by its name", (p) => p.enqueue("note", {}), /^task: must be what task/],
  ["options that are a number", (p) => p.enqueue(note, {}, 5), /^options: must be an object/],
  ["options in a Map", (p) => p.enqueue(note, {}, new Map([["delay", "1h"]])), /^options: must be an object/],
  [
    "a key for idempotency",
    (p) => p.enqueue(note, {}, {}, "key"),
    /^idempotency: must be an object with scope, key/,
  ],
  [
    "a key for idempotency that no index holds",
    (p) => p.enqueue(note, 1, {}, { scope: "a", key: "k".repeat(1_001), fingerprint: "" }),
    /^idempotency.key: must be at most 1000 bytes/,
  ],
  [
    "a key for idempotency that no PostgreSQL holds",
    (p) => p.enqueue(note, 1, {}, { scope: "a", key: "\0", fingerprint: "" }),
    /^idempotency.key: must be Unicode/,
  ],
  [
    "idempotency in part",
    (p) => p.enqueue(note, {}, {}, { scope: "s", key: "k" }),
    /^idempotency.fingerprint: must be a string/,
  ],
  ["one request for many", (p) => p.enqueueMany(request(note, undefined)), /^requests: must be a list/],
  ["requests of nothing", (p) => p.enqueueMany([null]), /^0.request: must be what/],
  ["a request by other names", (p) => p.enqueueMany([{ task: note, data: 1 }]), /^0.data: is unknown/],
  ["a worker of a name", async (p) => p.work("note", () => 1), /^task: must be what task/],
  [
    "a worker that cannot be called",
    async (p) => p.work(task("other", {}), "x"),
    /^handler: must be a function/,
  ],
  ["a bulk run of nothing", (p) => p.bulk.start(), /^options: must be an object with action/],
  ["a preview of nothing", (p) => p.bulk.preview(null), /^options: must be an object with action/],
  [
    "a bulk run in no reach",
    (p) => p.bulk.get("qtask_1", null),
    /^reach: must be an object with tenant, mode/,
  ],
  ["bulk runs of a tenant that is null", (p) => p.bulk.list({}, { tenant: null }), /^reach.tenant: must be/],
  [
    "a bulk run started by null",
    (p) => p.bulk.start({ action: "cancel", filter: { task: "note" } }, null),
    /^options: must be an object with reach/,
  ],
  ["a preview for null", (p) => p.bulk.preview({ action: "cancel" }, null), /^options: must be an object/],
  ["a pace set by null", (p) => p.bulk.setPace("qtask_1", 5, null), /^options: must be an object/],
  ["a run stopped by null", (p) => p.bulk.stop("qtask_1", null), /^options: must be an object/],
  ["a run resumed by null", (p) => p.bulk.resume("qtask_1", null), /^options: must be an object/],
  ["one taken back by null", (p) => p.bulk.takeBack("qtask_1", null), /^options: must be an object/],
  [
    "one stopped in an unknown mode",
    (p) => p.bulk.stop("qtask_1", { reach: { mode: "Live" } }),
    /^reach.mode: must be live or test/,
  ],
  ["failures for null", (p) => p.failures.list({}, null), /^options: must be an object with reach/],
  ["a group of failures for null", (p) => p.failures.get("f", null), /^options: must be an object/],
  [
    "a group of failures in no reach",
    (p) => p.failures.get("f", { reach: null }),
    /^reach: must be an object with tenant, mode/,
  ],
  [
    "a group of failures changed by null",
    (p) => p.failures.update("f", { note: "seen" }, null),
    /^options: must be an object/,
  ],
  ["an export of no filter", (p) => p.audit.exported({}), /^filter: must be an object: the filter of/],
  [
    "an export for a tenant that is a number",
    (p) => p.audit.exported({ filter: {}, tenantId: 5 }),
    /^tenantId:/,
  ],
  [
    "probes of nothing",
    (p) => p.webhooks.endpoints.nextProbes(null),
    /^endpoints: must be a list of tenants/,
  ],
  [
    "probes by id",
    (p) => p.webhooks.endpoints.nextProbes(["ep_1"]),
    /^endpoints.0: must be an object with tenant and id/,
  ],
  [
    "probes without a tenant",
    (p) => p.webhooks.endpoints.nextProbes([{ id: "ep_1" }]),
    /^endpoints.0.tenant: must be a string/,
  ],
  ["a tenant of nothing", (p) => p.webhooks.tenants.getOrCreate(), /^options: must be an object with uid/],
  [
    "a tenant that is there, by other names",
    async (p) => {
      await p.webhooks.tenants.create({ uid: "acme" });
      return p.webhooks.tenants.getOrCreate({ uid: "acme", metadat: {} });
    },
    /^metadat: is unknown/,
  ],
  ["an event type of nothing", (p) => p.webhooks.eventTypes.createOrRevive(), /^options: must be an object/],
  ["an invalid schedule", (p) => p.schedules.declare({ name: "s" }), /^schedule: must be what schedule/],
  ["a schedule's pause by a number", (p) => p.schedules.pause(5), /^name: must be a string/],
];

test("the library refuses what it does not know or cannot use, and names it", async (t) => {
  const posthorn: Untyped = await open(t, { tasks: [note] });
  for (const [what, ask, says] of WRONG) {
    await assert.rejects(
      async () => ask(posthorn),
      (thrown) => {
        assert.ok(thrown instanceof InvalidInputError, `${what}: ${thrown}`);
        assert.match(thrown.message, says, what);
        return true;
      },
      what,
    );
  }
  assert.deepEqual(await posthorn.jobs.list(), [], "and nothing was enqueued");
});
