import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIdAt } from "../src/core/id.ts";
import { storeOf } from "../src/store/store-of.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

test(
  "in the console, an admin downloads a backup after saying why, and a key without full payloads does not",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t, { database: scratchDatabase() });
    const { posthorn, page, watched } = at;
    const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "http://127.0.0.1:9/", payload: 1 });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.goTo("h", "Health");
    await page.getByRole("button", { name: "Download a backup" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Why").fill("the move to another machine");
    await watched.isWellMade("to download a backup");
    const download = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Download it" }).click();
    await dialog.getByText("Then the download begins.").waitFor();
    await watched.isWellMade("a backup is being made");
    const taken = await download;
    assert.match(taken.suggestedFilename(), /^posthorn-\S+Z\.db$/);
    const file = scratchDatabase();
    await taken.saveAs(file);
    const raw = openRaw(t, file);
    assert.deepEqual(column(raw, "pragma integrity_check"), ["ok"]);
    assert.deepEqual(column(raw, "select id from jobs"), [jobId]);
    const { data } = await posthorn.audit.list({ action: "database.backup" });
    assert.deepEqual(
      data.map(({ actor, via, note }) => [actor, via, note]),
      [["ana", "console", "the move to another machine"]],
    );

    await at.signIn({ name: "bo", role: "admin", payloads: "redacted" });
    await watched.goTo("h", "Health");
    const button = page.getByRole("button", { name: "Download a backup" });
    await button.waitFor();
    assert.ok(await button.isDisabled());
    watched.isClean();
  },
);

test(
  "in the console, the audit says how long it is kept, and shows a span of time",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t, { retainAudit: "36h" });
    const { posthorn, page, watched } = at;
    await posthorn.webhooks.tenants.create({ uid: "acme" }, { actor: "وصف 🎺" });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.goTo("a", "Audit");
    await page.getByText("Kept for 1 day 12 hours; nobody can change it.").waitFor();
    await page.locator("[data-row]").first().waitFor();
    const from = page.getByLabel("From", { exact: true });
    await from.fill("2035-01-31T09:00");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await watched.isWellMade("an audit without entries in this time");
    assert.match(page.url(), /after=2035-01-3/);
    await from.fill("");
    await page.getByLabel("Before", { exact: true }).fill("2035-01-31T09:00");
    await page.locator("[data-row]").first().waitFor();
    await watched.isWellMade("the audit of a span of time");
    const { transfer } = storeOf(posthorn);
    const [entry] = await transfer.page("audit", null, 1);
    assert.ok(entry);
    const ids = Array.from({ length: 2_500 }, (_, n) => firstIdAt("adt", Date.now() + n));
    await transfer.add(
      "audit",
      ids.map((id) => ({ ...entry, id })),
      Date.now(),
    );
    await watched.open("/console/audit?actor=nobody");
    await page.getByText(/^Searched as far as .*; there may be more\.$/).waitFor();
    await watched.isWellMade("an audit that is not searched to its end");
    await page.getByRole("link", { name: "Next", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    watched.isClean();
  },
);

test(
  "in the console, a key is made for one mode until a time in the zone that is shown, is seen once, and is revoked",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kolkata" });
    await posthorn.keys.create({ name: `${"x".repeat(90)} وصف 🎺`, role: "read" });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open("/console/settings");
    await page.getByRole("radio", { name: "UTC", exact: true }).check();
    await watched.isWellMade("settings");
    await watched.goTo("y", "Keys");
    await page.locator("[data-row]").nth(1).waitFor();
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("staging");
    await dialog.locator("select[name=role]").selectOption("send");
    await dialog.locator("select[name=mode]").selectOption("test");
    await dialog.getByLabel("Expires (UTC)").fill("2035-01-31T09:00");
    await watched.isWellMade("a new key");
    await dialog.getByRole("button", { name: "Create it" }).click();
    await dialog.getByText("it will not be shown again").waitFor();
    const token = (await dialog.locator("code").textContent()) ?? "";
    await page.keyboard.press("Escape");
    await dialog.getByText("This is shown only once").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    assert.equal(await dialog.locator("code").textContent(), token, "Esc does not lose it");
    await watched.isWellMade("a key that was made");
    await dialog.getByRole("button", { name: "I have copied it" }).focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    const [made] = await posthorn.keys.list();
    assert.deepEqual(
      [made?.name, made?.role, made?.mode, made?.expiresAt?.toISOString()],
      ["staging", "send", "test", "2035-01-31T09:00:00.000Z"],
    );
    await until("the page has forgotten it", async () => !(await page.content()).includes(token));
    const row = page.locator("[data-row]").filter({ hasText: "staging" });
    await row.getByRole("button", { name: "Revoke" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await row.getByText("revoked", { exact: true }).waitFor();
    await watched.isWellMade("the keys");
    assert.equal(
      (await fetch(`${at.url}/jobs`, { headers: { authorization: `Bearer ${token}` } })).status,
      401,
    );
    await row.getByRole("link", { name: "staging" }).click();
    await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
    watched.isClean();
  },
);
