/**
 * Events and the endpoints of tenants: deliveries a second of events that go to many endpoints, and to one endpoint of each of many tenants,
 * next to those of single deliveries; how long an event to 10 000 endpoints takes to be accepted; and a neighbour's latency in the meantime.
 * Prints a row for each.
 *
 *     node bench/fan-out.ts [--system sqlite,postgres] [--rounds 3] [--deliveries 10000]
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
import { OverloadedError, openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import { percentiles } from "./load/percentiles.ts";
import { startPostgres } from "./services/postgres.ts";

const MASTER_KEY = Buffer.alloc(32, 1).toString("base64");
const MANY = 10_000;
/** So many requests to register something are under way at once. */
const AT_ONCE = 200;
const AGAIN_MS = 5;
const NEIGHBOUR_EVERY_MS = 10;
const NEIGHBOUR_MS = 5_000;

/** Answers everything, and says of each message when it came and what was in it. */
function receive(): void {
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      response.end();
      process.send?.({ path: request.url, body, at: Date.now() });
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", 4_096, () => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    process.send?.({ port });
  });
}

interface Came {
  readonly path: string;
  readonly body: string;
  readonly at: number;
}

class Receiver {
  readonly url: string;
  readonly #stop: () => void;
  #count = 0;
  #wanted = 0;
  #reached: () => void = () => {};
  #came: (came: Came) => void = () => {};

  private constructor(child: ReturnType<typeof fork>, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#stop = () => child.kill();
    child.on("message", (came: Came) => {
      this.#came(came);
      if (++this.#count === this.#wanted) this.#reached();
    });
  }

  static async start(): Promise<Receiver> {
    const child = fork(import.meta.filename, ["receive"]);
    const [{ port }] = (await once(child, "message")) as [{ readonly port: number }]; // its first
    return new Receiver(child, port);
  }

  /** Resolves once so many have come since now. */
  next(count: number): Promise<void> {
    this.#count = 0;
    this.#wanted = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  listen(came: (came: Came) => void): void {
    this.#came = came;
  }

  stop(): void {
    this.#stop();
  }
}

async function measureAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      system: { type: "string", default: "sqlite,postgres" },
      rounds: { type: "string", default: "3" },
      deliveries: { type: "string", default: String(MANY) },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "posthorn-fan-out-"));
  for (const system of values.system.split(",")) {
    const server = system === "postgres" ? await startPostgres(folder) : undefined;
    const database = server?.url ?? join(mkdtempSync(join(folder, "sqlite-")), "posthorn.db");
    const options = { database, masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"], log: silentLog };
    const posthorn = await openPosthorn({ ...options, drainTimeout: 0 });
    const receiver = await Receiver.start();
    try {
      await measure(system, posthorn, receiver, Number(values.rounds), Number(values.deliveries));
    } finally {
      receiver.stop();
      await posthorn.close();
      await server?.stop();
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

async function measure(
  system: string,
  posthorn: Posthorn,
  receiver: Receiver,
  rounds: number,
  deliveries: number,
): Promise<void> {
  const { webhooks } = posthorn;
  const url = (name: string) => `${receiver.url}/${name}`;
  await inTurns(100, (n) => webhooks.endpoints.create("hundred", { url: url(`hundred/${n}`) }));
  await webhooks.endpoints.create("one", { url: url("endpoint") });
  await inTurns(MANY, (n) => webhooks.endpoints.create(`tenant-${n}`, { url: url(`tenant/${n}`) }));
  const payload = { type: "invoice.paid", data: { id: 42 } };
  const works: Record<string, (n: number) => Promise<unknown> | undefined> = {
    "single deliveries to 100 targets": (n) =>
      webhooks.deliver({ targetUrl: url(`single/${n % 100}`), payload }),
    "events to 100 endpoints": (n) =>
      n % 100 === 0 ? webhooks.send({ tenant: "hundred", type: "a", payload }) : undefined,
    "single deliveries to one target": () => webhooks.deliver({ targetUrl: url("one"), payload }),
    "events to one endpoint": () => webhooks.send({ tenant: "one", type: "a", payload }),
    "events to 10 000 tenants of one endpoint": (n) =>
      webhooks.send({ tenant: `tenant-${n % MANY}`, type: "a", payload }),
  };
  console.log(`\n| ${system} | deliveries/s, each round |\n|---|---|`);
  const rates = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, ask] of Object.entries(works)) {
      const all = receiver.next(deliveries);
      const begun = performance.now();
      await inTurns(deliveries, ask);
      await all;
      const rate = deliveries / ((performance.now() - begun) / 1_000);
      rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  }
  for (const [name, each] of rates)
    console.log(`| ${name} | ${each.map((rate) => rate.toFixed(0)).join(", ")} |`);
  await measureHuge(system, posthorn, receiver);
}

/** One event to very many endpoints, and what it costs a neighbour. */
async function measureHuge(system: string, posthorn: Posthorn, receiver: Receiver): Promise<void> {
  const { webhooks } = posthorn;
  await inTurns(MANY, (n) => webhooks.endpoints.create("huge", { url: `${receiver.url}/huge/${n}` }));
  await webhooks.endpoints.create("neighbour", { url: `${receiver.url}/neighbour` });
  const latencies: number[] = [];
  receiver.listen(({ path, body, at }) => {
    if (path === "/neighbour") latencies.push(at - Number(body));
  });
  const neighbour = async () => {
    latencies.length = 0;
    const until = Date.now() + NEIGHBOUR_MS;
    while (Date.now() < until) {
      void webhooks.send({ tenant: "neighbour", type: "a", payload: Date.now() });
      await sleep(NEIGHBOUR_EVERY_MS);
    }
    await sleep(1_000);
    return percentiles(latencies).p99;
  };
  const alone = await neighbour();
  const beside = neighbour();
  await sleep(500);
  const begun = performance.now();
  await webhooks.send({ tenant: "huge", type: "a", payload: {} });
  const acceptedMs = performance.now() - begun;
  console.log(`| an event to 10 000 endpoints is accepted | ${acceptedMs.toFixed(0)} ms |`);
  console.log(`| a neighbour's p99, alone and beside it (${system}) | ${alone} ms, ${await beside} ms |`);
}

async function inTurns(count: number, ask: (n: number) => Promise<unknown> | undefined): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < count) await admitted(ask, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
}

/** What is refused because too much of one tenant is on its way is asked for again, as any producer would. */
async function admitted(ask: (n: number) => Promise<unknown> | undefined, n: number): Promise<void> {
  for (;;) {
    try {
      await ask(n);
      return;
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const [role] = process.argv.slice(2);
if (role === "receive") receive();
else await measureAll();
