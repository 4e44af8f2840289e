import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { trace } from "@opentelemetry/api";
import { SCHEMA_URL } from "../src/observe/traces/names.ts";
import { scheduleSpan } from "../src/observe/traces/schedule-span.ts";
import {
  BackgroundRunner,
  BackgroundTasks,
  openPosthorn,
  schedule,
  silentLog,
  task,
} from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";
import { LONG } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { type ToldSpan, tracing } from "./support/traced.ts";
import { until } from "./support/until.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const PRODUCER = 3;
const CONSUMER = 4;
const CLIENT = 2;

/** The other process, which runs jobs. */
class TracedWorker {
  readonly #child: ChildProcess;
  /** What handlers were given. */
  readonly given: (string | undefined)[] = [];
  /** What it logged. */
  log = "";
  #spans: readonly ToldSpan[] | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on("data", (text) => {
      this.log += text;
    });
    child.on("message", (told: { given?: string; spans?: readonly ToldSpan[] }) => {
      if (Object.hasOwn(told, "given")) this.given.push(told.given);
      if (told.spans) this.#spans = told.spans;
    });
  }

  static async start(t: TestContext, database: string): Promise<TracedWorker> {
    const child = fork(join(import.meta.dirname, "support/traced-worker.ts"), [database], {
      ...{ execArgv: ["--conditions=posthorn-source"], stdio: ["ignore", "inherit", "pipe", "ipc"] },
    });
    t.after(() => child.kill("SIGKILL"));
    const worker = new TracedWorker(child);
    await once(child, "message"); // it is ready
    return worker;
  }

  /** Its spans, once there are so many of this name. */
  spans(name: string, count: number): Promise<ToldSpan[]> {
    return until(`${count} spans ${name}`, () => {
      const found = this.#spans?.filter((span) => span.name === name) ?? [];
      if (found.length >= count) return found;
      this.#child.send("spans");
      return undefined;
    });
  }

  async stop(): Promise<void> {
    this.#child.send("stop");
    await once(this.#child, "exit");
  }
}

test("from the request, over the process that takes it and the one that works, to the receiver, spans belong together", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const receiver = await Receiver.start(t);
  const work = task<string>("work", {});
  const { api, posthorn, database } = await serveHere(t, { worker: false, tasks: [work] });
  const from = { traceparent: PARENT, tracestate: "vendor=1" };
  const sent = await api.ask(
    "POST",
    "/webhooks/deliver",
    { target_url: `${receiver.url}/a?secret=1`, payload: 1 },
    from,
  );
  const { job_id } = JSON.parse(sent.text);
  const enqueued = await api.ask("POST", "/tasks/work", { input: "fails once" }, from);
  const { job_id: taskId } = JSON.parse(enqueued.text);

  const names = spans().map(({ name }) => name);
  assert.deepEqual(names, ["enqueue webhook.deliver", "enqueue work"]);
  const [deliverSpan, workSpan] = spans();
  assert.ok(deliverSpan && workSpan);
  assert.deepEqual([deliverSpan.traceId, deliverSpan.parentId], [TRACE, "b7ad6b7169203331"]);
  assert.deepEqual([deliverSpan.kind, deliverSpan.schemaUrl], [PRODUCER, SCHEMA_URL]);
  assert.deepEqual(deliverSpan.attributes, {
    "messaging.system": "posthorn",
    "messaging.operation.name": "enqueue",
    "messaging.operation.type": "send",
    "messaging.destination.name": "webhook.deliver",
    "messaging.message.id": job_id,
    "messaging.message.body.size": 1,
    "posthorn.idempotent_replay": false,
  });
  const shown = JSON.parse((await api.ask("GET", `/jobs/${job_id}`)).text);
  assert.equal(shown.trace_id, TRACE);
  assert.equal((await posthorn.jobs.get(job_id)).traceId, TRACE);

  const worker = await TracedWorker.start(t, database);
  const [delivering] = await worker.spans("deliver webhook.deliver", 1);
  assert.ok(delivering);
  assert.deepEqual(delivering.links, [`${TRACE}-${deliverSpan.spanId}`]);
  assert.equal(delivering.kind, CONSUMER);
  assert.notEqual(delivering.traceId, TRACE);
  assert.equal(delivering.parentId, undefined);
  const { "posthorn.job.wait_ms": waited, ...attributes } = delivering.attributes;
  assert.ok(Number(waited) >= 0);
  assert.deepEqual(attributes, {
    "messaging.system": "posthorn",
    "messaging.operation.name": "deliver",
    "messaging.operation.type": "process",
    "messaging.destination.name": "webhook.deliver",
    "messaging.message.id": job_id,
    "messaging.message.body.size": 1,
    "posthorn.job.attempt": 1,
    "posthorn.job.max_attempts": 10,
  });
  assert.deepEqual(delivering.events, [
    {
      name: "posthorn.settled",
      attributes: { "posthorn.job.status": "succeeded", "posthorn.recorded": true },
    },
  ]);
  const [post] = await worker.spans("POST", 1);
  assert.ok(post);
  assert.deepEqual([post.kind, post.traceId, post.parentId], [CLIENT, delivering.traceId, delivering.spanId]);
  assert.deepEqual(post.attributes, {
    "http.request.method": "POST",
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(receiver.url).port),
    "url.scheme": "http",
    "url.full": `${receiver.url}/a`,
    "http.response.status_code": 200,
  });
  assert.equal(receiver.ledger[0]?.headers.traceparent, undefined, "strangers are told no ids");

  const attempts = await worker.spans("run work", 2);
  assert.deepEqual(
    attempts.map(({ links, isError, attributes: { "posthorn.job.attempt": n, "error.type": error } }) => ({
      links,
      isError,
      n,
      error,
    })),
    [
      { links: [`${TRACE}-${workSpan.spanId}`], isError: true, n: 1, error: "error" },
      { links: [`${TRACE}-${workSpan.spanId}`], isError: false, n: 2, error: undefined },
    ],
  );
  assert.deepEqual(
    worker.given,
    attempts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  );
  await worker.stop();
  const failure = worker.log.split("\n").find((line) => line.includes("an attempt failed")) ?? "{}";
  assert.equal(JSON.parse(failure).trace_id, attempts[0]?.traceId);
  assert.equal(JSON.parse(failure).job, taskId);
});

test("the span of a request that makes nothing names the job that an earlier one made", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const work = task<string>("work", {});
  const { api, posthorn } = await serveHere(t, { worker: false, tasks: [work] });
  const delivery = { target_url: "http://127.0.0.1:9/", payload: 1 };
  const named: unknown[] = [];
  for (let n = 0; n < 2; n++) {
    const sent = await api.ask("POST", "/webhooks/deliver", delivery, { "idempotency-key": "one" });
    named.push(JSON.parse(sent.text).job_id);
  }
  for (let n = 0; n < 2; n++)
    named.push((await posthorn.enqueue(work, "a", { key: "one", delay: "1h" })).jobId);
  assert.equal(new Set(named).size, 2);
  assert.deepEqual(
    spans().map(({ attributes }) => attributes["messaging.message.id"]),
    named,
  );
  assert.deepEqual(
    spans().map(({ attributes }) => attributes["posthorn.idempotent_replay"]),
    [false, true, false, false],
  );
});

test("of the processes that try to fire a schedule, the one that does tells of it", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const fired = await Promise.all([1, undefined].map((made) => scheduleSpan("nightly", async () => made)));
  assert.deepEqual(fired, [1, undefined]);
  assert.deepEqual(
    spans().map(({ name }) => name),
    ["schedule nightly"],
  );
});

test("instrumentation of undici makes no second span of a delivery, whose ids receivers would get", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const made: boolean[] = [];
  const instrumentation = () => void made.push(trace.getTracer("undici").startSpan("theirs").isRecording());
  subscribe("undici:request:create", instrumentation);
  t.after(() => unsubscribe("undici:request:create", instrumentation));
  const receiver = await Receiver.start(t);
  const { posthorn } = await serveHere(t);
  await posthorn.webhooks.deliver({ targetUrl: receiver.url, payload: 1 });
  await until("it has been sent", () => spans().some(({ name }) => name === "POST"));
  assert.deepEqual(made, [false]);
});

test("receivers get the place of the request in its trace where the program says so", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const receiver = await Receiver.start(t);
  const { posthorn } = await serveHere(t, { propagateTrace: true });
  await posthorn.webhooks.deliver({ targetUrl: receiver.url, payload: 1 });
  const post = await until("it has been sent", () => spans().find(({ name }) => name === "POST"));
  assert.equal(receiver.ledger[0]?.headers.traceparent, `00-${post.traceId}-${post.spanId}-01`);
});

test("what is enqueued within a span belongs to it, many at once make one span, and a schedule begins a trace", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const work = task<string>("work", { run() {} });
  const often = schedule("often", { cron: "* * * * * *", task: work, input: "f" });
  const { posthorn } = await serveHere(t, { tasks: [work], schedules: [often] });
  const within = (name: string, act: () => Promise<unknown>) =>
    trace.getTracer("test").startActiveSpan(name, (span) => act().then(() => span.end()));
  await within("one", () => posthorn.enqueue(work, "a"));
  await within("many", () =>
    posthorn.enqueueMany(["b", "c"].map((input) => ({ task: work, input, options: {} }))),
  );
  await within("elsewhere", () => posthorn.enqueue(work, "d", { trace: { traceparent: PARENT } }));
  await assert.rejects(posthorn.enqueue(work, "e", { trace: { traceparent: "no" } }), /trace\.traceparent/);
  const named = (name: string) => spans().filter((span) => span.name === name);
  const [one, many, elsewhere] = named("enqueue work");
  assert.equal(one?.parentId, named("one")[0]?.spanId);
  assert.equal(many?.parentId, named("many")[0]?.spanId);
  assert.equal(many?.attributes["messaging.batch.message_count"], 2);
  assert.equal(elsewhere?.traceId, TRACE);

  const fired = await until("the schedule has fired", () => named("schedule often")[0]);
  assert.equal(fired.attributes["posthorn.schedule"], "often");
  const link = `${fired.traceId}-${fired.spanId}`;
  await until("its job has run", () => named("run work").some(({ links }) => links.includes(link)));
  await posthorn.schedules.remove("often");
});

test("attempts stay in the trace that enqueued their job where the program says so, and one over Svix's API is in its request's", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const receiver = await Receiver.start(t);
  const { api, posthorn } = await serveHere(t, { attemptTraces: "child" });
  await posthorn.webhooks.endpoints.create("acme", { url: receiver.url });
  const message = { eventType: "a.b", payload: { n: 1 } };
  const sent = await api.ask("POST", "/api/v1/app/acme/msg", message, { traceparent: PARENT });
  assert.equal(sent.status, 202);
  const { attempt, post } = await until("it has been sent", () => {
    const [attempt] = spans().filter(({ name }) => name === "deliver webhook.deliver");
    const [post] = spans().filter(({ name }) => name === "POST");
    return attempt && post && { attempt, post };
  });
  const [enqueued] = spans().filter(({ name }) => name === "enqueue webhook.deliver");
  assert.ok(enqueued);
  assert.deepEqual([enqueued.traceId, enqueued.parentId], [TRACE, "b7ad6b7169203331"]);
  assert.deepEqual([attempt.traceId, attempt.parentId, attempt.links], [TRACE, enqueued.spanId, []]);
  assert.equal(post.traceId, TRACE);
  await assert.rejects(
    openPosthorn({ database: ":memory:", attemptTraces: "both" as "link" }),
    /attemptTraces must be link or child/,
  );
});

test("a best-effort task has a span within the trace of its request, which says whether it failed", async (t) => {
  const { spans, stop } = tracing();
  t.after(stop);
  const runner = new BackgroundRunner({ log: silentLog });
  const background = new BackgroundTasks(runner);
  const tracer = trace.getTracer("test");
  tracer.startActiveSpan("request", (request) => {
    background.add(function warm() {
      tracer.startSpan("within").end();
    });
    background.add(async function breaks() {
      throw new TypeError("no luck");
    });
    request.end();
  });
  background.release();
  await runner.drain();
  const [request, within, warm, breaks] = spans();
  assert.deepEqual([warm?.name, breaks?.name], ["run warm", "run breaks"]);
  for (const span of [warm, breaks])
    assert.deepEqual([span?.traceId, span?.parentId, span?.kind], [request?.traceId, request?.spanId, 0]);
  assert.equal(within?.parentId, warm?.spanId);
  assert.deepEqual([warm?.isError, breaks?.isError], [false, true]);
  assert.deepEqual(breaks?.attributes, {
    "messaging.system": "posthorn",
    "messaging.operation.name": "run",
    "messaging.operation.type": "process",
    "messaging.destination.name": "breaks",
    "posthorn.best_effort": true,
    "error.type": "TypeError",
  });
});

test("without a provider, a job keeps what its request said, its handler gets it, and nothing else is done", async (t) => {
  const given: unknown[] = [];
  const work = task<string>("work", {
    retry: { attempts: 1 },
    run(input, { job }) {
      given.push(job?.trace);
      if (input === "fails") throw new Error("as it should");
    },
  });
  const receiver = await Receiver.start(t);
  const { api, posthorn, lines } = await serveHere(t, { tasks: [work], propagateTrace: true });
  const looked = t.mock.method(trace, "getTracerProvider");
  const from = { traceparent: PARENT, tracestate: "vendor=1", prefer: "wait=60" };
  await api.ask("POST", "/tasks/work", { input: "fails" }, from);
  assert.deepEqual(given, [{ traceparent: PARENT, tracestate: "vendor=1" }]);
  const failure = lines.find((line) => line.includes("an attempt failed")) ?? "{}";
  assert.equal(JSON.parse(failure).trace_id, TRACE);

  await posthorn.webhooks.endpoints.create("acme", { url: receiver.url });
  const event = { tenant: "acme", type: "a.b", payload: 1 };
  assert.equal((await api.ask("POST", "/webhooks/events", event, from)).status, 202);
  await until("the event has come", () => receiver.ledger.length === 1);
  assert.equal(receiver.ledger[0]?.headers.traceparent, PARENT);
  assert.equal(receiver.ledger[0]?.headers.tracestate, "vendor=1");

  const invalid = await api.ask(
    "POST",
    "/tasks/work",
    { input: "a" },
    { traceparent: "00-0-0-0", prefer: "wait=60" },
  );
  assert.equal(JSON.parse(invalid.text).trace_id, null);
  // whether there is a provider is asked once when a job is enqueued, and once for each attempt
  looked.mock.resetCalls();
  const { jobId } = await posthorn.enqueue(work, "a");
  await posthorn.result(work, jobId, LONG);
  assert.equal(looked.mock.callCount(), 2);
});
