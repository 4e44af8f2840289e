import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { serveHere } from "./support/in-process.ts";
import { until } from "./support/until.ts";

test(
  "the element shows the portal in a page of another origin, asks for sessions, and grows with what it shows",
  skipElsewhere,
  async (t) => {
    const origins: string[] = [];
    let sessions = 0;
    let isSignedIn = false;
    const page = createServer(async (request, response) => {
      if (request.method !== "POST") {
        const html = `<!doctype html><title>Shop</title><script defer src="${api.url}/portal/element.js"></script>
        <posthorn-portal session="/webhooks-session"></posthorn-portal>
        <script>document.querySelector("posthorn-portal").addEventListener("posthorn-error", (event) => { document.title = event.detail.message; });</script>`;
        response.setHeader("content-type", "text/html").end(html);
        return;
      }
      sessions++;
      if (!isSignedIn) {
        response.writeHead(401).end();
        return;
      }
      const asked = { expires_in: "1m", origin: origins[0] };
      const made = await api.ask("POST", "/tenants/acme/portal-sessions", asked);
      response.setHeader("content-type", "application/json").end(made.text);
    }).listen(0, "127.0.0.1");
    await once(page, "listening");
    t.after(() => {
      page.closeAllConnections();
      page.close();
    });
    const home = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`; // of a server on a port
    const other = home.replace("127.0.0.1", "localhost");
    origins.push(...[home, other].map((url) => new URL(url).origin));
    const { posthorn, api } = await serveHere(t, {}, { portalOrigins: origins });
    await posthorn.webhooks.tenants.create({ uid: "acme" });

    const browser = await openBrowser(t);
    await browser.clock.install();
    await browser.goto(home);
    await until("it says that there is no session", async () =>
      (await browser.title()).includes("the server answered 401"),
    );
    isSignedIn = true;
    await browser.reload();
    await browser.frameLocator("iframe").getByText("No endpoints yet").waitFor();
    const height = () => browser.locator("iframe").evaluate((frame) => frame.getBoundingClientRect().height);
    await until("the frame has the height of what it shows", async () => (await height()) > 200);
    await browser.clock.fastForward("00:25");
    assert.equal(sessions, 2, "a short session is not followed by the next at once");
    await browser.clock.fastForward("00:06");
    await until("it has asked for the next session before this one ends", () => sessions === 3);
    await browser.frameLocator("iframe").getByText("No endpoints yet").waitFor();
    assert.equal(await browser.title(), "Shop");

    await browser.goto(other);
    await browser.frameLocator("iframe").getByText("This session is over").waitFor();
    const nowhere = { origin: "https://elsewhere.example.com" };
    assert.equal((await api.ask("POST", "/tenants/acme/portal-sessions", nowhere)).status, 422);
  },
);
