import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { scratchDatabase } from "../../test/support/scratch.ts";
import { until } from "../../test/support/until.ts";
import { silentLog } from "../observe/log.ts";
import { openPosthorn } from "../posthorn.ts";
import { mountContract } from "./mount-contract.ts";
import { mountPosthorn } from "./mount-fastify.ts";

mountContract("Fastify", async (posthorn, options) => {
  const app = fastify();
  const api = mountPosthorn(app, posthorn, options);
  app.post<{ Body: { n: number } }>("/own", (request) => String(request.body.n));
  await app.ready();
  return { server: app.server, api };
});

test("the app's hooks run before the API, and their headers are sent with its answers", async (t) => {
  const { url } = await served(t, (app) => {
    app.addHook("onRequest", async (_request, reply) => void reply.header("x-app", "shop"));
  });
  const answer = await fetch(`${url}/background/healthz`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-app"), "shop");
  assert.equal(answer.headers.get("content-type"), "application/json");
});

test("an app that closes answers those who wait for a job's end", async (t) => {
  const { url, app, posthorn } = await served(t);
  const answer = fetch(`${url}/background/webhooks/deliver`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=60", connection: "close" },
    body: '{"target_url":"http://127.0.0.1:9/","payload":1}',
  });
  await until("the job is there", async () => (await posthorn.jobs.list({}, { limit: 1 })).length === 1);
  await app.close();
  assert.equal((await answer).status, 202);
});

async function served(t: TestContext, prepare: (app: FastifyInstance) => void = () => {}) {
  const posthorn = await openPosthorn({
    database: scratchDatabase(),
    worker: false,
    allowTargets: ["127.0.0.1"],
    log: silentLog,
  });
  const app = fastify();
  prepare(app);
  mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
  t.after(async () => {
    await app.close();
    await posthorn.close();
  });
  const url = await new Promise<string>((resolve, reject) =>
    app.listen({ host: "127.0.0.1", port: 0 }, (error, address) =>
      error ? reject(error) : resolve(address),
    ),
  );
  return { url, app, posthorn };
}
