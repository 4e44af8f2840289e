import assert from "node:assert/strict";
import { test } from "node:test";
import { schedule, task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { until } from "./support/until.ts";

const TARGET = "http://127.0.0.1:9/";

test(
  "in the console, an admin pauses all schedules for maintenance, and erases a tenant once its id was typed",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const tidyUp = task("tidy-up", { run: async () => {} });
    const names = ["hourly", "nightly", `weekly-${"x".repeat(80)}`];
    for (const name of names)
      await posthorn.schedules.declare(schedule(name, { cron: "0 3 * * *", task: tidyUp, input: undefined }));
    const { id } = await posthorn.webhooks.tenants.create({ uid: "acme", name: "وصف 🎺 Acme" });
    const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: TARGET });
    await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: 1 });
    await at.signIn({ name: "ana", role: "admin" });
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    const confirm = (name: string) =>
      page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
    const pausedNow = async () =>
      (await posthorn.schedules.list()).filter(({ paused }) => paused).map(({ name }) => name);

    await watched.goTo("s", "Schedules");
    await press("Pause all");
    await page.getByRole("heading", { name: "Pause all 3?" }).waitFor();
    await watched.isWellMade("pause all schedules");
    await confirm("Pause all");
    await page.locator("[data-row] .status-paused").nth(2).waitFor();
    assert.deepEqual(await pausedNow(), names);
    await press("Resume all");
    await confirm("Resume all");
    await page.locator("[data-row] .status-paused").first().waitFor({ state: "detached" });
    assert.deepEqual(await pausedNow(), []);

    await posthorn.webhooks.deliver({ targetUrl: TARGET, payload: { order: 42, password: "hunter2" } });
    await watched.goTo("j", "Jobs");
    await page.locator("[data-row]").first().waitFor();
    const list = await page.getByRole("link", { name: "Export" }).getAttribute("href");
    const lines = (await (await page.request.get(at.url + list)).text()).trim().split("\n");
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ""), {
      end: true,
      jobs: lines.length - 1,
      next_cursor: null,
    });
    assert.ok(lines.length > 1 && !lines.join().includes("hunter2"));
    const searched = page.getByRole("textbox", { name: "Text in it" });
    await searched.fill("$.order = 42");
    await page.keyboard.press("Enter");
    await page.getByText(/Searched \d+ jobs?: all that meet the other conditions/).waitFor();
    assert.equal(await page.locator("[data-row]").count(), 1);
    await watched.isWellMade("jobs that were found");
    await searched.fill("hunter2");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nothing found" }).waitFor();

    await watched.open("/console/health");
    await press("Prune now");
    await page.getByRole("dialog").getByRole("textbox").fill("the disk fills up");
    await confirm("Prune now");
    await page.getByText("Nothing was past its retention.").waitFor();
    await watched.isWellMade("what was pruned");
    await confirm("Close");

    await watched.open("/console/endpoints/acme");
    await press("Erase…");
    await page.getByText("1 event, 1 delivery, 1 endpoint, 0 keys, 0 portal sessions.").waitFor();
    const erase = page.getByRole("button", { name: "Erase permanently" });
    assert.ok(await erase.isDisabled());
    const typed = page.getByRole("dialog").getByRole("textbox");
    await typed.fill("acme");
    assert.ok(await erase.isDisabled(), "its uid may be another tenant's tomorrow");
    await typed.fill(id);
    await watched.isWellMade("erase a tenant");
    await erase.click();
    await page.waitForURL("**/console/jobs/job_*");
    await page.getByText("webhook.erase_tenant").first().waitFor();
    await until("it is in the audit", async () => {
      const { data } = await posthorn.audit.list({ limit: 20 });
      const [erased] = data.filter(({ action }) => action === "tenant.erase");
      return erased?.actor === "ana" && erased.via === "console" && erased.target === id;
    });
    await assert.rejects(posthorn.webhooks.endpoints.get("acme", endpoint.id));
    watched.isClean();
  },
);
