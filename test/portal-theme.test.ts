import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readLogo } from "../src/http/pages/logo.ts";
import { portalSessionMade } from "../src/http/schemas/portal.ts";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { assertGoodToLookAt, faultsOf } from "./support/looked-at.ts";

const THEMES = {
  "a white primary colour": "primary_color=%23ffffff",
  "a yellow primary colour on a dark background": "primary_color=%23ffcc00&background_color=%23102030",
  "black on black": "background_color=%23000000&text_color=%23111111&muted_color=%23000&primary_color=%23000",
  "white for readers of dark pages": "background_color=%23ffffff&surface_color=%23000000",
  "a grey in the middle": "background_color=%23777777&danger_color=%23777777",
};

/** Opened by itself, it would run. */
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><rect width="300" height="60" fill="teal"/><script>alert(1)</script></svg>`;

test(
  "the portal shows the logo that its server was given, and what is no picture is refused",
  skipElsewhere,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "posthorn-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "logo.SVG");
    writeFileSync(file, PICTURE);
    const { api } = await serveHere(t, {}, { portalLogo: readLogo(file) });
    const page = await openBrowser(t);
    const faults = faultsOf(page, new URL(api.url).origin);
    await page.goto(`${api.url}/portal`);
    await page.getByText("This session is over").waitFor();
    const { width, height } = (await page.locator("img.logo").boundingBox()) ?? { width: 0, height: 0 };
    assert.deepEqual([width, height], [200, 40], "within its bounds, in its own shape");
    await assertGoodToLookAt(page, "a logo");
    const served = await fetch(`${api.url}/portal/logo`);
    assert.deepEqual(
      ["content-type", "content-security-policy"].map((name) => served.headers.get(name)),
      ["image/svg+xml", "default-src 'none'; style-src 'unsafe-inline'; sandbox"],
    );
    assert.deepEqual(faults, []);

    const { api: plain } = await serveHere(t);
    assert.equal((await fetch(`${plain.url}/portal/logo`)).status, 404);
    assert.ok(!(await (await fetch(`${plain.url}/portal`)).text()).includes("<img"));
    writeFileSync(join(folder, "empty.png"), "");
    writeFileSync(join(folder, "large.png"), Buffer.alloc(102_401));
    for (const [name, why] of [
      ["logo.txt", /must be a file ending in \.svg/],
      ["missing.png", /cannot be read: ENOENT/],
      ["empty.png", /must have 1 to 102400 bytes, not 0/],
      ["large.png", /not 102401/],
    ] as const)
      assert.throws(() => readLogo(join(folder, name)), { code: "configuration", message: why });
  },
);

test("the portal can be read in any colours", skipElsewhere, async (t) => {
  const { posthorn, api } = await serveHere(t);
  const { webhooks } = posthorn;
  await webhooks.tenants.create({ uid: "acme" });
  const made = async (path: string) =>
    (await webhooks.endpoints.create("acme", { url: `http://127.0.0.1:9/${path}`, description: "Billing" }))
      .endpoint.id;
  await made("active");
  await webhooks.endpoints.pause("acme", await made("paused"));
  const page = await openBrowser(t);
  const faults = faultsOf(page, new URL(api.url).origin);
  for (const [name, theme] of Object.entries(THEMES)) {
    const session = await api.ask("POST", "/tenants/acme/portal-sessions", {});
    const { url } = portalSessionMade.parse(JSON.parse(session.text));
    await page.goto(url.replace("#", `?${theme}#`));
    await page.getByText("Paused", { exact: true }).waitFor();
    await assertGoodToLookAt(page, `endpoints in ${name}`);
    await page.getByRole("link", { name: "http://127.0.0.1:9/paused" }).click();
    await page.getByRole("button", { name: "Failed", exact: true }).click();
    await page.getByText("No delivery matches.").waitFor();
    await assertGoodToLookAt(page, `an endpoint in ${name}`);
  }
  assert.deepEqual(faults, []);
});
