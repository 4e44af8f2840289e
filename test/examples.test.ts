import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
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
    await shop.stops();
  });
}
