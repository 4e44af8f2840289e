import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { type InProcess, serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";
import { until } from "./support/until.ts";

const ARABIC = "عنوان الفواتير";

async function portalOf({ api }: InProcess, page: Page, body: object = {}): Promise<void> {
  const session = await api.ask("POST", "/tenants/acme/portal-sessions", body);
  await page.goto(portalSessionMade.parse(JSON.parse(session.text)).url);
}

test(
  "a customer works in the portal by keyboard: Enter submits, and the focus and the title follow the page",
  skipElsewhere,
  async (t) => {
    const served = await serveHere(t);
    const { webhooks } = served.posthorn;
    await webhooks.tenants.create({ uid: "acme" });
    const example = { id: 42 };
    await webhooks.eventTypes.create({
      name: "invoice.paid",
      description: ARABIC,
      schemas: { 1: { type: "object", examples: [example] } },
    });
    const page = await openBrowser(t);
    const faults = faultsOf(page, new URL(served.api.url).origin);
    await portalOf(served, page);
    const focused = () => page.locator(":focus").textContent();
    const press = (key: string) => page.keyboard.press(key);

    await page.getByRole("link", { name: "Add an endpoint" }).press("Enter");
    await page.locator("h1:focus", { hasText: "Add an endpoint" }).waitFor();
    assert.deepEqual(
      [await focused(), await page.title()],
      ["Add an endpoint", "Add an endpoint · Webhooks"],
    );

    const address = page.getByLabel("URL");
    await address.fill("example.com");
    await page.getByText("It must start with https://").waitFor();
    await address.fill("https://me:secret@example.com");
    await page.getByText("The URL must not contain a user name or password.").waitFor();
    await address.fill("https://");
    assert.equal(await page.getByRole("alert").count(), 0, "while it is typed it may become one");
    await press("Tab");
    await page.getByText("This is not a complete URL").waitFor();
    await press("Shift+Tab");
    await page.getByLabel("Only these").check();
    await page.getByRole("checkbox", { name: "invoice.paid" }).check();
    await page.locator("summary", { hasText: "Payload" }).first().click();
    await page.getByText('"id": 42').first().waitFor();
    await assertGoodToLookAt(page, "what events carry, where they are chosen");
    await address.fill("http://127.0.0.1:9/hooks");
    await page.getByLabel("Description").fill(ARABIC);
    await press("Enter");
    await page.getByText("Nothing has been sent to this endpoint yet").waitFor();
    const [made] = (await webhooks.endpoints.list("acme")).data;
    assert.deepEqual(
      [made?.url, made?.eventTypes, made?.description],
      ["http://127.0.0.1:9/hooks", ["invoice.paid"], ARABIC],
    );
    await page.locator(":focus", { hasText: made?.url ?? "" }).waitFor();
    assert.deepEqual(
      [await focused(), await page.title()],
      [made?.url, `Deliveries · ${made?.url} · Webhooks`],
    );
    assert.equal(await page.getByText(ARABIC).getAttribute("dir"), "auto");

    await page.getByRole("link", { name: "Settings" }).press("Enter");
    const disable = page.getByRole("button", { name: "Disable" });
    await disable.press("Enter");
    await page.getByRole("dialog").getByText("Events that happen while it is disabled").waitFor();
    assert.equal((await webhooks.endpoints.get("acme", made?.id ?? "")).status, "active", "it asks first");
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator("button:focus", { hasText: "Disable" }).waitFor(); // the focus is back where it was
    await page.getByLabel("Description").fill("changed");
    await press("Enter");
    await page.getByText("Saved.").waitFor();
    assert.equal((await webhooks.endpoints.get("acme", made?.id ?? "")).description, "changed");

    await page.getByRole("link", { name: "Secret" }).press("Enter");
    await page.getByText("In use since").waitFor();
    assert.equal(await page.getByText("also signed with the old secret").count(), 0);
    await page.getByRole("button", { name: "Replace it" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Replace it" }).press("Enter");
    await page.getByText("also signed with the old secret").waitFor();
    await page.reload();
    await page.getByText("also signed with the old secret").waitFor();
    await assertGoodToLookAt(page, "a secret that was replaced");

    await page.getByRole("link", { name: "Event types", exact: true }).press("Enter");
    assert.deepEqual(faults, []);
  },
);

test(
  "the portal lists a page of endpoints at a time, and says what a session may not see",
  skipElsewhere,
  async (t) => {
    const served = await serveHere(t);
    const { webhooks } = served.posthorn;
    await webhooks.tenants.create({ uid: "acme" });
    for (let n = 0; n < 101; n++) await webhooks.endpoints.create("acme", { url: `http://127.0.0.1:9/${n}` });
    const page = await openBrowser(t);
    const faults = faultsOf(page, new URL(served.api.url).origin);
    await portalOf(served, page);
    const cards = page.locator(".cards > li");
    for (const n of [50, 100, 101]) {
      await until(`${n} are shown`, async () => (await cards.count()) === n);
      if (n < 101) await page.getByRole("button", { name: "Show more" }).click();
    }
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
    await page.getByRole("link", { name: "Deliveries", exact: true }).click();
    await page.getByText("There are more than 100 endpoints").waitFor();

    await portalOf(served, page, { capabilities: ["test"] }); // another link in the same tab
    await page.getByText("There is nothing to see in this session").waitFor();
    await assertGoodToLookAt(page, "a session that sees nothing");
    assert.deepEqual(faults, []);
  },
);
