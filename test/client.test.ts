import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import type { Looked } from "../src/access/keys.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  ProblemError,
  UnreachableError,
} from "../src/client/client.ts";
import { task } from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";
import { gate } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string() }),
  run: ({ orderId }) => ({ sent: orderId, at: new Date("2030-01-31T09:00:00Z") }),
});

type Tasks = { "send-receipt": typeof sendReceipt };

async function served(t: TestContext, options: Partial<ClientOptions> = {}) {
  const { api, posthorn } = await serveHere(t, { tasks: [sendReceipt] });
  return { client: createClient<Tasks>({ url: api.url, ...options }), posthorn, api };
}

async function refused(call: Promise<unknown>): Promise<ProblemError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProblemError, `it was ${String(error)}`);
  return error;
}

/** A server that answers each request as the next of `answers` says, the last of them forever; and what it was asked. */
async function scripted(t: TestContext, ...answers: RequestListener[]) {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(request.headers);
    request.resume().once("end", () => answer?.(request, response));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }; // it listens on TCP
}

const JOB_ID = "job_01k9zq3v7n8r2m4w6x8y0z1a3b";
const accepts: RequestListener = (_, response) =>
  response
    .writeHead(202, { "content-type": "application/json" })
    .end(`{"job_id":"${JOB_ID}","status":"queued"}`);
const hangsUp: RequestListener = (request) => request.socket.destroy();
const isBusy =
  (status: number, retryAfter: string): RequestListener =>
  (_, response) =>
    response
      .writeHead(status, { "content-type": "application/problem+json", "retry-after": retryAfter })
      .end(JSON.stringify({ type: "about:blank", title: "", status, detail: "busy", code: "overloaded" }));

const deliver = (client: Client) => client.deliver({ targetUrl: "https://hooks.example.com/in", payload: 1 });

test("a task is enqueued by its name, waited for, and its result is the JSON that was stored", async (t) => {
  const { client } = await served(t);
  const accepted = await client.enqueue(
    "send-receipt",
    { orderId: "42" },
    { key: "receipt:42", delay: 1, priority: -1 },
  );
  assert.deepEqual([accepted.replayed, accepted.existing], [false, false]);
  const job = await client.wait(accepted, { timeout: "1m" });
  assert.deepEqual(
    [job.id, job.task, job.status, job.key, job.result],
    [
      accepted.jobId,
      "send-receipt",
      "succeeded",
      "receipt:42",
      { sent: "42", at: "2030-01-31T09:00:00.000Z" },
    ],
  );
  assert.ok(job.createdAt instanceof Date && job.finishedAt instanceof Date);
  assert.deepEqual(
    [job.tenantId, job.eventId, job.endpointId, job.bulkId, job.trigger],
    [null, null, null, null, null],
  );
  assert.deepEqual(await client.job(accepted.jobId), job);
});

test("a webhook is delivered with the options that were given", async (t) => {
  const { client } = await served(t);
  const receiver = await Receiver.start(t);
  const { jobId } = await client.deliver({
    targetUrl: receiver.url,
    payload: { paid: true },
    headers: { "X-Tenant": "acme" },
    eventId: "order_42",
    maxAttempts: 3,
    timeout: "20s",
    runAt: new Date("2026-01-01T00:00:00Z"),
  });
  const { status, targetUrl, maxAttempts } = await client.wait(jobId, { timeout: "1m" });
  assert.deepEqual([status, targetUrl, maxAttempts], ["succeeded", receiver.url, 3]);
  const { headers, text } = await receiver.nth(0);
  assert.deepEqual([text, headers["x-tenant"], headers["webhook-id"]], ['{"paid":true}', "acme", "order_42"]);
});

test("a job that does not end in time is answered as it is", async (t) => {
  const held = gate();
  const slow = task("slow", { run: () => held.opens });
  const { api } = await serveHere(t, { tasks: [slow] });
  t.after(held.open);
  const client = createClient({ url: api.url });
  const { jobId } = await client.enqueue("slow", null);
  const { status, finishedAt } = await client.wait(jobId, { timeout: 0 });
  assert.ok(status === "queued" || status === "running");
  assert.equal(finishedAt, null);
  assert.equal((await client.enqueue("slow", null, { idempotencyKey: 'a "quoted" key' })).replayed, false);
  assert.equal((await client.enqueue("slow", null, { idempotencyKey: 'a "quoted" key' })).replayed, true);
});

test("where a live job stands, and a delivery's request, are told as the library tells them", async (t) => {
  const held = gate();
  const slow = task("slow", { limits: { concurrency: 1 }, timeout: "1h", run: () => held.opens });
  const { api, posthorn } = await serveHere(t, { tasks: [slow] });
  t.after(held.open);
  const client = createClient({ url: api.url });
  const running = await client.enqueue("slow", null);
  await until("it runs", async () => (await client.job(running)).status === "running");
  const waiting = await client.enqueue("slow", null);
  const { workerId, leasedAt, timesOutAt, ...rest } = await client.standing(running);
  assert.equal(workerId, (await posthorn.workers())[0]?.id);
  assert.equal(Number(timesOutAt) - Number(leasedAt), 3_600_000);
  assert.deepEqual(rest, {
    laneRunning: 1,
    laneConcurrency: 1,
    laneRate: null,
    before: null,
    nextPlaceAt: null,
  });
  const nobody = { workerId: null, leasedAt: null, timesOutAt: null };
  assert.deepEqual(await client.standing(waiting.jobId), { ...rest, ...nobody, before: 0 });
  assert.deepEqual(await client.standing(waiting), await posthorn.jobs.standing(waiting.jobId));

  const { jobId } = await client.deliver({
    ...{ targetUrl: "http://127.0.0.1:9/in", payload: { n: 1 }, headers: { "x-own": "theirs" }, delay: "1h" },
  });
  const request = await client.request(jobId);
  assert.deepEqual([request.method, request.url, request.bytes], ["POST", "http://127.0.0.1:9/in", 7]);
  const values = new Map(request.headers.map(({ name, value }) => [name, value]));
  assert.deepEqual(
    [values.get("webhook-id"), values.get("webhook-signature"), values.get("x-own")],
    [jobId, null, null],
  );
  const names = (await posthorn.jobs.request(jobId)).headers.map(({ name }) => name);
  assert.deepEqual(names, [...values.keys()]);
  assert.equal((await refused(client.request(running))).code, "nothing_to_send");
  await assert.rejects(posthorn.jobs.request(running.jobId), { code: "nothing_to_send" });
  assert.equal((await refused(client.standing(JOB_ID))).code, "job_not_found");
});

test("an answer that is lost on the way is asked for again, and makes no second job", async (t) => {
  let lost = 0;
  const losing: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (lost++ > 0) return answer;
    await answer.text();
    throw new TypeError("fetch failed", { cause: new Error("other side closed") });
  };
  const { client, posthorn } = await served(t, { fetch: losing });
  const { jobId, replayed } = await client.enqueue("send-receipt", { orderId: "42" });
  assert.equal(replayed, true);
  const jobs = await posthorn.jobs.list({ tasks: ["send-receipt"] });
  assert.deepEqual(
    jobs.map(({ id }) => id),
    [jobId],
  );
});

test("a failure that may pass is retried with one idempotency key; each call has its own", async (t) => {
  const { url, asked } = await scripted(t, isBusy(503, "0"), hangsUp, isBusy(429, "0"), accepts);
  const client = createClient({ url });
  assert.equal((await deliver(client)).jobId, JOB_ID);
  const keys = asked.map((headers) => headers["idempotency-key"]);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 1);
  assert.match(String(keys[0]), /^"[\w-]{36}"$/);
  await deliver(client);
  assert.notEqual(asked[4]?.["idempotency-key"], keys[0]);
});

test("retries end after the last try, and before a pause that would outlast the time limit", async (t) => {
  const busy = await scripted(t, isBusy(503, "0"));
  const error = await refused(deliver(createClient({ url: busy.url, tries: 3 })));
  assert.deepEqual(
    [error.code, error.status, error.retryable, busy.asked.length],
    ["overloaded", 503, true, 3],
  );

  const later = new Date(Date.now() + 3_600_000).toUTCString();
  for (const retryAfter of ["3600", later]) {
    const away = await scripted(t, isBusy(429, retryAfter));
    const { retryAfterMs = 0 } = await refused(deliver(createClient({ url: away.url })));
    assert.equal(away.asked.length, 1);
    assert.ok(retryAfterMs > 3_000_000 && retryAfterMs <= 3_600_000, String(retryAfterMs));
  }

  const silent = await scripted(t, () => {});
  const gone = deliver(createClient({ url: silent.url, timeout: 60, tries: 2 }));
  await assert.rejects(gone, (thrown) => thrown instanceof UnreachableError && thrown.code === "unreachable");
  const bad = await scripted(t, (_, response) => response.writeHead(404).end("<h1>nginx</h1>"));
  const { code, message } = await refused(deliver(createClient({ url: bad.url })));
  assert.deepEqual([code, bad.asked.length], ["http_404", 1]);
  assert.match(message, /answered 404 Not Found: <h1>nginx/);
});

test("a caller's signal ends the call with its own reason", async (t) => {
  const { url, asked } = await scripted(t, isBusy(503, "5"));
  const reason = new Error("the visitor has gone");
  const gone = new AbortController();
  const client = createClient({ url });
  const call = client.deliver({ targetUrl: "https://a.example/", payload: 1 }, { signal: gone.signal });
  while (asked.length === 0) await new Promise(setImmediate);
  gone.abort(reason);
  await assert.rejects(call, reason);
  await assert.rejects(client.job(JOB_ID, { signal: gone.signal }), reason);
  assert.equal(asked.length, 1);
});

test("the server's refusals carry its problem document", async (t) => {
  const { client } = await served(t);
  const wrong = client.enqueue("send-receipt", { orderId: 42 } as never); // as a program without types
  const invalid = await refused(wrong);
  assert.deepEqual([invalid.code, invalid.status, invalid.retryable], ["invalid_input", 422, false]);
  assert.deepEqual(
    invalid.problem.errors?.map(({ pointer }) => pointer),
    ["/input/orderId"],
  );
  assert.equal((await refused(client.enqueue("sent-receipt" as never, {} as never))).code, "task_not_found");
  assert.equal((await refused(client.job(JOB_ID))).code, "job_not_found");
});

test("an event is sent once, however often its request is repeated, and says how many get it", async (t) => {
  const { api } = await serveHere(t);
  const client = createClient({ url: api.url });
  const request = { tenant: "acme", type: "invoice.paid", payload: { id: 42 }, eventId: "one", delay: 1_000 };
  const first = await client.send(request);
  assert.deepEqual(first, { eventId: first.eventId, jobs: 0, warnings: [], replayed: false });
  assert.deepEqual(await client.send(request), { ...first, replayed: true });
  assert.equal((await refused(client.send({ ...request, payload: 1 }))).code, "event_id_reused");
});

test("its key is sent as a bearer token, to its server alone", async (t) => {
  const keys = {
    find: async () => undefined,
    look: async (token: string): Promise<Looked> =>
      token === "phk_one_two"
        ? { key: { id: "key_1", role: "send", tenant: null, mode: null } as never } // all that the gate looks at
        : { refused: "unknown" },
  };
  const { api } = await serveHere(t, { tasks: [sendReceipt] }, { access: { mode: "keys", keys } });
  const accepted = await createClient<Tasks>({ url: `${api.url}/`, key: "phk_one_two" }).enqueue(
    "send-receipt",
    {
      orderId: "1",
    },
  );
  assert.match(accepted.jobId, /^job_/);
  for (const key of [undefined, "phk_other"]) {
    const client = createClient<Tasks>({ url: api.url, ...(key !== undefined && { key }) });
    assert.equal((await refused(client.job(accepted))).code, "unauthorized");
  }
  const elsewhere = await scripted(t, accepts);
  const moved = await scripted(t, (_, response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  );
  await assert.rejects(
    deliver(createClient({ url: moved.url, key: "phk_one_two", tries: 1 })),
    UnreachableError,
  );
  assert.equal(elsewhere.asked.length, 0);
});

test("it refuses to run in a browser, and refuses options that it cannot use", (t) => {
  const url = "https://jobs.example.com";
  for (const [options, says] of [
    [{ url: "jobs.example.com" }, /url must be the server's address/],
    [{ url: `${url}/?key=1` }, /url must be/],
    [undefined, /options must be an object with url/],
    [null, /options must be an object with url/],
    [{ url: {} }, /url must be/],
    [{ url, key: null }, /key must be an API key/],
    [{ url, timeout: null }, /timeout: the object is not a duration/],
    [{ url, key: "phk_1\n" }, /key must be an API key/],
    [{ url, timeout: "30 seconds" }, /timeout: "30 seconds" is not a duration; write it like/],
    [{ url, tries: 0 }, /tries must be a whole number/],
  ] as const) {
    assert.throws(() => createClient(options as unknown as ClientOptions), {
      name: "ClientError",
      code: "configuration",
      message: says,
    });
  }
  Object.assign(globalThis, { document: {} });
  t.after(() => Reflect.deleteProperty(globalThis, "document"));
  assert.throws(
    () => createClient({ url }),
    /does not run in a browser, where anyone could read its API key/,
  );
});

test("a call with null, or without what it needs, is refused before anything is sent, and named", async (t) => {
  const { asked, url } = await scripted(t, accepts);
  // biome-ignore lint/suspicious/noExplicitAny: as it looks to those who call it without types
  const client: any = createClient({ url });
  for (const [call, says] of [
    [() => client.enqueue(null, {}), /^task: must be the name of a task/],
    [() => client.enqueue("send-receipt", {}, null), /^options: must be an object, such as/],
    [() => client.enqueue("send-receipt", 5n), /^the request cannot be written as JSON: .*BigInt/],
    [() => client.deliver(), /^request: must be an object with targetUrl and payload/],
    [() => client.deliver({}, null), /^options: must be an object with idempotencyKey and signal/],
    [() => client.send(null), /^request: must be an object with tenant, type and payload/],
    [() => client.send({}, null), /^options: must be an object/],
    [() => client.job({}), /^job: must be the id of a job, or what enqueue returned/],
    [() => client.job("job_1", null), /^options: must be an object with signal/],
    [() => client.standing(null), /^job: must be the id of a job/],
    [() => client.request("job_1", null), /^options: must be an object with signal/],
    [() => client.wait(null), /^job: must be/],
    [() => client.wait("job_1", null), /^options: must be an object with timeout and signal/],
  ] as const)
    await assert.rejects(call, { name: "ClientError", code: "invalid_input", message: says });
  assert.equal(asked.length, 0);
});
