import { fastify } from "fastify";
import { backgroundTasks, mountPosthorn } from "posthorn/fastify";
import { errorAnswer } from "../orders/error-answer.ts";
import { openShop } from "../orders/shop.ts";
import { host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";

const shop = await openShop();
const { orders, posthorn } = shop;
const { writeAudit, sendReceipt } = shop.tasks;

const app = fastify();
mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
await app.register(backgroundTasks, { runner: shop.runner });

app.post("/orders", async (request, reply) => {
  const order = orders.place(request.body);
  const { id, item, cents, email } = order;

  // Best effort: after the response, once, lost with the process.
  request.background.add(writeAudit, { orderId: id, what: "placed" });

  // Durable: on disk before the answer, both with one sync.
  const [receipt, webhook] = await Promise.all([
    posthorn.enqueue(sendReceipt, { orderId: id, item, cents, to: email }),
    posthorn.webhooks.deliver({ targetUrl: shop.webhookUrl, payload: { type: "order.placed", data: order } }),
  ]);
  orders.noteJobs(id, { receipt, webhook });
  return reply.code(201).header("location", `/orders/${id}`).send(order);
});

app.get<{ Params: { id: string } }>("/orders/:id", async (request, reply) => {
  const order = await orders.show(request.params.id, posthorn);
  return order ?? reply.code(404).send({ error: "there is no such order" });
});

app.setErrorHandler((error, _request, reply) => {
  const { status, body } = errorAnswer(error);
  return reply.code(status).send(body);
});

console.log(`listening on ${await app.listen({ host, port })}`);
onStop(async () => {
  await app.close();
  await shop.close();
});
