import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { withMetricsTable } from "../scripts/metrics-reference.ts";
import { doctorOf } from "../src/engine/doctor/doctor.ts";
import { listenForMetrics } from "../src/http/metrics/metrics-listener.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { metricsOf } from "../src/observe/metrics/metrics-text.ts";
import { openPosthorn, schedule, task } from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";
import { countOf, samplesIn } from "./support/metrics.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";
const TIMES = { createdAt: 0, dueAt: 0, startedAt: 0, origin: undefined };
const TASK = { task: "webhook.deliver" };

test("the metrics agree with what was sent, to the last attempt, in both formats", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/gone" ? 410 : 200),
  );
  const { api, posthorn } = await serveHere(t);
  const paths = ["/", "/", "/", "/gone"];
  for (const path of paths) await api.deliver({ target_url: `${receiver.url}${path}`, payload: 1 });
  assert.equal((await api.ask("POST", "/webhooks/deliver", { target_url: 1 })).status, 422);
  // what is not an acceptance, or has waited for more than that, is not among what accepting took
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const waiting = { target_url: `${receiver.url}/later`, payload: 1, run_at: later };
  const waited = await api.ask("POST", "/webhooks/deliver", waiting, { prefer: "wait=1" });
  assert.equal(waited.status, 202);
  const run = { action: "cancel", filter: { task: "none" }, starts_in: "1h" };
  assert.equal((await api.ask("POST", "/bulk", run)).status, 202);
  await until("all have ended", async () => (await posthorn.jobs.list({ status: "failed" })).length === 1);
  await until("all have ended", async () => (await posthorn.jobs.list({ status: "succeeded" })).length === 3);

  for (const accept of [OPEN_METRICS, "text/plain"]) {
    const answer = await api.ask("GET", "/metrics", undefined, { accept });
    const isOpen = accept === OPEN_METRICS;
    assert.match(
      answer.headers.get("content-type") ?? "",
      isOpen ? /^application\/openmetrics-text; version=1/ : /^text\/plain; version=0/,
    );
    const samples = samplesIn(answer.text, isOpen);
    const value = (name: string, labels: Record<string, string> = {}) => countOf(samples, name, labels);
    assert.equal(value("posthorn_jobs_accepted_total", TASK), 5);
    assert.equal(value("posthorn_jobs_finished_total", { ...TASK, status: "succeeded" }), 3);
    assert.equal(value("posthorn_jobs_finished_total", { ...TASK, status: "failed" }), 1);
    assert.equal(value("posthorn_attempts_total", { ...TASK, outcome: "succeeded", class: "2xx" }), 3);
    assert.equal(value("posthorn_attempts_total", { ...TASK, outcome: "failed", class: "410" }), 1);
    assert.equal(value("posthorn_wait_duration_seconds_count", { ...TASK, turn: "first" }), 4);
    assert.equal(value("posthorn_end_to_end_duration_seconds_count", TASK), 3);
    assert.equal(value("posthorn_accept_duration_seconds_count"), 4);
    assert.equal(value("posthorn_refused_total", { reason: "invalid" }), 1);
    assert.equal(
      value("posthorn_http_request_duration_seconds_count", { route: "/webhooks/deliver", code: "2xx" }),
      5,
    );
    assert.equal(value("posthorn_running_jobs"), 0);
    assert.equal(value("posthorn_slots"), 64);
    assert.equal(value("posthorn_db_jobs", { state: "failed" }), 1);
    assert.equal(value("posthorn_build_info", { store: "sqlite" }), 1);
    assert.ok(value("process_cpu_seconds_total") > 0);
  }
});

test("it is counted who got an earlier job, what bulk runs did, what commits were for, and how the process does", async (t) => {
  const { posthorn, api } = await serveHere(t);
  const told = { breaks: true };
  const mail = task("mail", { retry: { attempts: 1 } });
  posthorn.work(mail, () => (told.breaks ? Promise.reject(new Error("it broke")) : undefined));
  const idempotency = { scope: "test", key: "one", fingerprint: "a" };
  for (let n = 0; n < 3; n++)
    await posthorn.webhooks.deliver(
      { targetUrl: "http://127.0.0.1:9/", payload: 1, runAt: new Date(Date.now() + 3_600_000) },
      idempotency,
    );
  const keyed = { key: "one", delay: "1h" } as const;
  for (let n = 0; n < 2; n++) await posthorn.enqueue(mail, undefined, keyed);
  await posthorn.enqueue(mail, undefined);
  await until(
    "it has failed",
    async () => (await posthorn.jobs.list({ status: "failed", tasks: ["mail"] })).length === 1,
  );
  const rerun = async () => {
    const { run } = await posthorn.bulk.start({
      ...{ action: "rerun", filter: { task: "mail" }, startsIn: 0 },
    });
    await until("the run is over", async () => (await posthorn.bulk.get(run.id)).endedAt !== null);
    return run.id;
  };
  const first = await rerun();
  await until("its job has failed again", async () => (await posthorn.bulk.get(first)).failed === 1);
  told.breaks = false;
  await rerun();
  await until(
    "it has succeeded",
    async () => (await posthorn.jobs.list({ status: "succeeded", tasks: ["mail"] })).length === 1,
  );
  const [delivery] = await posthorn.jobs.list({ tasks: [TASK.task] });
  await posthorn.jobs.cancel(delivery?.id ?? "");
  const { run } = await posthorn.bulk.start({ action: "cancel", filter: { task: "mail" }, startsIn: 0 });
  await until("the run is over", async () => (await posthorn.bulk.get(run.id)).endedAt !== null);
  await api.ask("GET", "/metrics");
  const doctor = doctorOf(posthorn);
  await doctor.look();

  const samples = samplesIn((await api.ask("GET", "/metrics")).text, false);
  const value = (name: string, labels: Record<string, string> = {}) => countOf(samples, name, labels);
  assert.equal(value("posthorn_idempotent_replays_total", TASK), 2);
  assert.equal(value("posthorn_key_joins_total", { task: "mail" }), 1);
  assert.equal(value("posthorn_bulk_jobs_total", { action: "rerun", result: "done" }), 2);
  assert.equal(value("posthorn_bulk_jobs_total", { action: "rerun", result: "failed" }), 1);
  assert.equal(value("posthorn_jobs_accepted_total", { task: "mail" }), 2);
  for (const labels of [TASK, { task: "mail" }])
    assert.equal(value("posthorn_jobs_finished_total", { ...labels, status: "cancelled" }), 1);
  assert.deepEqual(
    ["alive", "draining", "dead"].map((state) => value("posthorn_db_workers", { state })),
    [1, 0, 0],
  );
  for (const kind of ["accept", "claim", "settle"])
    assert.ok(value("posthorn_commit_jobs_count", { kind }) > 0, kind);
  assert.equal(value("posthorn_draining"), 0);
  assert.ok(value("posthorn_db_bytes") > 0);
  assert.ok(samples.some(({ name, labels }) => name === "posthorn_db_finding" && labels.check !== undefined));
  assert.ok(value("nodejs_external_memory_bytes") > 0);
});

test("it is told how endpoints do, who looks on live, what was lost, and what may not be delivered to", async (t) => {
  const { posthorn, api } = await serveHere(t, { worker: false });
  const { endpoints } = posthorn.webhooks;
  const { endpoint } = await endpoints.create("acme", { url: "http://127.0.0.1:9/" });
  await endpoints.create("acme", { url: "http://127.0.0.1:9/other" });
  await endpoints.pause("acme", endpoint.id);
  await posthorn.schedules.declare(
    schedule("nightly", { cron: "0 3 * * *", task: task("tidy", {}), input: undefined }),
  );
  const refused = await api.ask("POST", "/webhooks/deliver", { target_url: "http://10.0.0.1/", payload: 1 });
  assert.equal(refused.status, 422);
  const { "attempt.lost": lost } = instrumentOf(posthorn);
  lost.publish({ jobId: "job_1", task: "tidy", lane: "tidy", workerId: "wrk_1" });
  const asked = async () => {
    const samples = samplesIn((await api.ask("GET", "/metrics")).text, false);
    return (name: string, labels: Record<string, string> = {}) => countOf(samples, name, labels);
  };
  const leaving = new AbortController();
  await fetch(`${api.url}/stats/live`, { signal: leaving.signal });

  const value = await asked();
  assert.deepEqual(
    ["active", "paused", "disabled", "broken"].map((state) => value("posthorn_db_endpoints", { state })),
    [1, 1, 0, 0],
  );
  assert.equal(value("posthorn_db_schedule_late_seconds", { schedule: "nightly" }), 0);
  assert.equal(value("posthorn_refused_total", { reason: "target" }), 1);
  assert.equal(value("posthorn_leases_lost_total"), 1);
  assert.equal(value("posthorn_attempts_total", { task: "tidy", outcome: "lost", class: "lost" }), 1);
  assert.equal(value("posthorn_event_streams"), 1);
  leaving.abort();
  await until("nobody looks on", async () => (await asked())("posthorn_event_streams") === 0);
});

test("of the endpoints that do worst it is told how, by id, where that is asked for", async (t) => {
  const { posthorn, api } = await serveHere(t, { worker: false, metricsEndpoints: 1 });
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: "http://127.0.0.1:9/" });
  const lane = (id: string) => `app_${"0".repeat(26)}/${id}`;
  const { "attempt.ended": ended } = instrumentOf(posthorn);
  const attempt = (id: string, outcome: "succeeded" | "failed") => {
    const job = { ...{ id: "job_1", task: "webhook.deliver", lane: lane(id), attempts: 1 }, ...TIMES };
    ended.publish({ job, outcome, kind: "5xx", durationMs: 1 });
  };
  const worse = `ep_${"9".repeat(26)}`;
  for (const outcome of ["failed", "failed", "succeeded"] as const) attempt(worse, outcome);
  for (const outcome of ["failed", "succeeded"] as const) attempt(endpoint.id, outcome);
  attempt("example.com", "failed");
  await posthorn.webhooks.send({ tenant: "acme", type: "a.b", payload: 1 });
  instrumentOf(posthorn)["jobs.made"].publish({ task: "webhook.deliver", count: 3 });
  const samples = samplesIn((await api.ask("GET", "/metrics")).text, false);
  const told = (name: string) => samples.filter((sample) => sample.name === name);
  assert.deepEqual(
    told("posthorn_endpoint_attempts_total").map(({ labels, value }) => [labels, value]),
    [
      [{ endpoint: worse, outcome: "succeeded" }, 1],
      [{ endpoint: worse, outcome: "failed" }, 2],
    ],
  );
  assert.equal(countOf(samples, "posthorn_jobs_accepted_total", TASK), 4, "what bulk runs make counts, too");
  const due = told("posthorn_endpoint_oldest_due_seconds");
  assert.deepEqual(
    due.map(({ labels }) => labels),
    [{ endpoint: endpoint.id }],
  );
  await assert.rejects(
    openPosthorn({ database: ":memory:", metricsEndpoints: 1_001 }),
    /metricsEndpoints: must be a whole number from 0 to 1000/,
  );
});

test("a task's name is a label for the first hundred tasks; further ones are counted together", async (t) => {
  const { posthorn, api } = await serveHere(t, { worker: false });
  for (let n = 0; n < 130; n++) {
    const made = task(`task-${n}`, { run: () => undefined });
    await posthorn.enqueue(made, undefined);
  }
  const samples = samplesIn((await api.ask("GET", "/metrics")).text, false);
  const accepted = samples.filter(({ name }) => name === "posthorn_jobs_accepted_total");
  assert.equal(accepted.length, 101);
  assert.equal(countOf(samples, "posthorn_jobs_accepted_total", { task: "other" }), 30);
});

test("a process answers those who look after it on an address of its own", async (t) => {
  const { posthorn } = await serveHere(t);
  let isReady = true;
  const listening = await listenForMetrics({
    ...{ host: "127.0.0.1", port: 0, metrics: metricsOf(posthorn) },
    ready: async () => {
      if (!isReady) throw new Error("the database is away");
    },
  });
  t.after(() => listening.close());
  const ask = async (path: string, method = "GET") => {
    const answer = await fetch(listening.url + path, { method });
    return [answer.status, await answer.text()] as const;
  };
  assert.deepEqual(await ask("/healthz"), [200, "ok\n"]);
  assert.deepEqual(await ask("/readyz"), [200, "ok\n"]);
  isReady = false;
  assert.deepEqual(await ask("/readyz"), [503, "the database is away\n"]);
  const [status, text] = await ask("/metrics");
  assert.equal(status, 200);
  assert.equal(countOf(samplesIn(text, false), "posthorn_slots"), 64);
  assert.equal((await ask("/jobs"))[0], 404);
  assert.equal((await ask("/metrics", "POST"))[0], 405);
  await assert.rejects(
    listenForMetrics({
      host: "127.0.0.1",
      port: Number(new URL(listening.url).port),
      metrics: metricsOf(posthorn),
      ready: async () => {},
    }),
    /cannot listen on 127\.0\.0\.1:\d+ for metrics/,
  );
});

test("the reference's table of metrics is the one that the code makes", () => {
  const reference = readFileSync(new URL("../docs/metrics.md", import.meta.url), "utf8");
  assert.ok(reference === withMetricsTable(reference), "run `npm run api`, and look at docs/metrics.md");
});
