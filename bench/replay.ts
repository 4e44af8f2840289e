/**
 * What live traffic feels of a replay: the latency of events to one tenant's endpoint, sent at fixed moments, while another tenant's
 * endpoint gets a hundred thousand events that it missed, and while that rests, by turns. Prints the p99 of each window and the
 * median of the ratios.
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
import { startPostgres } from "./services/postgres.ts";

const MASTER_KEY = Buffer.alloc(32, 1).toString("base64");
/** So many events are sent at once before the measurement. */
const AT_ONCE = 200;
/** What a window's last deliveries get to come in. */
const REST_MS = 1_000;

interface Plan {
  readonly missed: number;
  readonly pace: number;
  readonly rate: number;
  readonly windows: number;
  readonly ms: number;
}

/** Answers everything; of what came to `/live`, says when. */
function receive(): void {
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      response.end();
      if (request.url === "/live") process.send?.({ sent: Number(body), at: Date.now() });
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
      await measure(system, posthorn, `http://127.0.0.1:${port}`, plan, () => {
        const window = latencies;
        latencies = [];
        return window;
      });
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
  { webhooks, bulk }: Posthorn,
  url: string,
  { missed, pace, rate, windows, ms }: Plan,
  taken: () => readonly number[],
): Promise<void> {
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
  const window = async (): Promise<number> => {
    const begun = performance.now();
    for (let n = 0; performance.now() - begun < ms; n++) {
      const dueIn = begun + (n * 1_000) / rate - performance.now();
      if (dueIn > 0) await sleep(dueIn);
      void webhooks.send({ tenant: "live", type: "a", payload: Date.now() });
    }
    await sleep(REST_MS);
    return percentiles([...taken()]).p99;
  };
  await window(); // warms up
  console.log(`\n| ${system} | by itself, p99 ms | during the replay, p99 ms | ratio |\n|---|---|---|---|`);
  const ratios: number[] = [];
  for (let n = 1; n <= windows; n++) {
    const alone = await window();
    await bulk.resume(run.id);
    const beside = await window();
    const { state } = await bulk.get(run.id);
    if (state !== "running") throw new Error(`the replay is ${state}: give --missed more, or a lower --pace`);
    await bulk.stop(run.id);
    ratios.push(beside / Math.max(1, alone));
    console.log(`| ${n} | ${alone} | ${beside} | ${(ratios.at(-1) ?? 0).toFixed(2)} |`);
  }
  const { done } = await bulk.get(run.id);
  const sorted = ratios.toSorted((a, b) => a - b);
  console.log(`| median | | ${done} replayed | ${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(2)} |`);
}

if (process.argv[2] === "receive") receive();
else await measureAll();
