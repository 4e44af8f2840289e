import assert from "node:assert/strict";
import { test } from "node:test";
import { task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { until } from "./support/until.ts";

/** Without digits, which would make one group of them. */
const wordOf = (n: number) => String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26));
const LONG = `${"x".repeat(1_500)} خطأ 🚨`;

test(
  "a group of failures is found by its text, has an address of its own, and is tried again even if it counts the rest",
  skipElsewhere,
  async (t) => {
    const mail = task("send-mail", {
      retry: { attempts: 1 },
      run({ n }: { n: number }) {
        throw new Error(n === 0 ? LONG : `no mailbox ${wordOf(n)}`);
      },
    });
    const at = await ConsoleWithKeys.open(t, { worker: true, tasks: [mail] });
    const { posthorn, page, watched } = at;
    for (let n = 0; n < 60; n++) await posthorn.enqueue(mail, { n });
    const [rest] = await until("the rest is counted", async () => {
      const { data } = await posthorn.failures.list({ limit: 100 });
      return data.reduce((sum, { n }) => sum + n, 0) === 60 && data.filter(({ isRest }) => isRest);
    });
    await at.signIn({ name: "ana", role: "admin", payloads: "full" });

    await watched.open("/console/failures?task=no-such-task");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByRole("link", { name: "Show every open group" }).click();
    await page.locator(".failure").nth(40).waitFor();
    assert.equal(await page.getByText("new", { exact: true }).count(), 50, "none failed before the deploy");
    await page.getByRole("link", { name: "New since the last deploy" }).click();
    await page.waitForURL(/first_since=/);

    await page.getByRole("textbox", { name: "Text in it" }).fill("XXX");
    await page.keyboard.press("Enter");
    await page.waitForURL(/text=XXX/);
    await page.locator(".failure").nth(1).waitFor({ state: "detached" });
    await watched.isWellMade("failures found by text", async () => {});
    await page.getByRole("link", { name: "details" }).click();
    await page.getByText(LONG).waitFor();
    await watched.isWellMade("a group of failures", async () => {});

    await watched.open(`/console/failures/${rest?.fingerprint}`);
    await page.getByRole("button", { name: "Try again…" }).click();
    await page.getByText("60 found, 60 to be changed").waitFor();
    await page.getByRole("button", { name: "Rerun tasks: 60" }).waitFor();
    await watched.isWellMade("a preview of the rest", async () => {});
  },
);
