import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";
import { WatchedPage } from "./support/watched-page.ts";

/** Where pictures for docs/console.md go: `POSTHORN_PICTURES=docs/images npm test -- test/console.test.ts`. */
const PICTURES = process.env.POSTHORN_PICTURES;

/** What would run, show or load something, if it were ever taken for more than text. */
const HOSTILE = [
  `<img src=x onerror="alert(1)">`,
  `"><script>alert(1)</script>`,
  "javascript:alert(1)",
  "مرحبا بالعالم 🎺 𝕬 \u202e abc",
  `{{constructor.constructor('alert(1)')()}}`,
  "x".repeat(200),
];

test(
  "the first webhook, its failure, its retry and a survived kill -9 are seen in the console alone",
  skipElsewhere,
  async (t) => {
    const database = scratchDatabase();
    const server = await Server.start(t, database);
    const port = new URL(server.url).port;
    const page = await openBrowser(t);
    const watched = await WatchedPage.watch(page, server.url);

    await watched.open("/console");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".try .status-succeeded").waitFor();
    await page.getByText("signature verified").waitFor();
    await watched.isWellMade("try it", (theme, width) => picture("try", theme, width));

    await page.getByRole("link", { name: "Try it" }).click();
    await page.getByLabel("What it does with the next").selectOption("fail_twice");
    await until("the inbox fails", async () => {
      const state = await fetch(`${server.url}/dev/inbox/hello`);
      return ((await state.json()) as { fault: string }).fault === "fail_twice";
    });
    await page.getByRole("button", { name: "Send" }).click();
    await page
      .getByText(/HTTP 500/)
      .first()
      .waitFor();
    await page.locator(".try form a").click();
    await page.getByText(/Waits for .* after attempt [12] of 10 failed/).waitFor();
    watched.isClean();

    watched.expect(/ERR_|Failed to (?:load|fetch)|connection/i);
    server.signal("SIGKILL");
    await server.ended();
    await page.getByText(/Connection lost\. Reconnecting/).waitFor();
    const again = await Server.start(t, database, "--port", port);
    assert.equal(again.url, server.url);
    await page.getByText(/Connection lost\. Reconnecting/).waitFor({ state: "detached" });
    watched.expect(undefined);

    // what was accepted goes on: the new process has forgotten that its inbox fails
    const job = page.url().split("/").at(-1);
    // where the pages were slow, the second attempt has failed too, and the third is minutes away; 409 if it has begun
    await fetch(`${again.url}/jobs/${job}/rerun`, { method: "POST" }).then((answer) => answer.body?.cancel());
    await page.getByText(/Succeeded after \d+ attempts/).waitFor();
    await page.locator(".timeline .status-failed").first().waitFor();
    await watched.isWellMade("a job", (theme, width) => picture("job", theme, width));

    const receiver = await Receiver.start(t, (delivery) =>
      delivery.path === "/well"
        ? delivery.answer(200, HOSTILE[0])
        : delivery.answer(410, HOSTILE.join("\n"), { "x-note": HOSTILE[0] ?? "" }),
    );
    await fill(again, receiver.url);
    await watched.open("/console");
    for (const [letter, heading, shows] of [
      ["n", "Now", ".rows:visible"],
      ["j", "Jobs", ".rows"],
      ["f", "Failures", ".outcomes"],
      ["v", "Events", ".rows"],
      ["e", "Endpoints", ".rows"],
      ["s", "Schedules", ".empty"],
      ["w", "Workers", ".card"],
      ["h", "Health", ".findings"],
      [",", "Settings", ".card"],
    ] as const) {
      await watched.goTo(letter, heading);
      await page.locator(`main ${shows}`).first().waitFor();
      await watched.isWellMade(heading, (theme, width) => picture(heading.toLowerCase(), theme, width));
    }

    await watched.goTo("j", "Jobs");
    await page.getByRole("textbox", { name: "Task" }).fill("nobody");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await watched.isWellMade("nothing", (theme, width) => picture("nothing", theme, width));
    await page.getByRole("link", { name: "Show all jobs" }).click();
    await page.getByText("More conditions").click();
    await page.getByRole("textbox", { name: "Failed by" }).fill("410");
    await page.keyboard.press("Enter");
    await page
      .locator("[data-row] .status-failed")
      .nth(HOSTILE.length - 1)
      .waitFor();
    await page.locator("[data-row] .status-succeeded").first().waitFor({ state: "detached" });
    await page.getByLabel("Accepted from").fill("2020-01-31T09:00");
    await page.waitForURL(/created_from=20/);
    await page.getByRole("button", { name: "Save this view" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(HOSTILE[0] ?? "");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Forget this view" }).waitFor();
    await watched.isWellMade("conditions", (theme, width) => picture("conditions", theme, width));
    await page.getByRole("textbox", { name: "Failed by" }).fill("");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: HOSTILE[0] ?? "", exact: true }).click();
    await page
      .locator("[data-row] .status-failed")
      .nth(HOSTILE.length - 1)
      .waitFor();
    await page.locator("[data-row] a").first().click();
    await page.locator(".payload:visible").first().waitFor();
    await page.locator(".timeline details summary").first().click();
    await watched.isWellMade("a job with hostile text", (theme, width) => picture("hostile", theme, width));
    await watched.goTo("v", "Events");
    await page.locator("[data-row] a").first().click();
    await page.getByText("1 endpoint asking for other types").waitFor();
    await page.locator(".payload:visible").first().waitFor();
    await watched.isWellMade("an event", (theme, width) => picture("event", theme, width));
    await watched.goTo("e", "Endpoints");
    await page.getByRole("link", { name: "acme", exact: true }).click();
    await page.getByText(HOSTILE[1] ?? "").waitFor();
    await page.getByText(/95 % within/).waitFor();
    await page.getByText("nothing waits").first().waitFor();
    await watched.isWellMade("a tenant's endpoints", (theme, width) => picture("endpoints-of", theme, width));
    await page
      .locator("[data-row]", { hasText: HOSTILE[1] ?? "" })
      .getByRole("link")
      .first()
      .click();
    await page.locator("main .facts").first().waitFor();
    await page.locator("main .charts canvas").first().waitFor();
    await watched.isWellMade("an endpoint", (theme, width) => picture("endpoint", theme, width));

    await watched.goTo("j", "Jobs");
    await page.getByRole("link", { name: "failed", exact: true }).click();
    await page
      .locator("[data-row] .status-failed")
      .nth(HOSTILE.length - 1)
      .waitFor();
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByText(/\d+ selected/).waitFor();
    await page.getByRole("button", { name: "All that match…" }).click();
    await page.getByText(/found, \d+ to be changed/).waitFor();
    await watched.isWellMade("what a bulk run would do", (theme, width) =>
      picture("bulk-preview", theme, width),
    );
    await page.getByRole("textbox", { name: "Note, for the record" }).fill(HOSTILE.join(" "));
    await page.getByRole("button", { name: /^Redeliver webhooks: \d+$/ }).click();
    await page.locator(".headline .status").waitFor();
    // on a slow machine it has begun by now
    const undo = { name: /^(?:Undo|Take back)$/ };
    await page.getByRole("button", undo).click();
    await page.getByRole("dialog").getByRole("button", undo).click();
    await page.locator(".headline .status-taken_back").waitFor();
    await page.getByRole("listitem").filter({ hasText: "bulk.take_back by dev, in the console" }).waitFor();
    await watched.isWellMade("a bulk run", (theme, width) => picture("bulk-run", theme, width));

    await watched.goTo("y", "Keys");
    await page.getByRole("button", { name: "New key" }).click();
    await page.locator("input[name=name]").fill(HOSTILE[0] ?? "");
    await page.locator("select[name=role]").selectOption("send");
    await page.getByRole("button", { name: "Create it" }).click();
    await page.getByText(/^phk_/).waitFor();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.locator(".status-revoked").waitFor();
    await watched.isWellMade("keys", (theme, width) => picture("keys", theme, width));
    await watched.goTo("a", "Audit");
    await page.getByText("key.revoke").waitFor();
    await page.getByText("action, filter, pace").click();
    await page.getByText('"created_before"').first().waitFor();
    await watched.isWellMade("audit", (theme, width) => picture("audit", theme, width));
    await watched.goTo("b", "Bulk runs");
    await page.locator(".status-taken_back").waitFor();
    await watched.isWellMade("bulk runs", (theme, width) => picture("bulk-runs", theme, width));

    await watched.goTo("w", "Workers");
    await page.getByRole("button", { name: "Drain" }).click();
    await page
      .getByRole("dialog")
      .getByText(/No other worker claims jobs/)
      .waitFor();
    await watched.isWellMade("a worker to drain", (theme, width) => picture("drain", theme, width));
    await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
    await page.locator(".status-draining").waitFor();
    await page.getByText("its process can be stopped").waitFor();

    async function picture(name: string, theme: string, width: number): Promise<void> {
      if (PICTURES === undefined) return;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `console-${name}-${theme}-${width}.png`) });
    }
  },
);

/** A database that looks like somebody's, with hostile text wherever a stranger could put it. */
async function fill(server: Server, url: string): Promise<void> {
  const put = (path: string, body: unknown, method = "POST") =>
    fetch(server.url + path, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  for (const [at, text] of HOSTILE.entries()) {
    await put("/webhooks/deliver", {
      target_url: `${url}/gone/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}`,
      payload: { [text]: text, n: at },
    });
    await put("/tenants", { uid: `tenant-${at}`, name: text });
  }
  const made = await put("/tenants/acme/endpoints", {
    url: `${url}/well`,
    description: HOSTILE[1],
    metadata: { note: HOSTILE[0] },
    headers: { "x-note": HOSTILE[0] },
    event_types: ["invoice.paid", "invoice.voided"],
  });
  assert.equal(made.status, 201, await made.text());
  await put("/tenants/acme/endpoints", {
    url: `${url}/other`,
    description: HOSTILE[3],
    event_types: ["user.created"],
  });
  for (let n = 0; n < 5; n++) {
    const sent = await put("/webhooks/events", {
      tenant: "acme",
      type: "invoice.paid",
      payload: { id: n, customer: HOSTILE[3], note: HOSTILE[0] },
    });
    assert.equal(sent.status, 202, await sent.text());
  }
  await until("all of them ended", async () => (await server.api.jobsThatAre("queued")).length === 0);
}
