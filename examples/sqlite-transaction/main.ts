import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { openPosthorn } from "posthorn";
import { closed, host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";
import { scratchFolder } from "../shared/scratch-folder.ts";
import { Orders, SoldOutError, sendReceipt } from "./orders.ts";

const file = join(scratchFolder(), "shop.db");
const posthorn = await openPosthorn({ database: file }); // first: it makes the file as it needs it
const db = new DatabaseSync(file, { timeout: 5_000 });
const orders = new Orders(db);

posthorn.work(sendReceipt, ({ orderId }) => {
  if (!orders.find(orderId)) throw new Error(`order ${orderId} is not there`); // never: they were committed together
  console.log(`receipt for ${orderId}`);
});

const app = new Hono();

app.post("/orders", async (c) => {
  const { item } = await c.req.json();
  return c.json(await orders.place(String(item), posthorn), 201);
});

app.get("/orders", (c) => c.json(orders.list()));

app.get("/jobs", async (c) => {
  const jobs = await posthorn.jobs.list({ tasks: [sendReceipt.name] }, { limit: 100 });
  return c.json(jobs.map(({ id, status }) => ({ id, status })));
});

app.onError((error, c) => {
  if (error instanceof SoldOutError) return c.json({ error: error.message }, 409);
  console.error(error);
  return c.json({ error: "failed" }, 500);
});

const server = serve({ fetch: app.fetch, hostname: host, port }, (address) =>
  console.log(`listening on http://${host}:${address.port}`),
);
onStop(async () => {
  await closed(server);
  await posthorn.close();
  db.close();
});
