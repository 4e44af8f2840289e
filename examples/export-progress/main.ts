import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { InvalidInputError, JobNotFoundError, openPosthorn } from "posthorn";
import { mountPosthorn } from "posthorn/hono";
import { closed, host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";
import { scratchFolder } from "../shared/scratch-folder.ts";
import { defineExport } from "./export-orders.ts";

const folder = scratchFolder();
const exportOrders = defineExport(folder);
const posthorn = await openPosthorn({ database: join(folder, "exports.db"), tasks: [exportOrders] });
const page = await readFile(join(import.meta.dirname, "page.html"), "utf8");

const app = new Hono();
const api = mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });

app.get("/", (c) => c.html(page));

app.post("/exports", async (c) => {
  const { jobId } = await posthorn.enqueue(exportOrders, await c.req.json()); // checked by the task's own schema
  return c.json({ jobId }, 202, { location: `/background/jobs/${jobId}` });
});

app.get("/exports/:jobId", async (c) => {
  const { status, result } = await posthorn.result(exportOrders, c.req.param("jobId"));
  if (!result) return c.json({ error: `the export is ${status}` }, 409);
  c.header("content-type", "text/csv; charset=utf-8");
  c.header("content-disposition", `attachment; filename="${result.file}"`);
  return c.body(Readable.toWeb(createReadStream(join(folder, result.file))) as ReadableStream);
});

app.onError((error, c) => {
  if (error instanceof JobNotFoundError) return c.json({ error: "there is no such export" }, 404);
  if (error instanceof SyntaxError) return c.json({ error: "the body is not JSON" }, 400);
  if (error instanceof InvalidInputError) return c.json({ error: error.message }, 422);
  console.error(error);
  return c.json({ error: "failed" }, 500);
});

const server = serve({ fetch: app.fetch, hostname: host, port }, (address) =>
  console.log(`listening on http://${host}:${address.port}`),
);
onStop(async () => {
  api.stopWaiting();
  await closed(server);
  await posthorn.close();
});
