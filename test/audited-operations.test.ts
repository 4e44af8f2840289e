import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { newId } from "../src/core/id.ts";
import { Audit } from "../src/engine/audit/audit.ts";
import { type App, createApp } from "../src/http/app.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { openPosthorn, type Posthorn, schedule, silentLog, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { Receiver } from "./support/receiver.ts";

/** The operations that change something and are not in the audit, and why. */
const UNTOLD: Readonly<Record<string, string>> = {
  enqueueTask: "makes a job, which is its own record",
  deliverWebhook: "makes a job, which is its own record",
  sendEvent: "makes an event, which is its own record",
  exchangePortalCode: "begins the session that was recorded when its code was made",
};

interface Asked {
  /** What stands in the path for its parameters. */
  readonly at?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const NAME = "nightly";
const TARGET = "http://127.0.0.1:9/";

let posthorn: Posthorn;
let app: App;
let keys: Keys;
let token: string;
let url: string;
let n = 0;

before(async () => {
  const greet = task("greet", { run: async () => {} });
  posthorn = await openPosthorn({
    ...{ database: ":memory:", worker: false, log: silentLog, allowTargets: ["127.0.0.1"] },
    masterKey: Buffer.alloc(32, 7).toString("base64"),
    tasks: [greet],
    schedules: [schedule(NAME, { cron: "0 3 * * *", task: greet, input: undefined })],
  });
  const store = storeOf(posthorn);
  const audit = new Audit({ shelf: store.audit, clock: systemClock, instrument: instrumentOf(posthorn) });
  keys = new Keys(store.keys, systemClock, audit);
  app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  ({ token } = await keys.create({ name: "ops", role: "admin" }));
});

after(() => posthorn.close());

async function job(isEnded: boolean): Promise<Asked> {
  const { jobId } = await posthorn.webhooks.deliver({ targetUrl: TARGET, payload: 1 });
  if (isEnded) await posthorn.jobs.cancel(jobId);
  return { at: { job_id: jobId } };
}

const ended = () => job(true);
const queued = () => job(false);

async function tenant(): Promise<{ readonly tenant: string }> {
  const { id } = await posthorn.webhooks.tenants.create({ uid: `tenant-${n++}` });
  return { tenant: id };
}

/** An endpoint of a tenant of its own. */
async function endpoint(options: object = {}): Promise<Asked> {
  const at = await tenant();
  const { endpoint: made } = await posthorn.webhooks.endpoints.create(at.tenant, { url, ...options });
  return { at: { ...at, endpoint: made.id } };
}

/** The endpoint, in another state. */
async function endpointThatIs(status: "paused" | "disabled"): Promise<Asked> {
  const { at = {} } = await endpoint();
  const { endpoints } = posthorn.webhooks;
  const verb = status === "paused" ? "pause" : "disable";
  await endpoints[verb](at.tenant ?? "", at.endpoint ?? "");
  return { at };
}

/** An endpoint, with an event of its tenant. */
async function endpointWithEvent(): Promise<Asked> {
  const { at = {} } = await endpoint();
  const sent = await posthorn.webhooks.send({ tenant: at.tenant ?? "", type: "a", payload: 1 });
  return { at: { ...at, event: sent.eventId } };
}

async function scheduleThatIs(status: "paused" | "resumed"): Promise<Asked> {
  await posthorn.schedules[status === "paused" ? "pause" : "resume"](NAME);
  return { at: { name: NAME } };
}

async function run(isStopped = false): Promise<Asked> {
  const { run: made } = await posthorn.bulk.start({
    action: "redeliver",
    filter: { status: "failed" },
    startsIn: "1h",
  });
  if (isStopped) await posthorn.bulk.stop(made.id);
  return { at: { bulk_run: made.id } };
}

async function eventType(): Promise<Asked> {
  const name = `type.n${n++}`;
  await posthorn.webhooks.eventTypes.createOnce({ name });
  return { at: { name } };
}

async function portalSession(): Promise<Asked> {
  const at = await tenant();
  const session_id = `session-${n++}`;
  await posthorn.webhooks.portal.create(at.tenant, { sessionId: session_id });
  return { at: { ...at, session_id } };
}

async function failure(): Promise<Asked> {
  const fingerprint = `alike-${n++}`;
  const { id } = await posthorn.webhooks.tenants.create({ uid: `tenant-${n++}` });
  await storeOf(posthorn).failureGroups.add([
    {
      ...{ fingerprint, task: "greet", lane: "greet", tenant: id, class: null, n: 1 },
      ...{ sample: "it failed", sampleJob: newId("job", 0), firstAt: 1, lastAt: 1 },
    },
  ]);
  return { at: { fingerprint } };
}

async function worker(): Promise<Asked> {
  const store = storeOf(posthorn);
  const id = newId("wrk");
  await store.workers.announce({
    ...{ id, machine: "host", pid: 1, startedAt: 1, deadline: Date.now() + 60_000 },
    ...{ concurrency: 8, slotsHeld: 0, version: "1.0.0", tasks: [] },
  });
  await store.workerReports.put({
    ...{ worker: id, reportedAt: Date.now(), running: 0, claimed: 0, windowMs: 0, loopDelayMs: null },
  });
  return { at: { worker: id } };
}

/** For each other operation, what it acts on, and its request. */
const TOLD: Readonly<Record<string, () => Promise<Asked>>> = {
  signTaskJobRequest: queued,
  rerunTaskJob: ended,
  retryTaskJob: ended,
  cancelTaskJob: queued,
  redeliverJob: ended,
  retryJob: ended,
  cancelJob: queued,
  pauseSchedule: async () => ({ at: { name: NAME } }),
  pauseSchedules: () => scheduleThatIs("resumed"),
  resumeSchedules: () => scheduleThatIs("paused"),
  resumeSchedule: () => scheduleThatIs("paused"),
  runSchedule: async () => ({ at: { name: NAME } }),
  drainWorker: worker,
  removeSchedule: async () => ({ at: { name: NAME } }),
  redeliverJobs: async () => ({ body: {} }),
  retryJobs: async () => ({ body: {} }),
  startBulkRun: async () => ({ body: { action: "redeliver", filter: { status: "failed" } } }),
  changeBulkRun: async () => ({ ...(await run()), body: { pace: 3 } }),
  stopBulkRun: run,
  resumeBulkRun: () => run(true),
  takeBulkRunBack: run,
  replayToEndpoint: async () => ({ ...(await endpoint()), body: { since: "1h" } }),
  createEventType: async () => ({ body: { name: `type.n${n++}` } }),
  putEventType: async () => ({ ...(await eventType()), body: { description: "another" } }),
  changeEventType: async () => ({ ...(await eventType()), body: { description: "another" } }),
  deleteEventType: eventType,
  createTenant: async () => ({ body: { uid: `tenant-${n++}` } }),
  putTenant: async () => ({ at: await tenant(), body: { name: "another" } }),
  eraseTenant: async () => ({ at: await tenant(), body: { dry_run: false } }),
  changeFailure: async () => ({ ...(await failure()), body: { state: "acknowledged" } }),
  changeTenant: async () => ({ at: await tenant(), body: { name: "another" } }),
  deleteTenant: async () => ({ at: await tenant() }),
  createEndpoint: async () => ({ at: await tenant(), body: { url: TARGET } }),
  putEndpoint: async () => ({ ...(await endpoint()), body: { url: TARGET } }),
  changeEndpoint: async () => ({ ...(await endpoint()), body: { description: "another" } }),
  deleteEndpoint: endpoint,
  rotateEndpointSecret: async () => ({ ...(await endpoint()), body: {} }),
  pauseEndpoint: endpoint,
  resumeEndpoint: () => endpointThatIs("paused"),
  disableEndpoint: endpoint,
  enableEndpoint: () => endpointThatIs("disabled"),
  verifyEndpoint: () => endpoint({ verification: { method: "challenge" } }),
  redeliverEvent: endpointWithEvent,
  testEndpoint: async () => ({ ...(await endpoint()), body: {} }),
  createPortalSession: async () => ({ at: await tenant(), body: {} }),
  endPortalSessions: portalSession,
  endPortalSession: portalSession,
  prune: async () => ({}),
  createKey: async () => ({ body: { name: "another", role: "read" } }),
  revokeKey: async () => ({ at: { key_id: (await keys.create({ name: "gone", role: "read" })).key.id } }),
};

function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = {
    ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
    "x-request-id": `request-${n++}`,
  };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  return Promise.resolve(app.fetch(new Request(`http://127.0.0.1:8000${path}`, init)));
}

interface Described {
  readonly operationId: string;
}

test("whatever changes something over HTTP is in the audit, with who did it and in which request, or is on the short list of exceptions", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(200));
  url = receiver.url;
  const { paths } = (await (await ask("GET", "/openapi.json")).json()) as {
    paths: Record<string, Record<string, Described>>; // as openapi.test.ts shows
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
  );
  const changes = operations.filter(({ method }) => method !== "get");
  assert.deepEqual(
    changes.map(({ operationId }) => operationId).toSorted(),
    [...Object.keys(TOLD), ...Object.keys(UNTOLD)].toSorted(),
  );
  for (const { path, method, operationId } of changes) {
    const prepare = TOLD[operationId];
    if (!prepare) continue;
    const { at = {}, body } = await prepare();
    const filled = path.replace(
      /\{(\w+)\}/g,
      (_, name: string) => at[name] ?? assert.fail(`${path}: ${name}`),
    );
    const answer = await ask(method.toUpperCase(), filled, body);
    assert.ok(answer.ok, `${operationId}: ${answer.status} ${await answer.text()}`);
    const { data } = await posthorn.audit.list({ limit: 20 });
    const told = data.filter(({ requestId }) => requestId === `request-${n - 1}`);
    assert.ok(told.length > 0, `${operationId} is not in the audit`);
    for (const { actor, via } of told) assert.deepEqual([actor, via], ["ops", "api"], operationId);
  }
});
