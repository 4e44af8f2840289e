import { createServer } from "node:http";
import express from "express";
import { BackgroundRunner, openPosthorn } from "posthorn";
import { backgroundErrors, backgroundTasks, mountPosthorn } from "posthorn/express";
import { exercise } from "./exercise.ts";

const posthorn = await openPosthorn({ database: "app.db", worker: false });
const runner = new BackgroundRunner();
const ran: string[] = [];

const app = express();
mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
app.use(express.json());
app.use(backgroundTasks(runner));
app.post("/orders", (request, response) => {
  request.background.add((order: string) => ran.push(`receipt for ${order}`), "42");
  response.status(201).json({});
});
app.use(backgroundErrors(runner));

await exercise(createServer(app), ran, () => posthorn.close());
