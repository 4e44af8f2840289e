import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { test } from "node:test";
import express, { type NextFunction, type Request, type Response } from "express";
import { ConfigurationError } from "../core/errors.ts";
import { JOBS } from "../engine/jobs.ts";
import { INSTRUMENT, Instrument } from "../observe/instrument.ts";
import type { Posthorn } from "../posthorn.ts";
import { mountContract } from "./mount-contract.ts";
import { mountPosthorn } from "./mount-express.ts";
import { listening } from "./test-kit/listening.ts";

mountContract("Express", (posthorn, options) => {
  const app = express();
  const api = mountPosthorn(app, posthorn, options);
  app.use(express.json());
  app.post("/own", (request, response) => void response.send(String(request.body.n)));
  return { server: createServer(app), api };
});

mountContract("Express behind a body parser that keeps the bytes", (posthorn, options) => {
  const app = express();
  const keep = (request: IncomingMessage, _response: unknown, rawBody: Buffer) =>
    Object.assign(request, { rawBody });
  app.use(express.json({ verify: keep }));
  const api = mountPosthorn(app, posthorn, options);
  app.post("/own", (request, response) => void response.send(String(request.body.n)));
  return { server: createServer(app), api };
});

test("behind a body parser that keeps nothing, the error handler is told to mount the API before it", async (t) => {
  const app = express();
  app.use(express.json());
  const posthorn = { [INSTRUMENT]: new Instrument(), [JOBS]: {}, webhooks: {} } as unknown as Posthorn; // nothing else of it is used
  mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
  const errors: unknown[] = [];
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    errors.push(error, request.url);
    response.status(500).end();
  });
  const url = await listening(t, createServer(app));
  const answer = await fetch(`${url}/background/webhooks/deliver`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(answer.status, 500);
  const [error, path] = errors;
  assert.ok(error instanceof ConfigurationError);
  assert.match(error.message, /mount the API before body parsers/);
  assert.equal(path, "/background/webhooks/deliver");
});
