/**
 * How well an endpoint's rate is kept: deliveries to endpoints that allow 10 a second, and 1 a second, both with a long queue, counted where they
 * arrive, over a minute. Workers in processes of their own: one on SQLite, one and three on PostgreSQL. Prints a row for each.
 *
 *     node bench/rates.ts [--seconds 60]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openPosthorn, type PosthornOptions, silentLog } from "../src/posthorn.ts";
import { startPostgres } from "./services/postgres.ts";

const RATES = [10, 1];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" } },
});
const [mode, database = ""] = positionals;
if (mode === "work") await open(database);
else await measureAll(Number(values.seconds));

async function open(database: string, options: Partial<PosthornOptions> = {}) {
  const masterKey = Buffer.alloc(32, 1).toString("base64");
  const posthorn = await openPosthorn({
    ...{ database, masterKey, allowTargets: ["127.0.0.1"], log: silentLog, drainTimeout: 0, ...options },
  });
  process.send?.({ opened: true });
  return posthorn;
}

async function measureAll(seconds: number): Promise<void> {
  console.log(`| database | workers | allowed a second | delivered a second | in each tenth of the time |
|---|---|---|---|---|`);
  await inFolder((folder) => measure("SQLite", join(folder, "posthorn.db"), 1, seconds));
  for (const workers of [1, 3])
    await inFolder(async (folder) => {
      const server = await startPostgres(folder);
      await measure("PostgreSQL", server.url, workers, seconds).finally(() => server.stop());
    });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-rates-"));
  await work(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}

async function measure(name: string, database: string, workers: number, seconds: number): Promise<void> {
  const cameAt = new Map(RATES.map((rate) => [`/${rate}`, [] as number[]]));
  const receiver = createServer((request, response) => {
    cameAt.get(request.url ?? "")?.push(Date.now());
    request.resume();
    response.end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo; // of a server on a port
  const posthorn = await open(database, { worker: false });
  for (const rate of RATES)
    await posthorn.webhooks.endpoints.create("acme", {
      ...{ url: `http://127.0.0.1:${port}/${rate}`, eventTypes: [`r${rate}`] },
      limits: { rate: { limit: rate, per: "second" } },
    });
  for (const rate of RATES)
    for (let sent = 0; sent < rate * (seconds + 10); sent++)
      await posthorn.webhooks.send({ tenant: "acme", type: `r${rate}`, payload: sent });
  const processes: ChildProcess[] = [];
  for (let n = 0; n < workers; n++) {
    const child = fork(import.meta.filename, ["work", database]);
    await once(child, "message");
    processes.push(child);
  }
  await sleep(2_000); // the bucket that was full at first is empty, and the workers know each other
  const from = Date.now();
  await sleep(seconds * 1_000);
  for (const child of processes) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const rate of RATES) {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const at of cameAt.get(`/${rate}`) ?? []) {
      const tenth = Math.floor(((at - from) / (seconds * 1_000)) * 10);
      if (tenths[tenth] !== undefined) tenths[tenth]++;
    }
    const all = tenths.reduce((sum, count) => sum + count, 0);
    console.log(`| ${name} | ${workers} | ${rate} | ${(all / seconds).toFixed(2)} | ${tenths.join(", ")} |`);
  }
  await posthorn.close();
  receiver.closeAllConnections();
  receiver.close();
}
