/**
 * How often sessions that listen are woken, and what that costs the server: workers in one process, all of which are full and accept jobs
 * of their own, or all of which have room, next to as many processes that only accept. Prints a row for each.
 *
 *     node bench/waking.ts [--sessions 4,16,48] [--seconds 5] [--source ../other-checkout/src/]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import type { Engine as EngineOfSource } from "../src/engine/engine.ts";
import type { Store } from "../src/store/store.ts";
import { startPostgres } from "./services/postgres.ts";

const EVERY_MS = 20;

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "4,16,48" },
    seconds: { type: "string", default: "5" },
    source: { type: "string", default: join(import.meta.dirname, "../src") },
  },
});
const from = async (file: string) => import(pathToFileURL(resolve(values.source, file)).href);
const { Engine } = (await from("engine/engine.ts")) as { Engine: typeof EngineOfSource };
const { openPostgresStore } = await from("store/postgres/postgres-store.ts");
const { newId } = await from("core/id.ts");

/** A job that says so ends at once, others when their process stops. */
const WAITS = {
  name: "waits",
  retryPolicy: () => ({ delaysMs: [], jitter: 0 }),
  timeoutMs: () => 600_000,
  run: (job: { readonly payload: string }, { signal }: { readonly signal: AbortSignal }) =>
    new Promise<{ kind: "succeeded" }>((ended) => {
      const end = () => ended({ kind: "succeeded" });
      if (job.payload === '"at once"') end();
      else signal.addEventListener("abort", end);
    }),
};

console.log(
  "| workers | of these | woken a second | notices a second | server's processor |\n|---|---|---|---|---|",
);
for (const sessions of values.sessions.split(",").map(Number))
  for (const isFull of [true, false]) await measure(sessions, isFull);

async function measure(sessions: number, isFull: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-waking-"));
  const server = await startPostgres(folder, { max_connections: "500" });
  const woken = countWakings();
  const stores: Store[] = [];
  const engines: EngineOfSource[] = [];
  const open = async () => {
    const store: Store = await openPostgresStore({ url: server.url });
    stores.push(store);
    return store;
  };
  for (let n = 0; n < sessions; n++) {
    const engine = new Engine({
      store: await open(),
      tasks: [WAITS],
      retention: { jobsMs: 1e12 },
      concurrency: 1,
    });
    await engine.start();
    engines.push(engine);
  }
  const producers = isFull ? stores.slice(0, sessions) : await Promise.all(engines.map(open));
  if (isFull) for (const store of stores) await give(store, '"for long"');
  await sleep(3_000);
  const ended = AbortSignal.timeout(Number(values.seconds) * 1_000);
  const listener = new pg.Client({ connectionString: server.url });
  await listener.connect();
  let notices = 0;
  listener.on("notification", () => notices++);
  await listener.query("listen posthorn");
  const before = { woken: woken.count(), seconds: processorSeconds(server.pid) };
  await Promise.all(producers.map((store) => giveUntil(ended, store)));
  const row = [
    sessions,
    isFull ? "all are full" : "all have room",
    Math.round((woken.count() - before.woken - notices) / Number(values.seconds)),
    Math.round(notices / Number(values.seconds)),
    `${((processorSeconds(server.pid) - before.seconds) / Number(values.seconds)).toFixed(2)} of a core`,
  ];
  console.log(`| ${row.join(" | ")} |`);
  woken.end();
  await listener.end();
  for (const engine of engines) await engine.stop(0);
  for (const store of stores) await store.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

function give(store: Store, payload: string) {
  return store.queue.commit({
    ...{ now: store.clock.now(), settlements: [], claim: undefined },
    enqueues: [{ job: newJob(store.clock.now(), payload) }],
  });
}

async function giveUntil(ended: AbortSignal, store: Store): Promise<void> {
  while (!ended.aborted) {
    await give(store, '"at once"');
    await sleep(EVERY_MS);
  }
}

function newJob(now: number, payload: string) {
  const common = {
    id: newId("job", now),
    task: "waits",
    priority: 0,
    options: "{}",
    payload,
    maxAttempts: 1,
  };
  return { ...common, lane: newId("lane"), createdAt: now, runAt: now };
}

/** How many notifications came to all connections of this process. */
function countWakings() {
  let count = 0;
  const { emit } = pg.Client.prototype;
  pg.Client.prototype.emit = function (event: string | symbol, ...rest: unknown[]) {
    if (event === "notification") count++;
    return emit.call(this, event, ...rest);
  };
  return {
    count: () => count,
    end: () => {
      pg.Client.prototype.emit = emit;
    },
  };
}

/** Of the server and all processes that it has started. */
function processorSeconds(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return [String(pid), ...children].reduce((sum, each) => sum + secondsOf(each), 0);
}

function secondsOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
      .map(Number);
    return (user + system) / 100;
  } catch {
    return 0; // it has ended
  }
}
