import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import express, { type NextFunction, type Request, type Response } from "express";
import { silentLog } from "../observe/log.ts";
import { BackgroundRunner } from "../tasks/background/background-runner.ts";
import { type BackgroundServeOptions, backgroundContract } from "./background-contract.ts";
import { backgroundErrors, backgroundTasks } from "./express.ts";
import { Gate } from "./test-kit/gate.ts";
import { listening } from "./test-kit/listening.ts";

backgroundContract("Express", (options) => createServer(appWith(options)));

function appWith({ runner, route, errorStatus }: BackgroundServeOptions) {
  const app = express().set("env", "test"); // prints no errors
  app.use(backgroundTasks(runner));
  app.post("/", (request, response) => {
    const answer = route(request.background);
    if (!(answer instanceof Promise)) return void response.status(answer.status).send(answer.body);
    return answer.then(({ status, body }) => void response.status(status).send(body));
  });
  app.use(backgroundErrors(runner));
  if (errorStatus !== undefined) {
    app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
      response.status(errorStatus).send("failed");
    });
  }
  return app;
}

test("without backgroundErrors Express cannot tell who answers 4xx: no task runs then", async (t) => {
  const runner = new BackgroundRunner({ log: silentLog });
  const ran = new Gate();
  const app = express();
  app.use(backgroundTasks(runner));
  app.get("/bad", (request, response) => {
    request.background.add(() => assert.fail("it ran"));
    response.status(400).end();
  });
  app.get("/good", (request, response) => {
    request.background.add(() => ran.open());
    response.end();
  });
  const url = await listening(t, createServer(app));
  assert.equal((await fetch(`${url}/bad`)).status, 400);
  assert.equal((await fetch(`${url}/good`)).status, 200);
  await ran.opened;
  assert.deepEqual(runner.counts, { queued: 0, running: 0, succeeded: 1, failed: 0, refused: 0, dropped: 0 });
});
