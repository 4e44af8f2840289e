import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { ROLES } from "../src/access/keys.ts";
import { type Posthorn, schedule, task } from "../src/posthorn.ts";
import type { Role } from "../src/store/shelves/api-keys.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { until } from "./support/until.ts";
import { WatchedPage } from "./support/watched-page.ts";

const TARGET = "http://127.0.0.1:9/";

test(
  "the console disables what a role may not do, and the server refuses it; the keyboard does what the pointer does; two tabs share a stream",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const actions = await actionsOn(posthorn);

    for (const role of ROLES.toSorted((a, b) => RANK.indexOf(a) - RANK.indexOf(b))) {
      await at.signIn({ name: `as ${role}`, role });
      await page.getByText(`as ${role}`).waitFor();
      for (const { shownOn, button, takes, method = "POST", path, body = {} } of actions) {
        const may = RANK.indexOf(role) >= RANK.indexOf(takes);
        if (!new URL(page.url()).pathname.endsWith(shownOn)) await watched.open(`/console${shownOn}`);
        if (button) {
          const found = page.getByRole("main").getByRole("button", { name: button, exact: true });
          await found.waitFor();
          assert.equal(await found.isEnabled(), may, `${button}, as ${role}`);
          assert.equal(await found.getAttribute("title"), may ? null : `requires the role ${takes}`);
        }
        if (may) continue;
        const headers = { "posthorn-console": "1" };
        const answer = await page.request.fetch(at.url + path, { method, headers, data: body });
        assert.equal(answer.status(), 403, `${method} ${path}, as ${role}`);
      }
      for (const name of ["Keys", "Audit", "Health"])
        assert.equal(await page.getByRole("link", { name, exact: true }).count(), role === "admin" ? 1 : 0);
    }
    watched.isClean();

    await keysDoWhatThePointerDoes(watched);
    await twoTabsShareAStream(watched, at.url, posthorn);
  },
);

const RANK: readonly Role[] = ["read", "send", "manage", "admin"];

/** What the console offers to do, or to see. */
interface Action {
  readonly shownOn: string;
  readonly button?: string;
  readonly takes: Role;
  readonly method?: "GET" | "POST";
  /** What the button requests. */
  readonly path: string;
  readonly body?: object;
}

/** The actions, once everything exists that they are shown on. */
async function actionsOn(posthorn: Posthorn): Promise<readonly Action[]> {
  const { jobId: waiting } = await posthorn.webhooks.deliver({ targetUrl: TARGET, payload: { n: 1 } });
  const { jobId: ended } = await posthorn.webhooks.deliver({ targetUrl: TARGET, payload: { n: 2 } });
  await posthorn.jobs.cancel(ended);
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  const tidyUp = task("tidy-up", { run: async () => {} });
  await posthorn.schedules.declare(
    schedule("nightly", { cron: "0 3 * * *", task: tidyUp, input: undefined }),
  );
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: TARGET });
  const { run } = await posthorn.bulk.start({ action: "cancel", filter: { ids: [waiting] }, startsIn: "1h" });
  const at = `/tenants/acme/endpoints/${endpoint.id}`;
  const onEndpoint = { shownOn: `/endpoints/acme/${endpoint.id}`, takes: "manage" } as const;
  const bulk = { action: "cancel", filter: { status: "queued" }, dry_run: true };
  return [
    { shownOn: `/jobs/${waiting}`, button: "Cancel", takes: "send", path: `/jobs/${waiting}/cancel` },
    { shownOn: `/jobs/${ended}`, button: "Redeliver", takes: "send", path: `/jobs/${ended}/rerun` },
    {
      ...{ shownOn: `/jobs/${ended}`, button: "Send as new", takes: "send" },
      path: "/webhooks/deliver",
      body: { target_url: TARGET, payload: {} },
    },
    { shownOn: "/jobs?status=queued", button: "All that match…", takes: "manage", path: "/bulk", body: bulk },
    { shownOn: `/bulk/${run.id}`, button: "Stop", takes: "manage", path: `/bulk/${run.id}/stop` },
    { ...onEndpoint, button: "Test", path: `${at}/test` },
    { ...onEndpoint, button: "Pause", path: `${at}/pause` },
    { ...onEndpoint, button: "Disable", path: `${at}/disable` },
    { ...onEndpoint, button: "Replay…", path: "/bulk", body: { ...bulk, action: "replay" } },
    { ...onEndpoint, button: "Cancel waiting deliveries…", path: "/bulk", body: bulk },
    { ...onEndpoint, button: "Show", method: "GET", path: `${at}/secret` },
    { ...onEndpoint, button: "Replace", path: `${at}/secret/rotate` },
    {
      ...{ shownOn: "/endpoints/acme", button: "Erase…", takes: "admin" },
      path: "/tenants/acme/erase",
      body: { dry_run: true },
    },
    { shownOn: "/schedules", button: "Pause all", takes: "admin", path: "/schedules/pause" },
    { shownOn: "/settings", takes: "admin", method: "GET", path: "/keys" },
    { shownOn: "/settings", takes: "admin", path: "/keys", body: { name: "more", role: "admin" } },
    { shownOn: "/settings", takes: "admin", method: "GET", path: "/doctor" },
  ];
}

async function keysDoWhatThePointerDoes(watched: WatchedPage): Promise<void> {
  const { page } = watched;
  const press = (key: string) => page.keyboard.press(key);
  const rows = page.locator("[data-row] a");
  await watched.goTo("j", "Jobs");
  await rows.nth(1).waitFor();
  for (const key of ["j", "j", "k", "j", "x"]) await press(key);
  await page.getByText("1 selected").waitFor();
  assert.ok(await page.getByRole("checkbox").nth(2).isChecked(), "the second row");
  const address = await rows.nth(1).getAttribute("href");
  await press("Enter");
  await page.waitForURL(`**${address}`);
  await press("u");
  await page.waitForURL("**/console/jobs");
  await press(".");
  await page.getByRole("button", { name: "Paused" }).waitFor();
  await press(".");
  await page.getByRole("button", { name: "Live" }).waitFor();
  await press("t");
  await page.locator("html[style*='color-scheme: light;']").waitFor({ state: "attached" });
  await press("?");
  await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await watched.isWellMade("the list of shortcuts");
  await press("Escape");
  await press("/");
  await page.locator("input[type=search]:focus").waitFor();
  await page.keyboard.type("g j?");
  assert.equal(await page.getByRole("dialog").count(), 0, "who types means what is typed");
  await page.locator("h1").click();
  await watched.goTo(",", "Settings");
  // the keys come before the page can be drawn again
  await page.getByRole("group", { name: "Keyboard shortcuts" }).getByLabel("off").focus();
  await page.evaluate(`(() => {
    const off = document.activeElement;
    off.click();
    for (const key of ["g", "j"]) off.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  })()`);
  await press("?");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.match(page.url(), /settings$/);
  await page.getByRole("group", { name: "Keyboard shortcuts" }).getByLabel("on").check();
  await page.locator("h1").click();
  watched.isClean();
}

/** Over HTTP/1.1 a browser has six connections to a server, for all of its tabs. */
async function twoTabsShareAStream(watched: WatchedPage, url: string, posthorn: Posthorn): Promise<void> {
  const first = watched.page;
  const streams = new Set<object>();
  const second = await first.context().newPage();
  const other = await WatchedPage.watch(second, url);
  for (const tab of [first, second]) {
    tab.on("request", (request) => request.url().endsWith("/stats/live") && streams.add(request));
    tab.on("requestfailed", (request) => streams.delete(request));
    tab.on("requestfinished", (request) => streams.delete(request));
  }
  const deliver = () => posthorn.webhooks.deliver({ targetUrl: TARGET, payload: {} });
  await watched.open("/console/jobs");
  await until("the first tab has the stream", () => streams.size === 1);
  await other.open("/console/jobs");
  for (const tab of [first, second]) await tab.locator("[data-row]").first().waitFor();
  const typed = first.getByRole("textbox", { name: "Task" });
  await typed.pressSequentially("nob");
  await deliver();
  await toldOf(1, first);
  assert.equal(await typed.inputValue(), "nob", "what is typed stays, whatever comes meanwhile");
  await typed.fill("");
  await toldOf(1, second);
  assert.equal(streams.size, 1);

  await first.goto("about:blank");
  await until("the second tab has the stream", () => streams.size === 1);
  await deliver();
  await toldOf(2, second);
  watched.isClean();
  other.isClean();

  async function toldOf(n: number, tab: Page): Promise<void> {
    await tab.bringToFront(); // a page that nobody looks at asks for nothing
    await tab.getByRole("button", { name: `${n} new` }).waitFor();
  }
}

test(
  "somebody who is bound to one tenant finds only pages that answer them, in every role",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t);
    const { posthorn, page, watched } = at;
    const { id: tenant } = await posthorn.webhooks.tenants.create({ uid: "acme", name: "Acme" });
    await posthorn.webhooks.endpoints.create("acme", { url: TARGET });
    await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: 1 });
    const always = ["Now", "Jobs", "Failures", "Events", "Endpoints", "Bulk runs"];
    for (const [role, more] of [
      ["read", []],
      ["admin", ["Audit"]],
    ] as const) {
      await at.signIn({ name: `of acme, ${role}`, role, tenant });
      await page.locator("[data-row]").first().waitFor();
      const links = await page.locator("nav a").allTextContents();
      const names = links.map((name) => name.trim()).filter((name) => name !== "API");
      assert.deepEqual(names, [...always, ...more, "Settings"]);
      await watched.isWellMade(`now, of one tenant, ${role}`);
      for (const name of names) {
        await page.getByRole("link", { name, exact: true }).first().click();
        await page.locator("h1").first().waitFor();
        assert.equal(await page.getByRole("alert").count(), 0, name);
      }
    }
    watched.isClean();
  },
);
