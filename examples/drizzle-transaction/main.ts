import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { drizzle } from "drizzle-orm/node-postgres";
import { Hono } from "hono";
import pg from "pg";
import { openPosthorn } from "posthorn";
import { closed, host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";
import { scratchFolder } from "../shared/scratch-folder.ts";
import { Orders, SoldOutError, sendReceipt } from "./orders.ts";
import { startPostgres } from "./start-postgres.ts";

const postgres = await startPostgres(scratchFolder());
const pool = new pg.Pool({ connectionString: postgres.url });
pool.on("error", ({ message }) => console.error(`an idle connection ended: ${message}`)); // the pool opens another
const orders = new Orders(drizzle({ client: pool }));
await orders.createTables();

const posthorn = await openPosthorn({
  database: postgres.url, // makes a schema of its own next to the tables
  masterKey: randomBytes(32).toString("base64"), // yours is kept, in POSTHORN_MASTER_KEY: the same for all processes
});
posthorn.work(sendReceipt, async ({ orderId }) => {
  if (!(await orders.find(orderId))) throw new Error(`order ${orderId} is not there`); // never: they were committed together
  console.log(`receipt for ${orderId}`);
});

const app = new Hono();

app.post("/orders", async (c) => {
  const { item } = await c.req.json();
  return c.json(await orders.place(String(item), posthorn), 201);
});

app.get("/orders", async (c) => c.json(await orders.list()));

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
  await pool.end();
  await postgres.stop();
});
