import assert from "node:assert/strict";
import type { Server } from "node:http";
import { test } from "node:test";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { ConfigurationError } from "../core/errors.ts";
import { JOBS } from "../engine/jobs.ts";
import { INSTRUMENT, Instrument } from "../observe/instrument.ts";
import type { Posthorn } from "../posthorn.ts";
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

test("behind a Hono that kept only the parsed JSON of a body, as before 4.9, the error handler is told", async () => {
  const app = new Hono();
  app.use(async ({ req }, next) => {
    req.bodyCache.json = Promise.resolve(JSON.parse(await req.raw.text()));
    await next();
  });
  const posthorn = { [INSTRUMENT]: new Instrument(), [JOBS]: {}, webhooks: {} } as unknown as Posthorn; // nothing else of it is used
  mountPosthorn(app, posthorn, { access: "dev" });
  const errors: unknown[] = [];
  app.onError((error, c) => {
    errors.push(error);
    return c.text("", 500);
  });
  const answer = await app.request("/webhooks/deliver", { method: "POST", body: '{"id":9007199254740993}' });
  assert.equal(answer.status, 500);
  const [error] = errors;
  assert.ok(error instanceof ConfigurationError);
  assert.match(error.message, /mount the API before what parses bodies, or use Hono 4\.9 or later/);
});
