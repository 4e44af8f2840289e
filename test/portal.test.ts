import assert from "node:assert/strict";
import { test } from "node:test";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const HOSTILE = `<img src=x onerror="document.title='broken'">`;

test("a customer looks after endpoints in the portal, and sees what was sent", skipElsewhere, async (t) => {
  let answered = 500;
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(answered, answered === 500 ? HOSTILE : ""),
  );
  const { posthorn, api } = await serveHere(t);
  const origin = new URL(api.url).origin;
  const { webhooks } = posthorn;
  await webhooks.tenants.create({ uid: "acme", name: "Acme" });
  const example = { id: 42, note: HOSTILE };
  const schema = { type: "object", properties: { id: { type: "integer" } }, examples: [example] };
  await webhooks.eventTypes.create({
    name: "invoice.paid",
    description: `An invoice was paid ${HOSTILE}`,
    schemas: { 1: schema },
  });
  await webhooks.eventTypes.create({ name: "invoice.voided" });
  await webhooks.tenants.create({ uid: "other" });
  await webhooks.endpoints.create("other", { url: `${receiver.url}/others` });

  const made = await api.ask("POST", "/tenants/acme/portal-sessions", {});
  const { url } = portalSessionMade.parse(JSON.parse(made.text));
  const page = await openBrowser(t);
  const faults = faultsOf(page, origin);
  await page.goto(url);
  const shows = (text: string) => page.getByText(text, { exact: false }).first().waitFor();
  await shows("No endpoints yet");
  assert.ok(!page.url().includes("phc_"), "the code is wiped from the address");
  await assertGoodToLookAt(page, "no endpoints");

  await page.getByRole("link", { name: "Add an endpoint" }).click();
  await page.getByLabel("URL").fill("http://10.0.0.1/");
  await page.getByLabel("Description").fill(`${HOSTILE} وصف 🎺 ${"long".repeat(40)}`);
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByRole("alert").waitFor();
  await assertGoodToLookAt(page, "an endpoint that is refused");
  await page.getByLabel("URL").fill(`${receiver.url}/hooks`);
  await page.getByLabel("Only these").check();
  await page.getByRole("checkbox", { name: "invoice.paid" }).check();
  await page.getByRole("button", { name: "Add it" }).click();
  await shows("Nothing has been sent to this endpoint yet");
  await assertGoodToLookAt(page, "a new endpoint");

  const id = /ep_\w+/.exec(page.url())?.[0] ?? "";
  await webhooks.endpoints.patch("acme", id, { retry: { delays: ["1h"] } }); // it is sent again by hand only
  await webhooks.send({ tenant: "acme", type: "invoice.paid", payload: example });
  await webhooks.send({ tenant: "other", type: "invoice.paid", payload: { secretly: "theirs" } });
  await until("it has failed", async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    return (await page.locator("summary").count()) > 0;
  });
  await page.locator("summary").first().click();
  await shows("Your answer");
  await assertGoodToLookAt(page, "a delivery that failed");
  answered = 204;
  await page.getByRole("button", { name: "Send it again" }).click();
  await shows("It will be sent again");
  await until("it has arrived", async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    return (await page.getByText("204").count()) > 0;
  });

  await page.getByRole("button", { name: "Send again…" }).click();
  await page.getByLabel("What").selectOption("all");
  await assertGoodToLookAt(page, "what will be sent again");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await shows("It starts in a moment");
  await until("it is asked for", async () => (await posthorn.bulk.list()).data[0]?.action === "replay");
  const [replayed] = (await posthorn.bulk.list()).data;
  await posthorn.bulk.stop(replayed?.id ?? ""); // an endpoint has one replay at a time, and this one would wait ten seconds

  await page.getByRole("link", { name: "Deliveries", exact: true }).first().click();
  await page.getByLabel("Event type").selectOption("invoice.paid");
  await page.locator("summary").first().waitFor();
  const late = Promise.withResolvers<void>();
  await page.route(/status=failed/, async (route) => {
    await late.promise;
    await route.continue();
  });
  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await shows("Loading…");
  assert.equal(await page.locator("summary").count(), 0, "none of what was chosen before");
  late.resolve();
  await page
    .locator("summary", { hasText: `${receiver.url}/hooks` })
    .first()
    .click();
  await shows("Your answer");
  await assertGoodToLookAt(page, "deliveries to all endpoints");
  await page.getByRole("link", { name: `${receiver.url}/hooks` }).click();

  await page.getByRole("link", { name: "Try it" }).click();
  await page.getByLabel("Event type").selectOption("invoice.paid");
  await page.getByRole("button", { name: "Send an example" }).click();
  await page.getByRole("status").waitFor();
  await assertGoodToLookAt(page, "an example that was sent");

  await page.getByRole("link", { name: "Secret" }).click();
  await page.getByRole("button", { name: "Show" }).click();
  await shows("whsec_");
  const secret = await page.locator("code.secret").textContent();
  await page.getByRole("button", { name: "Replace it" }).click();
  await assertGoodToLookAt(page, "a question");
  await page.getByRole("dialog").getByRole("button", { name: "Replace it" }).click();
  await until("there is another", async () => (await page.locator("code.secret").textContent()) !== secret);

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Change them" }).click();
  await page.getByLabel("One per line").fill("x-team: billing");
  await assertGoodToLookAt(page, "headers of their own");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await shows("Deliveries have x-team.");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await assertGoodToLookAt(page, "settings");
  await page.getByRole("button", { name: "Disable" }).click();
  await assertGoodToLookAt(page, "whether to disable");
  await page.getByRole("button", { name: "Disable it" }).click();
  await shows("This endpoint is disabled");
  await webhooks.send({ tenant: "acme", type: "invoice.paid", payload: example });
  await page.getByRole("link", { name: "Deliveries", exact: true }).last().click();
  await until("its numbers are written down", async () => {
    const { points } = await webhooks.endpoints.stats("acme", id);
    return points.some(({ succeeded }) => succeeded > 0) && points.some(({ retried }) => retried > 0);
  });
  await page.reload();
  await shows("One event was not sent to it meanwhile");
  await shows("In the last 24 hours: 1 delivered, 1 failed and tried again");
  await assertGoodToLookAt(page, "an endpoint that is disabled");
  await page.getByRole("button", { name: "Enable, and send what it missed" }).click();
  await shows("What it missed will be sent in a moment");
  await until("it is asked for", async () => {
    const [last] = (await posthorn.bulk.list()).data;
    return last?.what === "missing";
  });
  const tabs = page.getByRole("navigation", { name: "About this endpoint" });
  await tabs.getByRole("link", { name: "Activity" }).click();
  await shows("in this portal");
  await assertGoodToLookAt(page, "activity");

  const gone = await webhooks.endpoints.create("acme", { url: `${receiver.url}/${"gone".repeat(40)}` });
  await webhooks.endpoints.delete("acme", gone.endpoint.id, { actor: "ana", reason: `${HOSTILE} وصف 🎺` });
  for (let n = 0; n < 25; n++) await webhooks.endpoints.patch("acme", id, { metadata: { n: `${n}` } });
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Activity" }).click();
  await shows("What was done to your endpoints");
  await page
    .getByRole("link", { name: `${receiver.url}/hooks` })
    .nth(24)
    .waitFor();
  assert.equal(await page.locator("li.change").count(), 25);
  await page.getByRole("button", { name: "Show more" }).click();
  const deleted = page.locator("li.change", { hasText: "Endpoint deleted" });
  await deleted.getByText("gonegone").waitFor();
  await deleted.getByText("by us").waitFor();
  for (const what of [
    ...["Endpoint added", "Secret shown", "Paused", "Resumed", "Disabled", "Enabled"],
    ...["What it never got is sent", "Example sent (invoice.paid)"],
  ])
    await page.getByText(what, { exact: true }).first().waitFor();
  assert.equal(await page.getByRole("link", { name: /gone/ }).count(), 0, "nothing leads to it any more");
  await assertGoodToLookAt(page, "activity of all endpoints");
  await page
    .getByRole("link", { name: `${receiver.url}/hooks` })
    .first()
    .click();
  await tabs.getByRole("link", { name: "Activity" }).waitFor();

  await page.getByRole("link", { name: "Event types" }).click();
  await page.locator("summary").first().click();
  await shows("Example");
  await assertGoodToLookAt(page, "event types");
  await page.getByRole("link", { name: "Verify" }).click();
  const [sent] = receiver.ledger;
  assert.ok(sent && secret);
  const headers = ["id", "timestamp", "signature"].map(
    (name) => `webhook-${name}: ${sent.headers[`webhook-${name}`]}`,
  );
  await page.getByLabel("Headers").fill(headers.join("\n"));
  await page.getByLabel("Body").fill(`${sent.text}\n`);
  await page.getByLabel("The endpoint's secret").fill(secret);
  await page.getByRole("button", { name: "Check" }).click();
  await shows("It is genuine except for a line break at the end of the body");
  await assertGoodToLookAt(page, "verify");

  await page.reload();
  await page.getByRole("link", { name: "Endpoints" }).first().click();
  await shows(`${receiver.url}/hooks`);
  await assertGoodToLookAt(page, "endpoints");
  const text = (await page.locator("body").textContent()) ?? "";
  assert.ok(!text.includes("/others"), "nothing of another tenant is shown");
  assert.equal(await page.title(), "Endpoints · Webhooks", "what is shown is text");

  await webhooks.portal.end("acme");
  await page.goto(`${origin}/portal`);
  await shows("This session is over");
  const expected = faults.filter((fault) => /status of (401|422|403)/.test(fault));
  assert.deepEqual(
    faults.filter((fault) => !expected.includes(fault)),
    [],
  );
});
