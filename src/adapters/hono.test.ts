import assert from "node:assert/strict";
import type { Server } from "node:http";
import { test } from "node:test";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { silentLog } from "../observe/log.ts";
import { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { backgroundContract } from "./background-contract.ts";
import { backgroundTasks } from "./hono.ts";
import { Gate } from "./test-kit/gate.ts";

backgroundContract("Hono", ({ runner, route, errorStatus }) => {
  const app = new Hono();
  app.use(backgroundTasks(runner));
  app.post("/", async (c) => {
    const { status, body } = await route(c.var.background);
    return new Response(body, { status });
  });
  if (errorStatus !== undefined) app.onError(() => new Response("failed", { status: errorStatus }));
  else app.onError(() => new Response("failed", { status: 500 })); // as Hono's own, which prints the error
  return createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server; // HTTP/1
});

test("on a server other than Node's, tasks run once the response has been handed over", async () => {
  const ran = new Gate();
  const app = new Hono();
  app.use(backgroundTasks(new BackgroundRunner({ log: silentLog })));
  app.get("/", (c) => {
    c.var.background.add(() => ran.open());
    return c.text("answer");
  });
  const answer = await app.fetch(new Request("http://localhost/"));
  assert.ok(!ran.isOpen);
  assert.equal(await answer.text(), "answer");
  await ran.opened;
});

test("tasks do not run when middleware outside throws after the route, or what is thrown is not an Error", async () => {
  const runner = new BackgroundRunner({ log: silentLog });
  const ran = new Gate();
  const app = new Hono();
  app.onError(() => new Response("failed", { status: 500 }));
  app.use("/outside", async (_c, next) => {
    await next();
    throw new Error("after the route");
  });
  app.use(backgroundTasks(runner));
  app.get("/outside", (c) => {
    c.var.background.add(() => assert.fail("it ran"));
    return c.text("answer");
  });
  app.get("/odd", (c) => {
    c.var.background.add(() => assert.fail("it ran"));
    throw "no Error";
  });
  app.get("/good", (c) => {
    c.var.background.add(() => ran.open());
    return c.text("answer");
  });
  assert.equal((await app.request("/outside")).status, 500);
  await assert.rejects(
    async () => app.request("/odd"),
    (thrown) => thrown === "no Error",
  );
  await app.request("/good");
  await ran.opened;
  assert.deepEqual(runner.counts, { queued: 0, running: 0, succeeded: 1, failed: 0, refused: 0, dropped: 0 });
});
