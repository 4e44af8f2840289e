import assert from "node:assert/strict";
import { test } from "node:test";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

test(
  "a customer sees the request of a delivery in the portal, and has one that arrived sent once more",
  skipElsewhere,
  async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
    const { posthorn, api } = await serveHere(t);
    const { webhooks } = posthorn;
    await webhooks.tenants.create({ uid: "acme" });
    const headers = { "x-key": "what only they know" };
    await webhooks.endpoints.create("acme", { url: receiver.url, headers });
    const payload = `{"id":9007199254740993,"price":1.0,"note":"${"long ".repeat(60)}"}`;
    await api.post("/webhooks/events", `{"tenant":"acme","type":"invoice.paid","payload":${payload}}`);
    await until("it has arrived", () => receiver.ledger.length === 1);

    const session = await api.ask("POST", "/tenants/acme/portal-sessions", {});
    const page = await openBrowser(t);
    const faults = faultsOf(page, new URL(api.url).origin);
    await page.goto(portalSessionMade.parse(JSON.parse(session.text)).url);
    await page.getByRole("link", { name: "Deliveries", exact: true }).click();
    const rows = page.locator(".rows > li");
    await until("it is listed", async () => {
      await page.getByRole("button", { name: "Refresh" }).click();
      return (await rows.count()) === 1;
    });
    await rows.first().locator("summary").first().click();
    await page.getByText("Request", { exact: true }).click();
    await page.getByText('"id": 9007199254740993').waitFor();
    const shown = (await rows.first().textContent()) ?? "";
    assert.match(shown, /"price": 1\.0,/, "numbers are shown as they are sent");
    assert.match(shown, new RegExp(`webhook-id${receiver.ledger[0]?.headers["webhook-id"]}`));
    assert.match(shown, /x-keynot shown/);
    await assertGoodToLookAt(page, "the request of a delivery");

    await page.getByRole("button", { name: "Send it again" }).click();
    await page.getByText("It will be sent again").waitFor();
    await until("it has arrived once more", () => receiver.ledger.length === 2);
    const [first, second] = receiver.ledger;
    assert.equal(second?.headers["webhook-id"], first?.headers["webhook-id"]);
    assert.equal(second?.text, payload);
    assert.deepEqual(faults, []);
  },
);

test("an event is delivered to an endpoint once more over the API, once per idempotency key", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
  const { posthorn, api } = await serveHere(t);
  const { webhooks } = posthorn;
  await webhooks.tenants.create({ uid: "acme" });
  await webhooks.endpoints.create("acme", { uid: "main", url: receiver.url, eventTypes: ["invoice.*"] });
  const { eventId } = await webhooks.send({ tenant: "acme", type: "payroll.run", payload: { n: 1 } });
  const path = `/tenants/acme/endpoints/main/events/${eventId}/redeliver`;
  const key = { "idempotency-key": '"once"' };
  const [made, again] = [await api.post(path, undefined, key), await api.post(path, undefined, key)];
  assert.deepEqual([made.status, again.status, again.text], [202, 202, made.text]);
  assert.deepEqual(
    [made, again].map(({ headers }) => headers.get("idempotent-replayed")),
    [null, "true"],
  );
  await until("it has arrived", () => receiver.ledger.length === 1);
  assert.equal(
    receiver.ledger[0]?.headers["webhook-id"],
    eventId,
    "though the endpoint does not want such events",
  );

  await webhooks.events.erase("acme", eventId);
  const refused = await api.post(path);
  assert.deepEqual([refused.status, JSON.parse(refused.text).code], [409, "event_erased"]);
});
