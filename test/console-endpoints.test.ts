import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { newId } from "../src/core/id.ts";
import { schedule, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { until } from "./support/until.ts";
import type { WatchedPage } from "./support/watched-page.ts";

const LONG = `a-${"long-".repeat(30)}name`;
const ARABIC = "وصف نقطة النهاية 🎺";

/** Where to keep pictures of what was looked at; nowhere by default. */
const KEPT = process.env.POSTHORN_LOOKED_AT;

function lookedAt(watched: WatchedPage): (name: string) => Promise<void> {
  return (name) =>
    watched.isWellMade(name, async (theme, width) => {
      if (!KEPT) return;
      const path = join(KEPT, `${name.replaceAll(" ", "-")}-${theme}-${width}.png`);
      await watched.page.screenshot({ path, fullPage: true });
    });
}

test(
  "in the console, an endpoint's page answers what its customer did not get and why, and sends what was missed",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const { webhooks } = posthorn;
    const looked = lookedAt(watched);
    const { endpoint } = await webhooks.endpoints.create("acme", {
      ...{ url: `http://127.0.0.1:9/${LONG}`, uid: "main", description: ARABIC },
      ...{ eventTypes: ["invoice.*"], limits: { concurrency: 4, rate: { limit: 10, per: "second" } } },
    });
    await webhooks.endpoints.create("acme", { url: "http://127.0.0.1:9/users", eventTypes: ["user.*"] });
    const send = (eventId: string, type = "invoice.paid") =>
      webhooks.send({ tenant: "acme", type, payload: { n: 1 }, eventId });
    await send("got-it");
    await send("of-users", "user.made");
    const stopped = { actor: "bob", reason: `moves to ${LONG}` };
    await webhooks.endpoints.disable("acme", "main", {}, stopped);
    for (let n = 0; n < 3; n++) await send(`missed-${n}`);
    await webhooks.endpoints.rotateSecret("acme", "main", { overlap: "2h" });
    await at.signIn({ name: "ana", role: "manage" });

    await watched.open("/console/endpoints");
    const tenant = page.getByLabel("Go to the tenant");
    await tenant.fill("acme");
    await tenant.press("Enter");
    await page.waitForURL("**/console/endpoints/acme");
    await page.locator("[data-row]").nth(1).waitFor();
    await page.getByText("by bob").waitFor();
    await page.getByText("at most 4 at once, 10 per second").waitFor();
    await page.getByText("1 held").waitFor();
    await looked("endpoints");
    const type = page.getByLabel("Gets event type");
    await type.fill("user.made");
    await type.press("Enter");
    await page.getByText(LONG).waitFor({ state: "detached" });
    await page.locator("[data-row]").waitFor(); // the only one
    await page.getByRole("link", { name: "disabled", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByRole("link", { name: "Show all endpoints" }).click();
    await page.locator("[data-row]").nth(1).waitFor();

    await watched.open(`/console/endpoints/acme/${endpoint.id}`);
    await page.getByText("It was disabled").nth(2).waitFor();
    await page.getByText("1 held").waitFor();
    await page.getByText(/One from .* also signs/).waitFor();
    assert.equal(await page.getByText("It asks for other types").count(), 0);
    await looked("endpoint");
    await page.getByRole("button", { name: "Limits…" }).click();
    const dialog = page.getByRole("dialog");
    assert.equal(await dialog.getByLabel("Deliveries at once").inputValue(), "4");
    await dialog.getByLabel("Deliveries at once").fill("");
    await dialog.getByLabel("Deliveries", { exact: true }).fill("30");
    await dialog.getByRole("combobox").selectOption("minute");
    await looked("limits");
    await dialog.getByRole("button", { name: "Change them" }).click();
    await page.getByText("30 per minute").waitFor();
    const { limits } = await webhooks.endpoints.get("acme", "main");
    assert.deepEqual(limits, { rate: { limit: 30, per: "minute" } });
    await page.getByRole("link", { name: "everything", exact: true }).click();
    await page.getByText("It asks for other types").waitFor();
    const one = page.getByLabel("One event");
    await one.fill("got-it");
    await one.press("Enter");
    await page.getByRole("link", { name: "its delivery" }).waitFor();
    await one.fill("of-users");
    await one.press("Enter");
    await page.getByText("It asks for other types.").waitFor();
    await looked("one event");
    await page.getByRole("link", { name: "what it missed" }).click();
    await page.waitForURL(/since=.*reason=disabled|reason=disabled.*since=/);
    await page.getByText("It was disabled").nth(2).waitFor();

    await page.getByRole("button", { name: "Enable", exact: true }).click();
    await page.getByText(/Also send the 3 events that it has missed since/).waitFor();
    await looked("enable");
    await page.getByRole("dialog").getByRole("button", { name: "Enable", exact: true }).click();
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
    await until("the replay was started", async () => {
      const { data } = await posthorn.bulk.list({ limit: 5 });
      return data.some(({ action, what }) => action === "replay" && what === "missing");
    });

    const { data } = await webhooks.events.list("acme", { type: "invoice.paid" });
    await watched.open(`/console/events/${data[0]?.id}`);
    await page.getByRole("button", { name: "Send to it…" }).waitFor();
    await looked("event");
    await watched.open("/console/events?tenant=acme&type=user.made");
    await page.locator("[data-row] a").first().click();
    await page.getByRole("heading", { name: "Sent to one endpoint" }).waitFor();
    await looked("event that was sent");
    await page.getByRole("link", { name: "all deliveries" }).click();
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await page.locator("[data-row]").waitFor();
    await watched.open("/console/events?tenant=acme&type=user.made");
    await page.locator("[data-row]").waitFor();
    await looked("events");
    await webhooks.send({ tenant: "acme", type: "user.made", payload: 2, tags: ["order-42"] });
    await page.getByRole("button", { name: "1 new ↑" }).waitFor();
    assert.equal(await page.locator("[data-row]").count(), 1, "nothing moves under the pointer");
    await page.getByRole("button", { name: "1 new ↑" }).click();
    await page.locator("[data-row]").nth(1).waitFor();
    const tag = page.getByLabel("Tag");
    await tag.fill("order-42");
    await tag.press("Enter");
    await page.locator("[data-row]").nth(1).waitFor({ state: "detached" });
    await page.locator("[data-row]").waitFor();

    await at.signIn({ name: "eve", role: "read" });
    await watched.open(`/console/endpoints/acme/${endpoint.id}`);
    const send_ = page.getByRole("button", { name: "Send what it never got…" });
    await send_.waitFor();
    assert.deepEqual(
      [await send_.isDisabled(), await send_.getAttribute("title")],
      [true, "requires the role manage"],
    );
    watched.isClean();
  },
);

test(
  "in the console, an endpoint is created and edited, and what is wrong is told at its field",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const { endpoints } = posthorn.webhooks;
    const looked = lookedAt(watched);
    await posthorn.webhooks.tenants.create({ uid: "acme" });
    await at.signIn({ name: "ana", role: "manage" });
    await watched.open("/console/endpoints/acme");
    await page.getByRole("heading", { name: "No endpoints" }).waitFor();
    await page.getByRole("button", { name: "New endpoint…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("URL").fill(`http://127.0.0.1:9/${LONG}`);
    await dialog.getByLabel("Description").fill(ARABIC);
    await dialog.getByLabel("Event types").fill("invoice.*, *.paid");
    await dialog.getByLabel("Filter").fill("{");
    await dialog.getByLabel("Initial status").selectOption("paused");
    watched.expect(/422/);
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText(/^is not JSON: /).waitFor();
    const filter = '{"$.n": 9007199254740993}';
    await dialog.getByLabel("Filter").fill(filter);
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText(/^\*\.paid may contain/).waitFor();
    assert.equal(await dialog.getByLabel("Event types").getAttribute("aria-invalid"), "true");
    assert.ok(await dialog.getByLabel("Event types").evaluate((field) => field.matches(":focus")));
    await looked("new endpoint refused");
    await dialog.getByLabel("Event types").fill("invoice.*, user.made");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.waitForURL("**/console/endpoints/acme/ep_*");
    await page.getByText("9007199254740993").waitFor();
    const [made] = (await endpoints.list("acme")).data;
    assert.ok(made);
    assert.deepEqual(
      [made.status, made.description, made.eventTypes],
      ["paused", ARABIC, ["invoice.*", "user.made"]],
    );

    await page.getByRole("button", { name: "Edit…" }).click();
    await dialog.getByLabel("Timeout").fill("10 m");
    await endpoints.patch("acme", made.id, { description: "meanwhile", timeout: "20s" }, { actor: "bob" });
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("was changed by somebody else, to 20s").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/duration/).waitFor();
    assert.equal(await dialog.getByLabel("Timeout").inputValue(), "10 m");
    await looked("endpoint edited");
    await dialog.getByLabel("Timeout").fill("30s");
    await dialog.getByLabel("Event types").fill("");
    await dialog.getByLabel("Attempts", { exact: true }).fill("4");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByText("at most 4 attempts").waitFor();
    const now = await endpoints.get("acme", made.id);
    assert.deepEqual(
      [now.description, now.timeout, now.eventTypes, now.retry?.attempts, now.url],
      ["meanwhile", 30_000, null, 4, made.url],
    );
    const { data } = await posthorn.audit.list({ target: made.id });
    const { change, actor } = data[0] ?? {};

    await page.getByRole("button", { name: "Edit…" }).click();
    await dialog.getByLabel("Custom headers").fill("x-team: billing\nx-key: s3cret");
    const kind = dialog.getByLabel("Authentication");
    await kind.selectOption("User name and password");
    await dialog.getByLabel("User name", { exact: true }).fill("ana");
    await kind.selectOption("Bearer token");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.locator("#endpoint-auth-problem", { hasText: "token" }).waitFor();
    assert.ok(await kind.evaluate((field) => field.matches(":focus")));
    await dialog.getByLabel("Token", { exact: true }).fill("t0ken");
    await dialog.getByLabel("How it confirms").selectOption("Signed challenge");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    const kept = await endpoints.get("acme", made.id);
    assert.deepEqual(
      [kept.headers, kept.auth?.kind, kept.verification?.method],
      [["x-team", "x-key"], "bearer", "challenge"],
    );
    await page.getByRole("button", { name: "Edit…" }).click();
    const own = dialog.getByLabel("Custom headers");
    await own.waitFor();
    assert.equal(await own.inputValue(), "x-team: ••••\nx-key: ••••");
    assert.doesNotMatch(await page.content(), /s3cret|t0ken/);
    await own.fill("x-team: sales\nx-key: ••••");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/stands for a value that is not shown here/).waitFor();
    await looked("endpoint with secrets");
    await own.fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.deepEqual((await endpoints.get("acme", made.id)).headers, []);
    assert.deepEqual(Object.keys(change ?? {}).sort(), ["eventTypes", "retry", "timeoutMs"]);
    assert.match(String(actor), /ana/);
    watched.expect(undefined);

    await at.signIn({ name: "eve", role: "send" });
    await watched.open(`/console/endpoints/acme/${made.id}`);
    const edit = page.getByRole("button", { name: "Edit…" });
    await edit.waitFor();
    assert.equal(await edit.getAttribute("title"), "requires the role manage");
    watched.isClean();
  },
);

test("in the console, a schedule is run now, and its last run opens its jobs", skipElsewhere, async (t) => {
  const at = await ConsoleWithKeys.open(t);
  const { posthorn, page, watched } = at;
  const tidyUp = task("tidy-up", { run: async () => {} });
  const cron = "0 3 * * *";
  for (const name of ["nightly", `weekly-${"x".repeat(80)}`])
    await posthorn.schedules.declare(
      schedule(name, { cron, task: tidyUp, input: undefined, timeZone: "Asia/Kolkata" }),
    );
  await posthorn.schedules.pause("nightly");
  const { schedules } = storeOf(posthorn);
  const [, weekly] = await schedules.list();
  assert.ok(weekly?.nextAt);
  const { name, nextAt: dueAt } = weekly;
  const firedAt = Date.now();
  const made = { ...weekly.job, id: newId("job", firedAt), createdAt: firedAt, runAt: firedAt };
  await schedules.fire({ name, dueAt, nextAt: firedAt - 190_000, jobs: [made] }, firedAt);
  await at.signIn({ name: "ana", role: "send" });
  await watched.goTo("s", "Schedules");
  await page.getByText(/late by 3 min/).click();
  await page
    .getByText(/ in Asia\/Kolkata/)
    .nth(4)
    .waitFor();
  await watched.isWellMade("a late schedule");
  await page.locator('[data-row] a[href*="created_from"]').click();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  await page.locator("[data-row]").waitFor();
  assert.ok(await page.locator(`[data-row] a[href*="${made.id}"]`).count());
  await watched.goTo("s", "Schedules");
  await page.getByRole("link", { name: "paused", exact: true }).click();
  await page.getByText(/^weekly/).waitFor({ state: "detached" });
  await page.locator("[data-row]").waitFor();
  await page.getByRole("link", { name: "all", exact: true }).click();
  await page.getByText(/^weekly/).waitFor();
  const named = page.getByLabel("With");
  await named.fill("night");
  await named.press("Enter");
  await page.getByText(/^weekly/).waitFor({ state: "detached" });
  assert.ok(await page.getByRole("button", { name: "Resume", exact: true }).isDisabled());
  await watched.isWellMade("schedules", async (theme, width) => {
    if (KEPT) await page.screenshot({ path: join(KEPT, `schedules-${theme}-${width}.png`), fullPage: true });
  });
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click();
  await page.waitForURL("**/console/jobs/job_*");
  const [job] = await posthorn.jobs.list({ tasks: ["tidy-up"] }); // the newest
  assert.ok(job && page.url().endsWith(job.id));
  watched.isClean();
});
