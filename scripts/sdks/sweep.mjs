// Calls every method of Svix's JavaScript library that the server offers, and lets it read the answers. Runs where the library is installed;
// 1.x and 2.x have other names for some.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { ApiException, Svix, Webhook } from "svix";

const svix = new Svix(process.env.SVIX_TOKEN ?? "", { serverUrl: process.env.SVIX_SERVER_URL });
const called = new Set();

/** @param names of the method, in the order of the versions. */
async function call(resource, names, ...args) {
  const of = resource.split(".").reduce((value, name) => value[name], svix);
  const name = [names].flat().find((each) => typeof of[each] === "function");
  assert.ok(name, `${resource} has none of ${names}`);
  called.add(`${resource}.${name}`);
  try {
    return await of[name](...args);
  } catch (error) {
    throw new Error(`${resource}.${name} failed: ${error?.code} ${JSON.stringify(error?.body)}`, {
      cause: error,
    });
  }
}

async function until(what, look) {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain until ${what}`);
}

async function refused(promise, status, code) {
  const error = await promise.then(
    () => assert.fail("it was not refused"),
    (thrown) => thrown,
  );
  const refusal = error.cause ?? error;
  assert.ok(refusal instanceof ApiException, String(error));
  assert.equal(refusal.code, status);
  const body = typeof refusal.body === "string" ? JSON.parse(refusal.body) : refusal.body;
  if (code) assert.equal(body.code, code);
}

const deliveries = [];
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  deliveries.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
  response.end("thanks");
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${receiver.address().port}/`;
const name = `js-${process.pid}`;

await call("health", "get");
const many = await Promise.all(
  Array.from({ length: 50 }, () => svix.application.getOrCreate({ name, uid: name })),
);
assert.equal(new Set(many.map(({ id }) => id)).size, 1);
const app = await call("application", "getOrCreate", { name, uid: name });
assert.ok(app.createdAt instanceof Date);
const other = await call("application", "create", { name: "Other", metadata: { a: "1" } });
await call("application", ["upsert", "update"], other.id, { name: "Changed" });
assert.equal((await call("application", "patch", other.id, { metadata: { b: "2" } })).metadata.b, "2");
assert.equal((await call("application", "get", name)).id, app.id);
assert.ok((await call("application", "list", { limit: 2 })).data.length > 0);
await call("application", "delete", other.id);
await refused(svix.application.get(other.id), 404, "not_found");
await refused(svix.application.create({ name, uid: name }), 409, "conflict");
await refused(svix.application.create({ name: "", uid: "app_x" }), 422);

const type = `${name}.paid`;
await call("eventType", "create", {
  name: type,
  description: "Paid",
  schemas: { 1: { type: "object", examples: [{ n: 1 }] } },
});
await call("eventType", ["upsert", "update"], type, {
  description: "Paid.",
  schemas: { 1: { examples: [{ n: 1 }] } },
});
await call("eventType", "patch", type, { deprecated: false });
assert.equal((await call("eventType", "get", type)).name, type);
assert.ok((await call("eventType", "list", { withContent: true })).data.length > 0);
await call("eventType", "create", { name: `${type}.old`, description: "" });
await call("eventType", "delete", `${type}.old`);

const endpoint = await call("endpoint", "create", app.id, { url, uid: "main", channels: ["eu"] });
assert.deepEqual([endpoint.channels, endpoint.disabled], [["eu"], false]);
await call("endpoint", ["upsert", "update"], app.id, "main", { url, description: "Ours" });
const types = "upsert" in svix.endpoint ? { eventTypes: [type] } : { filterTypes: [type] };
const patched = await call("endpoint", "patch", app.id, "main", { ...types, metadata: { a: "1" } });
assert.deepEqual(patched.eventTypes ?? patched.filterTypes, [type]);
assert.equal((await call("endpoint", "get", app.id, "main")).id, endpoint.id);
assert.equal((await call("endpoint", "list", app.id)).data.length, 1);
await call("endpoint", ["setHeaders", "updateHeaders", "headersUpdate"], app.id, "main", {
  headers: { "x-a": "1" },
});
await call("endpoint", ["patchHeaders", "headersPatch"], app.id, "main", { headers: { "x-b": "2" } });
assert.deepEqual((await call("endpoint", "getHeaders", app.id, "main")).headers, { "x-a": "1", "x-b": "2" });
await call("endpoint", "rotateSecret", app.id, "main", {});
const { key } = await call("endpoint", "getSecret", app.id, "main");
const example = await call("endpoint", "sendExample", app.id, "main", { eventType: type });
assert.equal(example.eventType, type);

const message = await call("message", "create", app.id, {
  eventType: type,
  eventId: "evt_1",
  payload: { n: 2 },
});
assert.ok(message.timestamp instanceof Date);
await refused(
  svix.message.create(app.id, { eventType: type, eventId: "evt_1", payload: { n: 2 } }),
  409,
  "conflict",
);
const twice = () =>
  svix.message.create(app.id, { eventType: type, payload: { n: 3 } }, { idempotencyKey: `${name}-3` });
assert.equal((await twice()).id, (await twice()).id);
assert.ok((await call("message", "list", app.id, { limit: 10 })).data.length >= 2);
assert.equal((await call("message", "get", app.id, "evt_1")).id, message.id);
const check = await call("message", "precheck", app.id, { eventType: type });
assert.equal(check.active, true);
const delivery = await until("it was delivered", () =>
  deliveries.find(({ headers }) => headers["svix-id"] === message.id),
);
new Webhook(key).verify(delivery.text, delivery.headers);
assert.throws(() => new Webhook(key).verify(`${delivery.text} `, delivery.headers));

const attempts = await until("there is an attempt", async () => {
  const page = await call("messageAttempt", "listByMsg", app.id, message.id);
  return page.data.length > 0 && page;
});
const [attempt] = attempts.data;
// 2.x asks for attempts without what was answered
assert.deepEqual([attempt.status, attempt.responseStatusCode], [0, 200]);
assert.ok(["thanks", "{}"].includes(attempt.response));
assert.ok((await call("messageAttempt", "listByEndpoint", app.id, "main", { limit: 5 })).data.length > 0);
assert.equal((await call("messageAttempt", "get", app.id, message.id, attempt.id)).id, attempt.id);
assert.ok((await call("messageAttempt", "listAttemptedMessages", app.id, "main")).data.length > 0);
const destinations = await call("messageAttempt", "listAttemptedDestinations", app.id, message.id);
assert.equal(destinations.data[0].id, endpoint.id);
await call("messageAttempt", "resend", app.id, message.id, "main");
await call("messageAttempt", "expungeContent", app.id, message.id, attempt.id);
await call("message", "expungeContent", app.id, message.id);
if (svix.message.bulkExpungeContent)
  await call("message", "bulkExpungeContent", app.id, { ids: [message.id] });
const since = new Date(Date.now() - 3_600_000);
const recovery = await call("endpoint", "recover", app.id, "main", { since });
assert.equal(recovery.task, "endpoint.recover");
const missing = await call("endpoint", "replayMissing", app.id, "main", { since });
await until(
  "it has ended",
  async () => (await call("backgroundTask", "get", missing.id)).status === "finished",
);
if (svix.endpoint.bulkReplay)
  await call("endpoint", "bulkReplay", app.id, "main", { since, status: 2, eventTypes: [type] });
if (svix.message.expungeAllContents) {
  const purge = await call("message", "expungeAllContents", app.id);
  assert.equal(purge.task, "application.purge_content");
}
assert.equal((await call("backgroundTask", "get", recovery.id)).id, recovery.id);
assert.ok((await call("backgroundTask", "list")).data.length > 0);
await call("endpoint", "getStats", app.id, "main", {});
await call("endpoint", "delete", app.id, "main");

const operational =
  "operationalWebhook" in svix ? "operationalWebhook.endpoint" : "operationalWebhookEndpoint";
const hook = await call(operational, "create", { url });
await call(operational, ["upsert", "update"], hook.id, { url, description: "Ours" });
assert.equal((await call(operational, "get", hook.id)).id, hook.id);
assert.ok((await call(operational, "list")).data.length > 0);
assert.ok((await call(operational, "getSecret", hook.id)).key);
await call(operational, "rotateSecret", hook.id, {});
await call(operational, ["setHeaders", "updateHeaders"], hook.id, { headers: { "x-a": "1" } });
assert.deepEqual((await call(operational, "getHeaders", hook.id)).headers, { "x-a": "1" });
await call(operational, "delete", hook.id);

const access = await call("authentication", "appPortalAccess", app.id, { featureFlags: [] });
assert.ok(new URL(access.url).hash.length > 1);
const theirs = new Svix(access.token, { serverUrl: process.env.SVIX_SERVER_URL });
assert.equal((await theirs.application.get(app.id)).id, app.id);
await refused(theirs.application.list(), 403);
await theirs.authentication.logout();
await refused(theirs.application.get(app.id), 401, "authentication_failed");
if (svix.authentication.dashboardAccess) await call("authentication", "dashboardAccess", app.id);
await call("authentication", "expireAll", app.id, {});
await refused(svix.integration.list(app.id), 501, "not_implemented");
await call("application", "delete", app.id);

// whatever else it has a method for is another name of what was called, or is said not to be offered
const times = { since: new Date(), until: new Date() };
const anything = new Proxy(new String("x"), {
  get: (text, name) =>
    times[name] ?? (typeof name === "symbol" ? undefined : (text[name]?.bind?.(text) ?? [])),
});
const others = [];
function* methodsOf(resource, path) {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(resource));
  for (const name of new Set([...Object.keys(resource), ...own])) {
    if (/^(?:constructor|requestCtx|_.*)$/.test(name)) continue;
    const member = resource[name];
    const at = path === "" ? name : `${path}.${name}`;
    if (typeof member === "function") yield [at, member.bind(resource)];
    else if (typeof member === "object" && member !== null) yield* methodsOf(member, at);
  }
}
for (const [at, method] of methodsOf(svix, "")) {
  if (called.has(at)) continue;
  try {
    await method("x", anything, anything, anything, anything);
    called.add(at);
  } catch (error) {
    const isKnown =
      error.code === 422 || (error.code === 404 && !/no such operation/.test(error.body?.detail));
    if (error instanceof ApiException && error.code === 501) others.push(at);
    else if (error instanceof ApiException && isKnown) called.add(at);
    else throw new Error(`${at} is neither done nor refused as what is not offered`, { cause: error });
  }
}

receiver.close();
receiver.closeAllConnections();
console.log(`${called.size} methods, and ${others.length} that are not offered`);
