import assert from "node:assert/strict";
import { test } from "node:test";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";

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
