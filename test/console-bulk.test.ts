import assert from "node:assert/strict";
import { test } from "node:test";
import { task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { until } from "./support/until.ts";

test(
  "a bulk run may start after a preview that was cut short, once that is confirmed, and be undone before it begins",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t, { worker: false });
    const { posthorn, page, watched } = at;
    const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "http://127.0.0.1:9/", payload: 1 });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open("/console/jobs?status=queued");
    const preview = async (found: object) => {
      await page.route("**/bulk", async (route) => {
        if (!route.request().postData()?.includes('"dry_run":true')) return route.continue();
        const answer = await route.fetch();
        return route.fulfill({ response: answer, json: { ...(await answer.json()), ...found } });
      });
      await page.getByRole("button", { name: "All that match…" }).click();
      await page.getByLabel("What to do").selectOption("cancel");
      await page.getByText(/found, .* to be changed/).waitFor();
    };
    const close = async () => {
      await page.keyboard.press("Escape");
      await page.unroute("**/bulk");
    };

    await preview({ matched: { n: 0, at_least: false }, changed: 0 });
    assert.ok(await page.getByRole("button", { name: "Nothing to do" }).isDisabled());
    await close();

    await preview({ matched: { n: 0, at_least: true }, changed: 0 }); // it takes two seconds and very many jobs
    const start = page.getByRole("button", { name: "Cancel: 0+" });
    assert.ok(await start.isDisabled(), "more may match than it says");
    await page.getByLabel(/Type all to confirm/).fill("all");
    await watched.isWellMade("a preview that was cut short", async () => {});
    await start.click();
    await page.locator(".headline .status-waiting").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
    await page.locator(".headline .status-taken_back").waitFor();
    assert.equal((await posthorn.jobs.get(jobId))?.status, "queued");
  },
);

test(
  "a run that was stopped shows what is left, takes another pace, and continues; what a run cancelled is listed",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t, { worker: true });
    const { posthorn, page, watched } = at;
    const later = task("later", { run: (_: { n: number }) => {} }); // which no worker here handles
    for (let n = 0; n < 120; n++)
      await posthorn.enqueue(later, { n }, { delay: "1h", lane: n % 2 ? "a" : "b" });
    const filter = { task: later.name };
    const { run } = await posthorn.bulk.start({ action: "run_now", filter, pace: 1, startsIn: 0 });
    await until("some are due", async () => (await posthorn.bulk.get(run.id)).done > 0);
    await posthorn.bulk.stop(run.id);
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open(`/console/bulk/${run.id}`);
    await page.getByText(/^1\d\d$/).waitFor();
    await watched.isWellMade("a stopped run", async () => {});

    await page.getByLabel("Another pace").fill("9000");
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByText("9000 per second and endpoint").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page
      .getByRole("dialog")
      .getByText(/^It continues at once from where it stopped. Left: 1\d\d\./)
      .waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Continue" }).click();
    await page.locator(".headline .status-done").waitFor();

    const { run: ending } = await posthorn.bulk.start({ action: "cancel", filter, startsIn: 0 });
    await watched.open(`/console/bulk/${ending.id}`);
    await page.getByRole("link", { name: "120", exact: true }).click();
    await page.locator("[data-row] .status-cancelled").first().waitFor();
    watched.isClean();
  },
);
