import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../core/clock.ts";
import type { FieldProblem } from "../core/errors.ts";
import { type Outcome, timingIn } from "../core/outcome.ts";
import { runContext } from "../engine/test-kit/run-context.ts";
import { SecretBox } from "../secrets/secret-box.ts";
import type { LeasedJob } from "../store/queue.ts";
import { openForTest } from "../store/sqlite/test-kit/scratch.ts";
import { readHeaders } from "./accept/delivery-headers.ts";
import { type DeliveryOptions, stringifyDeliveryOptions } from "./accept/delivery-options.ts";
import { DeliverTask } from "./deliver-task.ts";
import { Destinations } from "./destination.ts";
import { EndpointDeliveries } from "./endpoints/endpoint-deliveries.ts";
import { EndpointExchange } from "./endpoints/endpoint-exchange.ts";
import { EndpointMessages } from "./endpoints/endpoint-messages.ts";
import { EndpointSecrets } from "./endpoints/endpoint-secrets.ts";
import { HttpDestination } from "./http/http-destination.ts";
import { Sender } from "./http/sender.ts";
import { Registry } from "./registry/registry.ts";
import { DELIVERY_RETRY } from "./schedule.ts";
import { DeliverySecrets } from "./signing/delivery-secrets.ts";
import { newSecret } from "./signing/signing-key.ts";
import { TargetPolicy } from "./targets/target-policy.ts";

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  /** As they stood on the wire: name, value, name, value, … */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

const SERVER_SECRET = newSecret();
const NO_TOKENS = {
  tokenFor: () => assert.fail("no token is needed here"),
  replacementFor: () => assert.fail("no token is needed here"),
};
const JOB_ID = "job_01k9zv5e3ge7rtx8q4v2n6m0aa";

/** A real receiver, and a task that delivers to it. */
async function setUp(
  context: TestContext,
  answer: (response: ServerResponse) => void = (response) => response.end(),
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method, headers, rawHeaders } = request;
    received.push({ method, headers, rawHeaders, body: await text(request) });
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const policy = new TargetPolicy({ allow: ["127.0.0.0/8"] });
  const sender = new Sender({ policy, connections: 4 });
  context.after(async () => {
    await sender.close();
    server.closeAllConnections();
    server.close();
  });
  const box = SecretBox.open(randomBytes(32).toString("base64"));
  const secrets = new DeliverySecrets(box, SERVER_SECRET);
  const destinations = new Destinations(new HttpDestination({ policy, sender, version: "1.2.3" }));
  const store = await openForTest(context, { file: ":memory:" });
  const registry = new Registry(store, systemClock);
  const sealed = new EndpointSecrets(box);
  const messages = new EndpointMessages(sealed, secrets);
  const endpoints = new EndpointDeliveries({
    registry,
    exchange: new EndpointExchange({ destinations, messages, tokens: NO_TOKENS, clock: systemClock }),
    breakers: { isQuiet: () => true, admit: async () => undefined, succeeded: () => {}, failed: () => {} },
    disable: async () => {},
  });
  const task = new DeliverTask({ destinations, secrets, endpoints, clock: systemClock });
  const { port } = server.address() as AddressInfo; // a TCP server's address is not a string
  const targetUrl = `http://127.0.0.1:${port}/in?a=b`;
  const run = (
    payload: string,
    options: Partial<DeliveryOptions> = {},
    signal = new AbortController().signal,
  ) => task.run(jobOf(payload, { targetUrl, ...options }), runContext(signal));
  const deliver = async (payload: string, options: Partial<DeliveryOptions> = {}): Promise<Received> => {
    const outcome = await run(payload, options);
    assert.equal(outcome.kind, "succeeded");
    const last = received.at(-1);
    assert.ok(last);
    return last;
  };
  return { task, secrets, targetUrl, received, run, deliver };
}

function jobOf(payload: string, options: DeliveryOptions): LeasedJob {
  return {
    handle: 1,
    id: JOB_ID,
    task: "webhook.deliver",
    lane: "http://127.0.0.1/in",
    options: stringifyDeliveryOptions(options),
    payload,
    priority: 0,
    maxAttempts: 10,
    createdAt: 0,
    dueAt: 0,
    startedAt: 0,
    attempts: 1,
    failures: 0,
    losses: 0,
    token: 1,
    ties: undefined,
    origin: undefined,
  };
}

function verify(secret: string, { headers, body }: Received): void {
  new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false }); // those it reads come once each
}

test("the payload is posted byte for byte, and signed with the server's secret", async (context) => {
  const { deliver, targetUrl, run } = await setUp(context);
  const payload = '{ "n": 12345678901234567890, "b": 2.50, "a": "\\u00e9 é 🐴" }';
  const received = await deliver(payload);
  assert.equal(received.method, "POST");
  assert.equal(received.body, payload);
  verify(SERVER_SECRET, received);
  const { headers } = received;
  assert.equal(headers["webhook-id"], JOB_ID);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["user-agent"], "Posthorn/1.2.3");
  const outcome = await run(payload);
  assert.ok(outcome.kind === "succeeded");
  const { duration_ms: durationMs, timing: _, ...result } = JSON.parse(outcome.result ?? "");
  assert.deepEqual(result, { delivered_to: targetUrl, http_status: 200 });
  assert.ok(Number.isInteger(durationMs));
});

test("a delivery's own secret signs instead of the server's", async (context) => {
  const { deliver, secrets } = await setUp(context);
  const own = newSecret();
  const received = await deliver("{}", { secret: secrets.seal(own, JOB_ID) });
  verify(own, received);
  assert.throws(() => verify(SERVER_SECRET, received));
});

test("a secret that was sealed for another job is not used: the attempt fails, and nothing is sent", async (context) => {
  const { run, secrets, received } = await setUp(context);
  await assert.rejects(run("{}", { secret: secrets.seal(newSecret(), "job_other") }), /cannot be decrypted/);
  assert.deepEqual(received, []);
});

test("the event id is sent as webhook-id", async (context) => {
  const { deliver } = await setUp(context);
  const received = await deliver("{}", { eventId: "order:5" });
  assert.equal(received.headers["webhook-id"], "order:5");
  verify(SERVER_SECRET, received);
});

test("the caller's headers are added, and its content type replaces ours", async (context) => {
  const { deliver, secrets } = await setUp(context);
  const given = { "X-Tenant": "a", "content-type": "application/cloudevents+json" };
  const { headers } = await deliver("{}", { headers: secrets.sealHeaders(given, JOB_ID) });
  assert.equal(headers["x-tenant"], "a");
  assert.equal(headers["content-type"], "application/cloudevents+json");
});

test("a header that is let through arrives as it is, and brings no other", async (context) => {
  const { deliver, secrets } = await setUp(context);
  const usual = new Set(
    (await deliver("{}")).rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()),
  );
  const name = fc.oneof(
    fc.stringMatching(/^[!#$%&'*+\-.^_`|~\dA-Za-z]{1,20}$/),
    fc.constantFrom("__proto__", "Accept", "Date"),
  );
  const value = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/));
  await fc.assert(
    fc.asyncProperty(name, value, async (sent, its) => {
      const problems: FieldProblem[] = [];
      const headers = readHeaders(Object.fromEntries([[sent, its]]), problems);
      if (!headers || problems.length > 0) return;
      const { rawHeaders } = await deliver("{}", { headers: secrets.sealHeaders(headers, JOB_ID) });
      const extra: string[] = [];
      for (let at = 0; at < rawHeaders.length; at += 2) {
        const got = rawHeaders[at] ?? "";
        if (!usual.has(got.toLowerCase())) extra.push(got, rawHeaders[at + 1] ?? "");
      }
      if (sent.toLowerCase() !== "content-type") assert.deepEqual(extra, [sent, its]);
    }),
    { numRuns: 200 },
  );
});

test("a failure keeps what was answered, and the pause that was asked for", async (context) => {
  const { run } = await setUp(context, (response) =>
    response.writeHead(503, { "retry-after": "120" }).end("busy"),
  );
  const outcome: Outcome = await run("{}");
  assert.ok(outcome.kind === "failed");
  assert.match(outcome.error, /^HTTP 503 from 127\.0\.0\.1:\d+; it asked for a pause of 2m \(Retry-After\)$/);
  const { retry, retryAfterMs, laneRestMs, code, class: kind, excerpt } = outcome;
  assert.deepEqual(
    { retry, retryAfterMs, laneRestMs, code, class: kind, excerpt },
    { retry: true, retryAfterMs: 120_000, laneRestMs: 60_000, code: 503, class: "5xx", excerpt: "busy" },
  );
});

test("headers that the receiver repeats are not kept with the attempt", async (context) => {
  const { run, secrets } = await setUp(context, (response) => {
    const { authorization, "x-key": key } = response.req.headers;
    response.writeHead(400).end(`${JSON.stringify({ error: "unknown key", authorization })} ${key}`);
  });
  const headers = { Authorization: "Bearer HEADERSECRET1", "x-key": "KEYSECRET" };
  const outcome = await run("{}", { headers: secrets.sealHeaders(headers, JOB_ID) });
  assert.equal(outcome.excerpt, '{"error":"unknown key","authorization":"[header value]"} [header value]');
});

test("the options of a job are parsed once for an attempt", async (context) => {
  const { task, targetUrl } = await setUp(context);
  const job = jobOf("{}", { targetUrl });
  const parse = context.mock.method(JSON, "parse");
  task.timeoutMs(job);
  const { signal } = new AbortController();
  assert.equal((await task.run(job, runContext(signal))).kind, "succeeded");
  assert.equal(parse.mock.calls.filter(({ arguments: [text] }) => text === job.options).length, 1);
});

test("an attempt whose time is up fails with the reason, and is tried again", async (context) => {
  const aborter = new AbortController();
  const { run } = await setUp(context, () => aborter.abort(new Error("timed out after 15000 ms")));
  const { detail, ...outcome } = await run("{}", {}, aborter.signal);
  assert.equal(typeof timingIn(detail ?? null)?.connect_ms, "number");
  assert.deepEqual(outcome, {
    kind: "failed",
    error: "timed out after 15000 ms",
    retry: true,
    class: "timeout",
  });
});

test("an attempt has 15 s unless the delivery says otherwise", async (context) => {
  const { task, targetUrl } = await setUp(context);
  assert.equal(task.timeoutMs(jobOf("{}", { targetUrl })), 15_000);
  assert.equal(task.timeoutMs(jobOf("{}", { targetUrl, timeoutMs: 100 })), 100);
});

test("the schedule is the one of Standard Webhooks: ten attempts in 75 h 35 min 5 s, with jitter", () => {
  const { delaysMs, jitter } = DELIVERY_RETRY;
  assert.equal(delaysMs.length, 9);
  assert.equal(
    delaysMs.reduce((sum, delay) => sum + delay),
    ((75 * 60 + 35) * 60 + 5) * 1_000,
  );
  assert.equal(jitter, 0.2);
});
