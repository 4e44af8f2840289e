import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { mountContract } from "./mount-contract.ts";
import { mountPosthorn } from "./mount-hono.ts";

for (const [name, reads] of [
  ["Hono", false],
  ["Hono after middleware that reads the body", true],
] as const) {
  mountContract(name, (posthorn, options) => {
    const app = new Hono();
    app.use(async (c, next) => {
      if (reads && c.req.header("content-type") === "application/json") await c.req.json();
      await next();
    });
    const api = mountPosthorn(app, posthorn, options);
    app.post("/own", async (c) => c.text(String((await c.req.json()).n)));
    const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server; // HTTP/1
    return { server, api };
  });
}
