import express, { type ErrorRequestHandler } from "express";
import { backgroundErrors, backgroundTasks, mountPosthorn } from "posthorn/express";
import { errorAnswer } from "../orders/error-answer.ts";
import { openShop } from "../orders/shop.ts";
import { closed, host, port, urlOf } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";

const shop = await openShop();
const { orders, posthorn } = shop;
const { writeAudit, sendReceipt } = shop.tasks;

const app = express();
const api = mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" }); // before body parsers
app.use(express.json());
app.use(backgroundTasks(shop.runner));

app.post("/orders", async (req, res) => {
  const order = orders.place(req.body);
  const { id, item, cents, email } = order;

  // Best effort: after the response, once, lost with the process.
  req.background.add(writeAudit, { orderId: id, what: "placed" });

  // Durable: on disk before the answer, both with one sync.
  const [receipt, webhook] = await Promise.all([
    posthorn.enqueue(sendReceipt, { orderId: id, item, cents, to: email }),
    posthorn.webhooks.deliver({ targetUrl: shop.webhookUrl, payload: { type: "order.placed", data: order } }),
  ]);
  orders.noteJobs(id, { receipt, webhook });
  res.status(201).location(`/orders/${id}`).json(order);
});

app.get("/orders/:id", async (req, res) => {
  const order = await orders.show(req.params.id, posthorn);
  if (order) res.json(order);
  else res.status(404).json({ error: "there is no such order" });
});

app.use(backgroundErrors(shop.runner)); // a route that threw runs no best-effort task
const answerError: ErrorRequestHandler = (error, _req, res, _next) => {
  const { status, body } = errorAnswer(error);
  res.status(status).json(body);
};
app.use(answerError);

const server = app.listen(port, host);
console.log(`listening on ${await urlOf(server)}`);
onStop(async () => {
  api.stopWaiting();
  await closed(server);
  await shop.close();
});
