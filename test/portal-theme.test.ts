import assert from "node:assert/strict";
import { test } from "node:test";
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
