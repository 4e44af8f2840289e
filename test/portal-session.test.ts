import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";

test(
  "the portal of a session for some event types offers only those, and fetches another session when it ends",
  skipElsewhere,
  async (t) => {
    const { posthorn, api } = await serveHere(t);
    const origin = new URL(api.url).origin;
    const { webhooks } = posthorn;
    await webhooks.tenants.create({ uid: "acme" });
    for (const name of ["invoice.paid", "invoice.voided", "payroll.run"])
      await webhooks.eventTypes.create({ name, description: `About ${name}` });
    await webhooks.endpoints.create("acme", {
      url: "http://127.0.0.1:9/payroll",
      eventTypes: ["payroll.run"],
    });
    const shop = createServer((_, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Shop</title>");
    }).listen(0, "127.0.0.1");
    await once(shop, "listening");
    t.after(() => {
      shop.closeAllConnections();
      shop.close();
    });
    const home = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/webhooks?team=1`; // of a server on a port
    const asked = { event_types: ["invoice.paid", "invoice.voided"], refresh_url: home, expires_in: "2h" };
    const made = await api.ask("POST", "/tenants/acme/portal-sessions", asked);
    const page = await openBrowser(t);
    const faults = faultsOf(page, origin);
    await page.clock.install({ time: Date.now() + 3 * 3_600_000 }); // a clock that is wrong by more than the session lasts
    await page.goto(portalSessionMade.parse(JSON.parse(made.text)).url);

    await page.getByText("None of the events shown here").waitFor();
    await page.getByRole("link", { name: "Event types" }).click();
    await page.getByText("About invoice.voided").waitFor();
    assert.equal(await page.getByText("payroll").count(), 0);
    await page.getByRole("link", { name: "Endpoints" }).click();
    await page.getByRole("link", { name: "Add an endpoint" }).click();
    await page.getByLabel("invoice.voided").uncheck();
    assert.equal(await page.getByLabel("All, including those added later").count(), 0);
    assert.equal(await page.getByText("payroll").count(), 0);
    await page.getByLabel("URL").fill("http://127.0.0.1:9/hooks");
    await assertGoodToLookAt(page, "a new endpoint of some event types");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByText("Nothing has been sent to this endpoint yet").waitFor();
    const [newest] = (await webhooks.endpoints.list("acme")).data;
    assert.deepEqual(newest?.eventTypes, ["invoice.paid"]);

    assert.deepEqual(faults, []);
    await page.clock.fastForward("02:00:00");
    await page.waitForURL(`${home}&next=**`);
    assert.equal(await page.title(), "Shop");
    assert.equal(new URL(page.url()).searchParams.get("next"), `/endpoints/${newest?.id}`);
  },
);
