import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { eventPage } from "../src/http/schemas/event.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";

/** Of both databases. */
const server = scratchServer();
const NEW_DATABASE = { SQLite: () => ":memory:", PostgreSQL: () => server.newDatabase() };
type Database = keyof typeof NEW_DATABASE;
const DATABASES: readonly Database[] = ["SQLite", "PostgreSQL"];

async function eventsToFind(t: TestContext, kind: Database) {
  const database = await NEW_DATABASE[kind]();
  const posthorn = await open(t, { database, worker: false, masterKey: MASTER_KEY });
  const { webhooks } = posthorn;
  const send = (tenant: string, eventId: string, payload: unknown) =>
    webhooks.send({ tenant, type: "invoice.paid", eventId, payload });
  await send("acme", "first", { order: 42, password: "hunter2" });
  await send("acme", "second", { order: 42.0, note: "order-42 مرحبا 🎺" });
  await send("acme", "order-42-third", { order: 7 });
  await send("other", "fourth", { order: 42 });
  await send("acme", "too-large", { order: 42, text: "x".repeat(70_000) });
  return posthorn;
}

for (const kind of DATABASES)
  test(`events are found by what is in their payloads and ids, within the filter: ${kind}`, async (t) => {
    const { events } = (await eventsToFind(t, kind)).webhooks;
    const found = async (tenant: string | null, filter: Parameters<typeof events.list>[1]) =>
      (await events.list(tenant, filter)).data.map(({ eventId }) => eventId);
    assert.deepEqual(await found("acme", { text: "order-42" }), ["order-42-third", "second"]);
    assert.deepEqual(
      await found("acme", { text: "$.order = 42" }),
      ["second", "first"],
      "not what is too large",
    );
    assert.deepEqual(await found(null, { text: "$.order = 42" }), ["fourth", "second", "first"]);
    assert.deepEqual(await found("acme", { text: "🎺" }), ["second"]);
    assert.deepEqual(await found("acme", { text: "order", type: "user.made" }), []);
    assert.deepEqual(await found("acme", { text: "%".repeat(2) }), [], "nothing in it is a wildcard");
    const first = await events.list(null, { text: "$.order = 42", limit: 2 });
    assert.deepEqual(
      [first.data.length, first.prevCursor, first.isComplete, first.searchedTo],
      [2, null, true, null],
    );
    const [{ id } = { id: "" }] = first.data;
    const second = await events.list(null, { text: "$.order = 42", limit: 2, after: first.nextCursor ?? "" });
    assert.deepEqual([second.data.map(({ eventId }) => eventId), second.nextCursor], [["first"], null]);
    await events.erase("acme", "first");
    assert.deepEqual(await found("acme", { text: "hunter2" }), [], "what is erased is not found");
    for (const filter of [{ text: "o" }, { text: "o".repeat(201) }, { text: "order", before: id }])
      await assert.rejects(events.list("acme", filter), { code: "invalid_input" });
  });

for (const kind of DATABASES)
  test(`over HTTP, what a key is not shown of an event's payload is not found, and a portal session searches nothing: ${kind}`, async (t) => {
    const posthorn = await eventsToFind(t, kind);
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    const asked = async (path: string, token: string, text: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await app.fetch(
        new Request(`http://127.0.0.1:8000${path}?${new URLSearchParams({ text })}`, { headers }),
      );
      const { data } = (await answer.json()) as { data?: readonly { given_event_id: string }[] }; // or a problem
      return { status: answer.status, ids: data?.map(({ given_event_id }) => given_event_id) };
    };
    const by = async (key: Partial<NewKey>, text: string) => {
      const { token } = await keys.create({ name: "k", role: "read", payloads: "full", ...key });
      return asked("/webhooks/events", token, text);
    };
    const { id: acme } = await posthorn.webhooks.tenants.get("acme");
    assert.deepEqual(await by({}, "hunter2"), { status: 200, ids: ["first"] });
    assert.deepEqual(await by({ payloads: "redacted" }, "hunter2"), { status: 200, ids: [] });
    assert.deepEqual(
      await by({ payloads: "redacted" }, "chars"),
      { status: 200, ids: [] },
      "no stand-in is found",
    );
    assert.deepEqual(await by({ payloads: "redacted" }, "order-42"), {
      status: 200,
      ids: ["order-42-third", "second"],
    });
    assert.equal((await by({ payloads: "none" }, "order-42")).status, 422);
    assert.deepEqual(await by({ tenant: acme }, "$.order = 42"), { status: 200, ids: ["second", "first"] });
    assert.equal((await by({}, "o")).status, 422);
    const { token } = await posthorn.webhooks.portal.create("acme");
    assert.equal((await asked("/webhooks/events", token, "order-42")).status, 422);
  });

test("over HTTP, a page of few events says how far it was searched, and the next one goes on", async (t) => {
  const posthorn = await open(t, { worker: false, masterKey: MASTER_KEY });
  const send = (type: string) => posthorn.webhooks.send({ tenant: "acme", type, payload: {} });
  const { eventId } = await send("rare");
  await Promise.all(Array.from({ length: 2_100 }, () => send("often")));
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: systemClock });
  const page = async (cursor = "") => {
    const query = new URLSearchParams({ type: "rare", ...(cursor && { cursor }) });
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000/webhooks/events?${query}`));
    return eventPage.parse(await answer.json());
  };
  const first = await page();
  assert.deepEqual([first.data, first.complete], [[], false]);
  assert.ok(first.searched_to && first.next_cursor);
  const second = await page(first.next_cursor);
  assert.deepEqual([second.data.map(({ event_id }) => event_id), second.complete], [[eventId], true]);
  assert.equal(second.searched_to, null);
  assert.ok(first.searched_to >= String(second.data[0]?.created_at));
});

test(
  "the console finds events by text, and redelivers all deliveries of one, however many there are",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const { webhooks } = posthorn;
    for (let n = 0; n < 60; n++) await webhooks.endpoints.create("acme", { url: `http://127.0.0.1:9/${n}` });
    const { eventId } = await webhooks.send({
      tenant: "acme",
      type: "invoice.paid",
      payload: { order: "A-42" },
    });
    await webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { order: "B-42" } });
    for (const { id } of await posthorn.jobs.list({ event: eventId }, { limit: 100 }))
      await posthorn.jobs.cancel(id);
    await at.signIn({ name: "ana", role: "manage", payloads: "full" });
    await watched.open("/console/events");
    await page.locator("[data-row]").nth(1).waitFor();
    const text = page.getByLabel("Text or id");
    await text.fill("A-42");
    await text.press("Enter");
    await page.locator("[data-row]").nth(1).waitFor({ state: "detached" });
    await page.waitForURL("**text=A-42**");
    await watched.isWellMade("events that were found");
    await page.locator("[data-row] a").first().click();
    await page.getByRole("heading", { name: "Sent to 60 endpoints" }).waitFor();
    await page.getByRole("button", { name: "Redeliver…" }).click();
    await page.getByRole("button", { name: "Redeliver webhooks: 60" }).waitFor();
    watched.isClean();
  },
);
