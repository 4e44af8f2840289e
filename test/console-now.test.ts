import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../src/core/clock.ts";
import { Membership } from "../src/engine/fleet/membership.ts";
import { Instrument } from "../src/observe/instrument.ts";
import { schedule, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { VERSION } from "../src/version.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { Receiver } from "./support/receiver.ts";

/** Where to keep what the pages look like, for people to see. */
const LOOKS = process.env.POSTHORN_LOOKS;

test(
  "Now names the endpoints that fail most, shows one alone, and marks deploys and pauses; Workers says whose lease holds and what nobody handles",
  skipElsewhere,
  async (t) => {
    const receiver = await Receiver.start(t, (delivery) =>
      delivery.answer(delivery.path === "/well" ? 200 : 500),
    );
    const at = await ConsoleWithKeys.open(t, { worker: true });
    const { posthorn, page, watched } = at;
    const look = async (name: string, theme: string, width: number) => {
      if (!LOOKS) return;
      mkdirSync(LOOKS, { recursive: true });
      await page.screenshot({ path: join(LOOKS, `${name}-${theme}-${width}.png`), fullPage: true });
    };
    await posthorn.webhooks.tenants.create({ uid: "acme", name: "وصف 🎺 Acme" });
    const retry = { attempts: 1 };
    const { endpoint: failing } = await posthorn.webhooks.endpoints.create("acme", {
      uid: "failing",
      url: `${receiver.url}/${"x".repeat(180)}`,
      retry,
    });
    await posthorn.webhooks.endpoints.create("acme", { uid: "well", url: `${receiver.url}/well`, retry });
    for (const payload of [1, 2, 3])
      await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload });
    const tidyUp = task("tidy-up", { run: async () => {} });
    await posthorn.schedules.declare(
      schedule("nightly", { cron: "0 3 * * *", task: tidyUp, input: undefined }),
    );
    await posthorn.schedules.pause("nightly", { actor: "ana" });
    const newer = { concurrency: 1, version: "99.0.0" };
    const gone = new Membership(storeOf(posthorn), systemClock, new Instrument(), newer);
    await gone.start();
    await gone.stop();

    await at.signIn({ name: "ana", role: "admin" });
    await page.getByRole("heading", { name: /Endpoints that fail most/ }).waitFor();
    const rows = page.getByRole("table", { name: /most failed attempts/ }).locator("[data-row]");
    assert.equal(await rows.count(), 1);
    assert.equal(await rows.getByRole("link", { name: "3", exact: true }).count(), 1);
    await page
      .getByText(/^Storage:/)
      .or(page.getByRole("link", { name: "Storage" }))
      .first()
      .waitFor();
    await page.getByText(/Deploys and pauses in this period: 3/).click();
    await page.getByText(`worker started, version ${VERSION}`).waitFor();
    await page.getByText(`version 99.0.0 in place of ${VERSION}`).waitFor();
    await page.getByText("schedule paused by ana: nightly").waitFor();
    await watched.isWellMade("now", (theme, width) => look("now", theme, width));

    await page
      .getByRole("link", { name: /^Only this: http/ })
      .first()
      .click();
    await page.waitForURL(new RegExp(`endpoint=${failing.id}`));
    assert.ok(await page.getByRole("button", { name: "1h" }).isDisabled());
    await page.getByText("Of all processes, by the hour.").waitFor();
    await page.getByRole("heading", { name: /Endpoints that fail most/ }).waitFor({ state: "detached" });
    await page.getByRole("table", { name: "The newest jobs" }).locator("[data-row]").nth(2).waitFor();
    assert.equal(await page.locator("[data-row] .status-succeeded").count(), 0);
    await watched.isWellMade("one endpoint", (theme, width) => look("one-endpoint", theme, width));

    await page.getByRole("textbox", { name: "Endpoint" }).fill("acme/well");
    await page.keyboard.press("Enter");
    await page.locator("[data-row] .status-succeeded").nth(2).waitFor();
    await page.getByRole("textbox", { name: "Endpoint" }).fill(failing.id);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`endpoint=${failing.id}`));
    watched.expect(/404/);
    await page.getByRole("textbox", { name: "Endpoint" }).fill("acme/nobody");
    await page.keyboard.press("Enter");
    await page.locator(".filters").getByRole("alert").waitFor();
    watched.expect(undefined);

    // nothing is due for thirty seconds in a test: the answer says that there is
    await page.route("**/stats?span=1m", async (route) => {
      const answer = await route.fetch();
      const stats = await answer.json();
      const unhandled = [
        { task: "send-receipt", oldest_due_at: new Date(Date.now() - 90_000).toISOString() },
      ];
      await route.fulfill({ response: answer, json: { ...stats, now: { ...stats.now, unhandled } } });
    });
    await watched.open("/console/workers");
    await page.getByRole("heading", { name: "Due, but no living worker handles it" }).waitFor();
    await page.getByRole("link", { name: "send-receipt" }).waitFor();
    await page.getByText(/ left$|ran out while it was idle/).waitFor();
    await watched.isWellMade("workers", (theme, width) => look("workers", theme, width));
    await page.unrouteAll({ behavior: "ignoreErrors" }); // the page asks each second
  },
);

test(
  "each number of jobs on Now opens the list that it counts, and the oldest due one its job",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const targetUrl = "http://127.0.0.1:9/";
    const { jobId: oldest } = await posthorn.webhooks.deliver({ targetUrl, payload: 1 });
    await posthorn.webhooks.deliver({ targetUrl, payload: 2 });
    for (const payload of [3, 4, 5]) await posthorn.webhooks.deliver({ targetUrl, payload, delay: "1h" });
    await posthorn.webhooks.tenants.create({ uid: "acme" });
    const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: targetUrl });
    await posthorn.webhooks.endpoints.pause("acme", endpoint.id);
    await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: 6 });
    await at.signIn({ name: "bo", role: "read" });
    for (const [name, count] of [
      ["Ready", 2],
      ["Scheduled", 3],
      ["Held", 1],
    ] as const) {
      await watched.open("/console");
      const number = page.locator(".tile", { hasText: name }).getByRole("link");
      assert.equal(await number.textContent(), String(count));
      await number.click();
      await page.waitForURL(`**/console/jobs?waiting=${name.toLowerCase()}`);
      await page
        .locator("[data-row]")
        .nth(count - 1)
        .waitFor();
      assert.equal(await page.locator("[data-row]").count(), count);
    }
    await watched.isWellMade("jobs that are held");
    await watched.open("/console");
    await page.locator(".tile", { hasText: "Oldest due" }).getByRole("link").click();
    await page.waitForURL(`**/console/jobs/${oldest}`);
    await page.getByRole("button", { name: "Cancel", exact: true }).waitFor();
    const colourOf = (name: string) =>
      page.evaluate<string>(
        `getComputedStyle([...document.querySelectorAll("button")].find((each) => each.textContent === "${name}")).color`,
      );
    const [runNow, cancel] = await Promise.all(["Run now", "Cancel"].map(colourOf));
    assert.equal(cancel, runNow, "what may not be done looks like it, dangerous or not");
    await watched.isWellMade("the oldest due job");
  },
);
