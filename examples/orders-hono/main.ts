import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { backgroundTasks, mountPosthorn } from "posthorn/hono";
import { errorAnswer } from "../orders/error-answer.ts";
import { openShop } from "../orders/shop.ts";
import { closed, host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";

const shop = await openShop();
const { orders, posthorn } = shop;
const { writeAudit, sendReceipt } = shop.tasks;

const app = new Hono();
const api = mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
app.use(backgroundTasks(shop.runner));

app.post("/orders", async (c) => {
  const order = orders.place(await c.req.json());
  const { id, item, cents, email } = order;

  // Best effort: after the response, once, lost with the process.
  c.var.background.add(writeAudit, { orderId: id, what: "placed" });

  // Durable: on disk before the answer, both with one sync.
  const [receipt, webhook] = await Promise.all([
    posthorn.enqueue(sendReceipt, { orderId: id, item, cents, to: email }),
    posthorn.webhooks.deliver({ targetUrl: shop.webhookUrl, payload: { type: "order.placed", data: order } }),
  ]);
  orders.noteJobs(id, { receipt, webhook });
  return c.json(order, 201, { location: `/orders/${id}` });
});

app.get("/orders/:id", async (c) => {
  const order = await orders.show(c.req.param("id"), posthorn);
  return order ? c.json(order) : c.json({ error: "there is no such order" }, 404);
});

app.onError((error, c) => {
  const { status, body } = errorAnswer(error);
  return c.json(body, status);
});

const server = serve({ fetch: app.fetch, hostname: host, port }, (address) =>
  console.log(`listening on http://${host}:${address.port}`),
);
onStop(async () => {
  api.stopWaiting();
  await closed(server);
  await shop.close();
});
