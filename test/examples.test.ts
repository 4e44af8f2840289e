import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { openBrowser, skipElsewhere } from "./support/browser.ts";
import { Example } from "./support/example.ts";
import { until } from "./support/until.ts";

const job = z.object({ jobId: z.string(), status: z.string(), attempts: z.number() });
const order = z.object({
  id: z.string(),
  audit: z.array(z.string()),
  jobs: z.object({ receipt: job, webhook: job }),
});

for (const framework of ["hono", "fastify", "express"]) {
  test(`orders-${framework}: answers at once, then writes the audit, sends the receipt and the webhook`, async (t) => {
    const shop = await Example.start(t, `orders-${framework}`);
    const refused = await shop.post("/orders", { item: "", cents: 4.5 });
    assert.equal(refused.status, 422);
    assert.match(await refused.text(), /item: .*cents: .*email: /);

    const placed = await shop.post("/orders", { item: "tea", cents: 450, email: "customer@example.com" });
    assert.equal(placed.status, 201);
    const location = placed.headers.get("location") ?? "";
    assert.equal(location, "/orders/1");

    const { jobs } = await until("all was done", async () => {
      const { audit, jobs } = order.parse(await (await shop.get(location)).json());
      const ended = Object.values(jobs).every(({ status }) => status === "succeeded");
      return ended && audit.length > 0 && { audit, jobs };
    });
    assert.deepEqual([jobs.receipt.attempts, jobs.webhook.attempts], [1, 1]);
    assert.deepEqual(await shop.lines("mail"), ["mail     to customer@example.com: Receipt for order 1"]);
    const webhooks = await shop.lines("webhook");
    assert.equal(webhooks.length, 1);
    assert.match(webhooks[0] ?? "", /verified: .*"order.placed".*"tea"/);

    const seen = await shop.get(`/background/webhooks/jobs/${jobs.webhook.jobId}`);
    assert.equal(seen.status, 200, "the REST API is there below its prefix");
    assert.equal((await shop.get("/orders/2")).status, 404);

    // Moved from best effort to durable, the task stays as it is: here another program asks for it.
    const input = { orderId: "1", what: "paid" };
    const durable = await shop.post("/background/tasks/write-audit", { input });
    assert.equal(durable.status, 202);
    await until("it was run as a job", async () => {
      const { audit } = order.parse(await (await shop.get(location)).json());
      return audit.includes("paid (durable)");
    });
    await shop.stops();
  });
}

/** More than can be written before a test is done. */
const ENDLESS = 10_000_000;
const accepted = z.object({ jobId: z.string() });

test("export-progress: reports how far it is while it writes, and can be cancelled", async (t) => {
  const exports = await Example.start(t, "export-progress");
  const { jobId } = accepted.parse(await (await exports.post("/exports", { rows: ENDLESS })).json());
  const fractions: number[] = [];
  const statuses: string[] = [];
  for await (const { event, data } of exports.events(`/background/jobs/${jobId}/events`)) {
    if (event === "status") statuses.push(z.object({ status: z.string() }).parse(data).status);
    if (event !== "progress") continue;
    fractions.push(z.object({ fraction: z.number() }).parse(data).fraction);
    if (fractions.length !== 3) continue;
    assert.equal((await exports.get(`/exports/${jobId}`)).status, 409, "there is no file before its end");
    assert.equal((await exports.post(`/background/jobs/${jobId}/cancel`)).status, 200);
  }
  assert.ok(fractions.every((fraction, at) => fraction > (fractions[at - 1] ?? 0) && fraction < 1));
  assert.equal(statuses.at(-1), "cancelled");
  await exports.stops();
});

test("export-progress: gives the whole file, and refuses what is not an export", async (t) => {
  const exports = await Example.start(t, "export-progress");
  assert.equal((await exports.post("/exports", { rows: 0 })).status, 422);
  assert.equal((await exports.get("/exports/job_none")).status, 404);

  const { jobId } = accepted.parse(await (await exports.post("/exports", { rows: 12_345 })).json());
  for await (const _ of exports.events(`/background/jobs/${jobId}/events`)); // until it has ended
  const file = await exports.get(`/exports/${jobId}`);
  assert.equal(file.headers.get("content-disposition"), `attachment; filename="${jobId}.csv"`);
  const lines = (await file.text()).split("\n");
  assert.deepEqual([lines.length, lines[0]], [12_345 + 2, "id,placed_at,item,amount"]);
  await exports.stops();
});

test(
  "export-progress: the page shows a bar that moves, then a link to the file",
  skipElsewhere,
  async (t) => {
    const exports = await Example.start(t, "export-progress");
    const page = await openBrowser(t);
    await page.goto(exports.url);
    const ask = async (rows: number) => {
      await page.getByLabel("Rows").fill(String(rows));
      await page.getByRole("button", { name: "Export" }).click();
    };
    const status = page.getByRole("status");

    await ask(ENDLESS);
    await status.getByText(`of ${ENDLESS} rows`).waitFor();
    assert.ok(Number(await page.getByRole("progressbar").getAttribute("value")) < 1);
    await page.reload(); // the address says which job it is
    await status.getByText(`of ${ENDLESS} rows`).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await status.getByText("cancelled").waitFor();

    await ask(1_000);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    assert.match((await downloading).suggestedFilename(), /^job_\w+\.csv$/);
    await page.context().browser()?.close();
    await exports.stops();
  },
);

for (const name of ["sqlite-transaction", "drizzle-transaction"]) {
  test(`${name}: an order and its job are stored together, or neither is`, async (t) => {
    const shop = await Example.start(t, name);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shop.post("/orders", { item: "tea" })),
    );
    const [placed, refused] = [201, 409].map((wanted) => answers.filter(({ status }) => status === wanted));
    assert.deepEqual([placed?.length, refused?.length], [3, 7]);
    const orders = await Promise.all(
      (placed ?? []).map(async (answer) => placedOrder.parse(await answer.json())),
    );

    const stored = z.array(z.object({ id: z.string() }));
    assert.deepEqual(idsOf(stored.parse(await (await shop.get("/orders")).json())), idsOf(orders));
    const jobsStored = z.array(z.object({ id: z.string(), status: z.string() }));
    const jobs = await until("all receipts are sent", async () => {
      const jobs = jobsStored.parse(await (await shop.get("/jobs")).json());
      return jobs.every(({ status }) => status === "succeeded") && jobs;
    });
    assert.deepEqual(idsOf(jobs), orders.map(({ receiptJob }) => receiptJob).toSorted());
    await shop.stops();
  });
}

const placedOrder = z.object({ id: z.string(), receiptJob: z.string() });

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id).toSorted();
}

test("customer-webhooks: a customer's page looks after its endpoints, and its server gets what happens to invoices", async (t) => {
  const saas = await Example.start(t, "customer-webhooks");
  const submit = async (path: string, form: Record<string, string> = {}) => {
    const body = new URLSearchParams(form);
    const answer = await fetch(`${saas.url}/customers/acme/${path}`, {
      ...{ method: "POST", body, headers: { origin: saas.url }, redirect: "manual" },
    });
    const to = new URL(answer.headers.get("location") ?? "", saas.url);
    return { status: answer.status, notice: to.searchParams.get("notice") };
  };
  const page = async () => (await saas.get("/customers/acme")).text();
  await submit("invoices");
  await submit("invoices/1/pay");
  await submit("invoices/1/pay");
  assert.deepEqual(await saas.lines("customer invoice 1"), ["customer invoice 1 is paid"]);
  await saas.lines("customer invoice.created");
  await until("the page shows both attempts", async () => {
    return ((await page()).match(/<td>invoice\.\w+<td>succeeded<td>200/g) ?? []).length === 2;
  });
  const [, main = ""] = /endpoints\/(ep_\w+)\/test/.exec(await page()) ?? [];
  assert.equal((await submit(`endpoints/${main}/test`)).notice, "It answered 200");

  const added = await submit("endpoints", { url: "http://127.0.0.1:9/", type: "invoice.paid" });
  assert.match(added.notice ?? "", /^Verify with whsec_/);
  const refused = await submit("endpoints", { url: "http://10.0.0.1/" });
  assert.match(refused.notice ?? "", /10\.0\.0\.1 is not a public address/);
  const [, other = ""] = /endpoints\/(ep_\w+)\/test/.exec(await page()) ?? [];
  assert.notEqual(other, main);
  await submit(`endpoints/${other}/pause`);
  assert.match(await page(), /127\.0\.0\.1:9[\s\S]*paused/);
  await submit(`endpoints/${other}/delete`);
  assert.doesNotMatch(await page(), /127\.0\.0\.1:9\//);
  const stranger = await fetch(`${saas.url}/customers/other/endpoints/${main}/secret`, {
    ...{ method: "POST", headers: { origin: saas.url }, redirect: "manual" },
  });
  assert.match(decodeURIComponent(stranger.headers.get("location") ?? ""), /there\+is\+no/);
  await saas.stops();
});
