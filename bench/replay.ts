/**
 * What live traffic feels of a replay: the latency of events to one tenant's endpoint, sent at fixed moments, while another tenant's
 * endpoint gets a hundred thousand events that it missed, and while that rests, by turns. Prints the p99 of each window, the
 * median of the ratios, and what a replayed event costs: by how much more is used while it runs.
 *
 *     node bench/replay.ts [--system sqlite,postgres] [--missed 100000] [--pace 50] [--rate 200] [--windows 10] [--seconds 10]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import { percentiles } from "./load/percentiles.ts";
import { usageOf, usedBetween } from "./machine/usage.ts";
import { startPostgres } from "./services/postgres.ts";
import type { Service } from "./services/service.ts";

const MASTER_KEY = Buffer.alloc(32, 1).toString("base64");
/** How many events are sent at once before the measurement. */
const AT_ONCE = 200;
/** How long a window's last deliveries have to come in. */
const REST_MS = 1_000;

interface Plan {
  readonly missed: number;
  readonly pace: number;
  readonly rate: number;
  readonly windows: number;
  readonly ms: number;
}

/** The outcome of a span of live traffic, and what was used during it. */
interface Window {
  readonly p99: number;
  /** With the receiver's. */
  readonly cpuMs: number;
  readonly databaseCpuMs: number;
  readonly statements: number;
}

/** Milliseconds since the epoch, with their fractions: the same in each process. */
const exactNow = () => performance.timeOrigin + performance.now();

/** Answers everything; says when what came to `/live` did. */
function receive(): void {
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      response.end();
      if (request.url === "/live") process.send?.({ sent: Number(body), at: exactNow() });
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", 4_096, () => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    process.send?.({ port });
  });
}

async function measureAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      system: { type: "string", default: "sqlite,postgres" },
      missed: { type: "string", default: "100000" },
      pace: { type: "string", default: "50" },
      rate: { type: "string", default: "200" },
      windows: { type: "string", default: "10" },
      seconds: { type: "string", default: "10" },
    },
  });
  const plan = {
    ...{ missed: Number(values.missed), pace: Number(values.pace), rate: Number(values.rate) },
    ...{ windows: Number(values.windows), ms: Number(values.seconds) * 1_000 },
  };
  const folder = mkdtempSync(join(tmpdir(), "posthorn-replay-"));
  for (const system of values.system.split(",")) {
    const server = system === "postgres" ? await startPostgres(folder) : undefined;
    const database = server?.url ?? join(mkdtempSync(join(folder, "sqlite-")), "posthorn.db");
    const options = { database, masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"], log: silentLog };
    const posthorn = await openPosthorn({ ...options, drainTimeout: 0 });
    const child = fork(import.meta.filename, ["receive"]);
    try {
      const [{ port }] = (await once(child, "message")) as [{ readonly port: number }]; // its first
      let latencies: number[] = [];
      child.on("message", ({ sent, at }: { readonly sent: number; readonly at: number }) => {
        latencies.push(at - sent);
      });
      const taken = () => {
        const window = latencies;
        latencies = [];
        return window;
      };
      await measure(system, posthorn, `http://127.0.0.1:${port}`, plan, taken, server);
    } finally {
      child.kill();
      await posthorn.close();
      await server?.stop();
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

async function measure(
  system: string,
  posthorn: Posthorn,
  url: string,
  plan: Plan,
  taken: () => readonly number[],
  server: Service | undefined,
): Promise<void> {
  const { bulk } = posthorn;
  const replay = await stoppedReplay(posthorn, url, plan);
  const window = () => liveWindow(posthorn, plan, taken, server);
  await window(); // warms up
  console.log(`\n| ${system} | by itself, p99 ms | during the replay, p99 ms | ratio |\n|---|---|---|---|`);
  const alone: Window[] = [];
  const replaying: Window[] = [];
  for (let n = 1; n <= plan.windows; n++) {
    const before = await window();
    await bulk.resume(replay);
    const during = await window();
    const { state } = await bulk.get(replay);
    if (state !== "running") throw new Error(`the replay is ${state}: give --missed more, or a lower --pace`);
    await bulk.stop(replay);
    alone.push(before);
    replaying.push(during);
    console.log(`| ${n} | ${before.p99} | ${during.p99} | ${ratioOf(before, during).toFixed(2)} |`);
  }
  const { done } = await bulk.get(replay);
  const median = medianOf(alone.map((before, n) => ratioOf(before, replaying[n] ?? before)));
  console.log(`| median | | ${done} replayed | ${median.toFixed(2)} |`);
  const moreOf = (of: (window: Window) => number) => (sum(replaying.map(of)) - sum(alone.map(of))) / done;
  const own = moreOf(({ cpuMs }) => cpuMs).toFixed(2);
  const database = moreOf(({ databaseCpuMs }) => databaseCpuMs).toFixed(2);
  const statements = moreOf(({ statements }) => statements).toFixed(1);
  console.log(
    server
      ? `a replayed event: processor ${own} ms, the database's ${database} ms, ${statements} statements`
      : `a replayed event: processor ${own} ms`,
  );
}

/** Registers both endpoints. Returns the id of a replay that still has everything to send. */
async function stoppedReplay(
  { webhooks, bulk }: Posthorn,
  url: string,
  { missed, pace }: Plan,
): Promise<string> {
  await webhooks.tenants.create({ uid: "late" });
  for (let n = 0; n < missed; n += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, missed - n) }, () =>
        webhooks.send({ tenant: "late", type: "a", payload: { id: 42 } }),
      ),
    );
  const { endpoint } = await webhooks.endpoints.create("late", { url: `${url}/late` });
  await webhooks.endpoints.create("live", { url: `${url}/live` });
  const options = { since: "24h", what: "missing", pace, startsIn: "1h" } as const;
  const { run } = await webhooks.replay("late", endpoint.id, options);
  await bulk.stop(run.id);
  return run.id;
}

/** Sends live events at fixed moments. */
async function liveWindow(
  { webhooks }: Posthorn,
  { rate, ms }: Plan,
  taken: () => readonly number[],
  server: Service | undefined,
): Promise<Window> {
  const usage = async () => ({
    all: usageOf([process.pid]), // the database is a child of ours
    database: usageOf(server ? [server.pid] : []),
    statements: (await server?.counters())?.statements ?? Number.NaN,
  });
  const before = await usage();
  const begun = performance.now();
  for (let n = 0; performance.now() - begun < ms; n++) {
    const dueIn = begun + (n * 1_000) / rate - performance.now();
    if (dueIn > 0) await sleep(dueIn);
    void webhooks.send({ tenant: "live", type: "a", payload: exactNow() });
  }
  await sleep(REST_MS);
  const after = await usage();
  const databaseCpuMs = 1_000 * usedBetween(before.database, after.database).cpuSeconds;
  return {
    p99: percentiles([...taken()]).p99,
    cpuMs: 1_000 * usedBetween(before.all, after.all).cpuSeconds - databaseCpuMs,
    databaseCpuMs,
    statements: after.statements - before.statements,
  };
}

function ratioOf(alone: Window, replaying: Window): number {
  return replaying.p99 / Math.max(1, alone.p99);
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

if (process.argv[2] === "receive") receive();
else await measureAll();
