import assert from "node:assert/strict";
import { test } from "node:test";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

test(
  "the portal offers a session for some event types nothing that it may not do with an endpoint that gets others too",
  skipElsewhere,
  async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
    const { posthorn, api } = await serveHere(t);
    const { webhooks } = posthorn;
    for (const name of ["invoice.paid", "payroll.run"]) await webhooks.eventTypes.create({ name });
    await webhooks.tenants.create({ uid: "acme" });
    const made = async (path: string, eventTypes: readonly string[] | null) =>
      (await webhooks.endpoints.create("acme", { url: `${receiver.url}/${path}`, eventTypes })).endpoint.id;
    const shared = await made("shared", null);
    const own = await made("own", ["invoice.paid"]);
    const session = await api.ask("POST", "/tenants/acme/portal-sessions", { event_types: ["invoice.paid"] });
    const page = await openBrowser(t);
    const faults = faultsOf(page, new URL(api.url).origin); // an answer of 403 is one: the browser reports it as an error
    await page.goto(portalSessionMade.parse(JSON.parse(session.text)).url);
    const count = (name: string) => page.getByRole("button", { name, exact: true }).count();
    const open = async (endpoint: string, tab?: string) => {
      await page.getByRole("link", { name: "Endpoints", exact: true }).click();
      await page.getByRole("link", { name: `${receiver.url}/${endpoint}` }).click();
      const tabs = page.getByRole("navigation", { name: "About this endpoint" });
      if (tab !== undefined) await tabs.getByRole("link", { name: tab, exact: true }).click();
    };

    await open("shared", "Settings");
    await page.getByText("also gets events that you do not see here").waitFor();
    for (const name of ["Pause", "Disable", "Delete", "Change them"])
      assert.equal(await count(name), 0, name);
    assert.equal(await page.getByLabel("URL").isDisabled(), true);
    await page.getByLabel("Description").fill("theirs and ours");
    await assertGoodToLookAt(page, "settings of an endpoint that gets other events");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    assert.equal((await webhooks.endpoints.get("acme", shared)).description, "theirs and ours");
    await open("shared", "Secret");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("whsec_").waitFor();
    assert.equal(await count("Replace it"), 0);
    await open("shared", "Try it");
    await page.getByLabel("Event type").selectOption("invoice.paid");
    await page.getByRole("button", { name: "Send an example" }).click();
    await page.getByRole("status").waitFor();
    await open("shared", "Activity");

    await open("own", "Settings");
    const offers = (name: string) => page.getByRole("button", { name, exact: true }).waitFor();
    for (const name of ["Pause", "Disable", "Delete", "Change them"]) await offers(name);
    await webhooks.endpoints.patch("acme", own, { description: "from another tab" });
    await page.getByLabel("URL").fill(`${receiver.url}/own?moved`);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    const { url, description } = await webhooks.endpoints.get("acme", own);
    assert.deepEqual([url, description], [`${receiver.url}/own?moved`, "from another tab"]);

    await webhooks.send({ tenant: "acme", type: "invoice.paid", payload: {} });
    await open("own");
    await until("it is there", async () => {
      await page.getByRole("button", { name: "Refresh" }).click();
      return (await page.locator(".rows > li").count()) === 1;
    });
    const held = Promise.withResolvers<void>();
    await page.route("**/attempts?*status=failed*", async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.getByRole("button", { name: "Failed", exact: true }).click();
    const answered = page.waitForResponse(/status=succeeded/);
    await page.getByRole("button", { name: "Succeeded", exact: true }).click();
    await (await answered).finished();
    const late = page.waitForResponse(/status=failed/);
    held.resolve();
    await (await late).finished();
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    assert.equal(
      await page.locator(".rows > li").count(),
      1,
      "a late answer to an earlier choice is not shown",
    );
    await open("own", "Secret");
    await offers("Replace it");

    for (const id of [shared, own]) await webhooks.endpoints.disable("acme", id);
    await open("shared");
    await page.getByText("This endpoint is disabled").waitFor();
    assert.equal(await count("Enable"), 0);
    await open("own");
    await offers("Enable");
    assert.deepEqual(faults, []);

    await webhooks.portal.end("acme");
    await page.goBack(); // no click: the page may find out by itself, and then has no links
    await page.getByText("session is over").waitFor();
  },
);
