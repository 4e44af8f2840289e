/**
 * When the last job began, and when it could have: idle workers with four slots each, and jobs that only take time, in one lane or in
 * many, given all at once by another process. Prints a row for each.
 *
 *     node bench/begin.ts [--system sqlite,postgres] [--processes 1,2,4]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openPosthorn, request, silentLog, task } from "../src/posthorn.ts";
import { startPostgres } from "./services/postgres.ts";

const SLOTS = 4;
const MASTER_KEY = Buffer.alloc(32, 1).toString("base64");
/** Enough rounds of jobs to make a run of some seconds. */
const LOADS = [
  { name: "5 ms", ms: 5, rounds: 100 },
  { name: "1 s", ms: 1_000, rounds: 2 },
  { name: "20 s", ms: 20_000, rounds: 1 },
];

interface Input {
  readonly ms: number;
  readonly lane: string;
}

const [role, database = ""] = process.argv.slice(2);
if (role === "work") await work();
else await measureAll();

function takesTime(begun: () => void) {
  return task<Input>("takes-time", {
    lane: ({ lane }) => lane,
    async run({ ms }) {
      begun();
      await sleep(ms);
    },
  });
}

/** One worker; says each time that a handler is called. */
async function work(): Promise<void> {
  const tasks = [takesTime(() => process.send?.(Date.now()))];
  const posthorn = await openPosthorn({
    ...{ database, tasks, masterKey: MASTER_KEY, concurrency: SLOTS, drainTimeout: 0, log: silentLog },
  });
  process.send?.("ready");
  process.once("message", async () => {
    await posthorn.close();
    process.disconnect?.();
  });
}

async function measureAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      system: { type: "string", default: "sqlite,postgres" },
      processes: { type: "string", default: "1,2,4" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "posthorn-begin-"));
  console.log(
    "| database | processes | jobs | lanes | last began after | ideal |\n|---|---|---|---|---|---|",
  );
  for (const system of values.system.split(",")) {
    for (const processes of values.processes.split(",").map(Number)) {
      for (const load of LOADS)
        for (const lanes of [1, 4 * processes]) await measure({ system, processes, load, lanes, folder });
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

interface Run {
  readonly system: string;
  readonly processes: number;
  readonly load: (typeof LOADS)[number];
  readonly lanes: number;
  readonly folder: string;
}

async function measure({ system, processes, load, lanes, folder }: Run): Promise<void> {
  const server = system === "postgres" ? await startPostgres(folder) : undefined;
  const at = server?.url ?? join(mkdtempSync(join(folder, "sqlite-")), "posthorn.db");
  const producer = await openPosthorn({ database: at, masterKey: MASTER_KEY, worker: false, log: silentLog });
  const workers = Array.from({ length: processes }, () => fork(import.meta.filename, ["work", at]));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  await sleep(1_500); // until they idle
  const jobs = SLOTS * processes * load.rounds;
  const began: number[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  for (const worker of workers)
    worker.on("message", (moment) => {
      began.push(Number(moment));
      if (began.length === jobs) resolve();
    });
  const kind = takesTime(() => {});
  const requests = Array.from({ length: jobs }, (_, n) =>
    request(kind, { ms: load.ms, lane: `lane ${n % lanes}` }),
  );
  await producer.enqueueMany(requests);
  const givenAt = Date.now();
  await all;
  const lastMs = Math.max(...began) - givenAt;
  // one lane gets half of a worker's slots
  const atOnce = processes * (lanes === 1 ? SLOTS / 2 : SLOTS);
  const idealMs = (Math.ceil(jobs / atOnce) - 1) * load.ms;
  const row = [system, processes, `${jobs} × ${load.name}`, lanes, seconds(lastMs), seconds(idealMs)];
  console.log(`| ${row.join(" | ")} |`);
  for (const worker of workers) worker.send("stop");
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  await producer.close();
  await server?.stop();
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
