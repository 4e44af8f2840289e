import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { BackgroundRunner, openPosthorn } from "posthorn";
import { backgroundTasks, mountPosthorn } from "posthorn/hono";
import { exercise } from "./exercise.ts";

const posthorn = await openPosthorn({ database: "app.db", worker: false });
const runner = new BackgroundRunner();
const ran: string[] = [];

const app = new Hono();
mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
app.use(backgroundTasks(runner));
app.post("/orders", (c) => {
  c.var.background.add((order: string) => ran.push(`receipt for ${order}`), "42");
  return c.json({}, 201);
});

await exercise(createServer(getRequestListener(app.fetch)), ran, () => posthorn.close());
