// Five integrations as people write them, with Svix's JavaScript library alone: nothing in them knows of Posthorn.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { ApiException, Svix, Webhook } from "svix";

const svix = new Svix(process.env.SVIX_TOKEN ?? "", { serverUrl: process.env.SVIX_SERVER_URL });
const suffix = process.pid;
const isStatus = (error, status) => error instanceof ApiException && error.code === status;

// 1. The application is made when the first message to it finds none.

async function notify(customer, eventType, payload) {
  try {
    return await svix.message.create(customer.id, { eventType, payload });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
    await svix.application.getOrCreate({ uid: customer.id, name: customer.name });
    return svix.message.create(customer.id, { eventType, payload });
  }
}

// 2. One application; each environment of a customer is a channel.

class Environments {
  constructor(customer) {
    this.customer = customer;
  }
  subscribe(environment, url) {
    return svix.endpoint.create(this.customer, { url, uid: environment, channels: [environment] });
  }
  async urls(environment) {
    const { data } = await svix.endpoint.list(this.customer, { limit: 250 });
    return data.filter(({ channels }) => channels?.includes(environment)).map(({ url }) => url);
  }
  send(environment, eventType, payload) {
    return svix.message.create(this.customer, { eventType, payload, channels: [environment] });
  }
}

// 3. "Manage webhooks" in the customer's settings: a link into the portal, which may be the first that is heard of the customer.

async function settingsLink(customer, theme) {
  const { url } = await svix.authentication.appPortalAccess(customer.id, {
    application: { uid: customer.id, name: customer.name },
    featureFlags: [],
  });
  const link = new URL(url);
  link.searchParams.set("darkMode", String(theme === "dark"));
  return link.toString();
}

// 4. A worker that may be killed between sending and remembering: what was sent already answers 409.

async function sendOnce(customer, event) {
  try {
    const { id } = await svix.message.create(customer, {
      eventType: event.type,
      eventId: event.id,
      payload: event.data,
      payloadRetentionPeriod: 30,
    });
    return { sent: true, id };
  } catch (error) {
    if (isStatus(error, 409)) return { sent: false, id: (await svix.message.get(customer, event.id)).id };
    throw error;
  }
}

// 5. Route handlers of Next.js: one that sends for whoever is logged in, and one that receives.

const org = { id: `next-${suffix}`, name: "Next" };

async function POST(request) {
  const { eventType, payload } = await request.json();
  const message = await svix.message.create(
    org.id,
    { eventType, payload: { eventType, ...payload }, application: { name: org.name, uid: org.id } },
    { idempotencyKey: request.headers.get("x-request-id") },
  );
  return Response.json({ id: message.id }, { status: 202 });
}

async function RECEIVE(request, secret) {
  const payload = await request.text();
  try {
    new Webhook(secret).verify(payload, Object.fromEntries(request.headers));
  } catch {
    return new Response("bad signature", { status: 400 });
  }
  return new Response(null, { status: 204 });
}

// and what comes of them

const arrived = [];
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  arrived.push({ path: request.url, headers: request.headers, text: Buffer.concat(chunks).toString() });
  response.end();
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const url = (path) => `http://127.0.0.1:${receiver.address().port}/${path}`;
async function arrival(id) {
  for (let tries = 0; tries < 600; tries++) {
    const found = arrived.find(({ headers }) => headers["svix-id"] === id);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${id} never arrived`);
}

const first = { id: `first-${suffix}`, name: "First" };
const twenty = await Promise.all(Array.from({ length: 20 }, (_, n) => notify(first, "user.created", { n })));
assert.equal(new Set(twenty.map(({ id }) => id)).size, 20);
assert.equal((await svix.message.list(first.id)).data.length, 20);
assert.equal((await svix.application.get(first.id)).name, "First");

const environments = new Environments(first.id);
await environments.subscribe("production", url("production"));
await environments.subscribe("staging", url("staging"));
assert.deepEqual(await environments.urls("staging"), [url("staging")]);
const staged = await environments.send("staging", "user.created", { n: 21 });
const produced = await environments.send("production", "user.created", { n: 22 });
assert.equal((await arrival(staged.id)).path, "/staging");
assert.equal((await arrival(produced.id)).path, "/production");
assert.equal(arrived.length, 2);

const link = new URL(await settingsLink({ id: `portal-${suffix}`, name: "Portal" }, "dark"));
assert.ok(link.hash.length > 1 && link.searchParams.get("darkMode") === "true");
assert.equal((await fetch(link)).status, 200);
assert.equal((await svix.application.get(`portal-${suffix}`)).name, "Portal");

const event = { id: `evt_${suffix}`, type: "invoice.paid", data: { n: 1 } };
const sent = await sendOnce(first.id, event);
assert.deepEqual([sent.sent, await sendOnce(first.id, event)], [true, { sent: false, id: sent.id }]);

const ask = () =>
  POST(
    new Request("http://app.example/api/events", {
      method: "POST",
      headers: { "x-request-id": `request-${suffix}` },
      body: JSON.stringify({ eventType: "invoice.paid", payload: { amount: 5 } }),
    }),
  );
const [one, again] = [await (await ask()).json(), await (await ask()).json()];
assert.equal(one.id, again.id);
const { id: endpoint } = await svix.endpoint.create(org.id, { url: url("next") });
const { key } = await svix.endpoint.getSecret(org.id, endpoint);
const next = await svix.message.create(org.id, { eventType: "invoice.paid", payload: { amount: 6 } });
const { headers, text } = await arrival(next.id);
const delivery = (body) => new Request("http://app.example/api/webhook", { method: "POST", headers, body });
assert.equal((await RECEIVE(delivery(text), key)).status, 204);
assert.equal((await RECEIVE(delivery(`${text} `), key)).status, 400);

receiver.close();
receiver.closeAllConnections();
