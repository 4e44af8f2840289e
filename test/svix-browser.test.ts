import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { Receiver } from "./support/receiver.ts";
import { SvixServer } from "./support/svix.ts";
import { until } from "./support/until.ts";

interface Asked {
  readonly url: string;
  readonly token: string;
  readonly method: string;
  readonly body?: object;
}

/** As Svix's library asks in a browser. Status 0: the browser did not let the page do it. */
async function askInPage({ url, token, method, body }: Asked) {
  const headers = {
    authorization: `Bearer ${token}`,
    "svix-req-id": "17",
    ...(body && { "content-type": "application/json" }),
    ...(method === "POST" && { "idempotency-key": `auto_${Math.random()}` }),
  };
  try {
    const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  } catch {
    return { status: 0, body: undefined };
  }
}

/** A page from another origin than the API's. */
async function pageOfCustomers(t: TestContext): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>Customers</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return `http://127.0.0.1:${port}/`;
}

test(
  "a page of another origin does all that svix-react does with an application's token, and nothing with others",
  skipElsewhere,
  async (t) => {
    const svix = await SvixServer.open();
    t.after(() => svix.close());
    const server = await svix.listen();
    t.after(() => server.close());
    const receiver = await Receiver.start(t);
    await svix.get("POST /event-type", { name: "invoice.paid", description: "" });
    const { id: app } = await svix.newApp();
    const { token } = await svix.get(`POST /auth/app-portal-access/${app}`, {});
    const page = await openBrowser(t);
    await page.goto(await pageOfCustomers(t));
    const ask = (request: string, body?: object, as: string = token) => {
      const [method = "", path = ""] = request.split(" ");
      const url = `${server.url}/api/v1${path}`;
      return page.evaluate(askInPage, { url, token: as, method, ...(body && { body }) });
    };
    const statusOf = async (request: string, body?: object) => (await ask(request, body)).status;

    const made = await ask(`POST /app/${app}/endpoint`, { url: receiver.url, eventTypes: ["invoice.paid"] });
    assert.equal(made.status, 201);
    const endpoint = `/app/${app}/endpoint/${made.body.id}`;
    const { id: msg } = await svix.get(`POST /app/${app}/msg`, {
      eventType: "invoice.paid",
      payload: { n: 1 },
    });
    await receiver.received(1);
    const [attempt] = await until("there is an attempt", async () => {
      const { body } = await ask(`GET /app/${app}/attempt/msg/${msg}`);
      return body.data.length > 0 && body.data;
    });
    assert.equal(attempt.endpointId, made.body.id);
    for (const request of [
      `GET /app/${app}/endpoint?limit=20&order=descending`,
      `GET ${endpoint}`,
      `GET ${endpoint}/secret`,
      `GET ${endpoint}/headers`,
      `GET ${endpoint}/stats`,
      "GET /event-type?limit=50&with_content=true",
      `GET /app/${app}/msg?limit=20`,
      `GET /app/${app}/msg/${msg}`,
      `GET /app/${app}/attempt/endpoint/${made.body.id}?status=0&limit=20`,
      `GET /app/${app}/msg/${msg}/endpoint`,
      `GET ${endpoint}/msg?limit=20`,
    ])
      assert.equal(await statusOf(request), 200, request);
    assert.equal(await statusOf(`PUT ${endpoint}`, { url: receiver.url, description: "Ours" }), 200);
    assert.equal(await statusOf(`POST ${endpoint}/secret/rotate`, {}), 204);
    assert.equal(await statusOf(`PUT ${endpoint}/headers`, { headers: { "x-a": "1" } }), 204);
    assert.equal(await statusOf(`PATCH ${endpoint}/headers`, { headers: { "x-b": "2" } }), 204);
    assert.equal(await statusOf(`POST /app/${app}/msg/${msg}/endpoint/${made.body.id}/resend`), 202);
    const since = new Date(Date.now() - 60_000).toISOString();
    assert.equal(await statusOf(`POST ${endpoint}/recover`, { since }), 202);
    const link = new URL((await svix.get(`POST /auth/app-portal-access/${app}`, {})).url);
    link.searchParams.set("darkMode", "true");
    link.searchParams.set("icon", "https://customers.example/icon.png");
    await page.goto(`${server.url}${link.pathname}${link.search}${link.hash}`);
    await page.getByText(receiver.url).first().waitFor();
    assert.equal(new URL(page.url()).pathname, "/portal");
    const scheme = page.locator("html").evaluate(({ style }) => style.getPropertyValue("color-scheme"));
    assert.equal(await scheme, "dark");
    await page.goto(await pageOfCustomers(t));
    assert.equal(await statusOf(`DELETE ${endpoint}`), 204);

    const refused = await ask(`GET ${endpoint}`);
    assert.deepEqual([refused.status, refused.body.code], [404, "not_found"], "the page may read refusals");
    assert.equal((await ask("GET /app", undefined, "not a token")).body.code, "authentication_failed");
    assert.equal((await ask("GET /app", undefined, svix.token)).status, 0, "an organization's token");
  },
);
