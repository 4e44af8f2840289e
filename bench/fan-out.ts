/**
 * Events and the endpoints of tenants: deliveries a second of events that go to many endpoints, and to one endpoint of each of many tenants,
 * next to those of single deliveries, with the processor time of each; how long an event to 10 000 endpoints takes to be accepted; and a
 * neighbour's latency in the meantime. All over HTTP, as the other benchmarks do it. Prints a row for each.
 *
 *     node bench/fan-out.ts [--system sqlite,postgres] [--rounds 3] [--deliveries 20000] [--checkout ../before]
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { percentiles } from "./load/percentiles.ts";
import { usageOf, usedBetween } from "./machine/usage.ts";
import { Stage } from "./stage.ts";
import { posthornAgainst, posthornPostgres, posthornSqlite } from "./systems/posthorn.ts";
import { missing } from "./systems/requirements.ts";
import type { System } from "./systems/system.ts";

const MANY = 10_000;
const CONNECTIONS = 64;
/** How many events to a hundred endpoints are sent at once: many more would be refused, and sent again and again. */
const EVENTS_AT_ONCE = 8;
const TIMES = 3;
const AGAIN_MS = 5;
const NEIGHBOUR_EVERY_MS = 10;
const NEIGHBOUR_MS = 5_000;
/** How long the last deliveries have to come in. */
const REST_MS = 1_000;

/** Counts what comes, and says how long what came to `/neighbour` took. */
class Receiver {
  readonly url: string;
  readonly latencies: number[] = [];
  readonly #server: Server;
  #left = 0;
  #reached: () => void = () => {};

  private constructor(server: Server) {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    this.url = `http://127.0.0.1:${port}`;
    this.#server = server;
    server.on("request", (request, response) => {
      const isNeighbours = request.url === "/neighbour";
      let body = "";
      if (isNeighbours) request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      else request.resume();
      request.on("end", () => {
        response.writeHead(204).end();
        if (isNeighbours) this.latencies.push(performance.now() - Number(body));
        else if (--this.#left === 0) this.#reached();
      });
    });
  }

  static async listen(): Promise<Receiver> {
    const server = createServer();
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
    return new Receiver(server);
  }

  /** Resolves once this many have come, counted from now. */
  next(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

type Post = (path: string, body: object) => Promise<void>;

/** Posts; what is refused because too much of one tenant is under way is posted again, as any producer would. */
function poster(pool: Pool): Post {
  return async (path, body) => {
    for (;;) {
      const headers = { "content-type": "application/json" };
      const answer = await pool.request({ method: "POST", path, headers, body: JSON.stringify(body) });
      await answer.body.dump();
      if (answer.statusCode < 300) return;
      if (answer.statusCode !== 503) throw new Error(`POST ${path} answered ${answer.statusCode}`);
      await sleep(AGAIN_MS);
    }
  };
}

async function measure(system: System, rounds: number, deliveries: number): Promise<void> {
  const stage = await Stage.set(system);
  const receiver = await Receiver.listen();
  const pool = new Pool(new URL(await stage.startSystem()).origin, { connections: CONNECTIONS });
  try {
    const post = poster(pool);
    const measured = { system, stage, receiver, post };
    await stage.whileItRuns(measureRates(measured, rounds, deliveries).then(() => measureHuge(measured)));
  } finally {
    await pool.close();
    await stage.clear();
    receiver.close();
  }
}

interface Measured {
  readonly system: System;
  readonly stage: Stage;
  readonly receiver: Receiver;
  readonly post: Post;
}

async function measureRates(
  { system, stage, receiver, post }: Measured,
  rounds: number,
  deliveries: number,
): Promise<void> {
  const url = (name: string) => `${receiver.url}/${name}`;
  await inTurns(100, (n) => post("/tenants/hundred/endpoints", { url: url(`hundred/${n}`) }));
  await post("/tenants/one/endpoints", { url: url("endpoint") });
  await inTurns(MANY, (n) => post(`/tenants/tenant-${n}/endpoints`, { url: url(`tenant/${n}`) }));
  const payload = { type: "invoice.paid", data: { id: 42 } };
  const single = (target: string) => post("/webhooks/deliver", { target_url: url(target), payload });
  const event = (tenant: string) => post("/webhooks/events", { tenant, type: "a", payload });
  const works: Record<string, (n: number) => Promise<void> | undefined> = {
    "single deliveries to 100 targets": (n) => single(`single/${n % 100}`),
    "events to 100 endpoints": (n) => (n % 100 === 0 ? event("hundred") : undefined),
    "single deliveries to one target": () => single("one"),
    "events to one endpoint": () => event("one"),
    "events to 10 000 tenants of one endpoint": (n) => event(`tenant-${n % MANY}`),
  };
  console.log(`\n| ${system.title} | deliveries/s, each round | processor µs a delivery |\n|---|---|---|`);
  const rates = new Map<string, number[]>();
  const costs = new Map<string, number[]>();
  const pids = [...stage.systemPids, ...stage.servicePids];
  for (let round = 0; round < rounds; round++) {
    for (const [name, ask] of Object.entries(works)) {
      const all = receiver.next(deliveries);
      const [begun, used] = [performance.now(), usageOf(pids)];
      await inTurns(deliveries, ask, name.endsWith("100 endpoints") ? EVENTS_AT_ONCE : CONNECTIONS);
      await all;
      const rate = deliveries / ((performance.now() - begun) / 1_000);
      const { cpuSeconds } = usedBetween(used, usageOf(pids));
      rates.set(name, [...(rates.get(name) ?? []), rate]);
      costs.set(name, [...(costs.get(name) ?? []), (cpuSeconds * 1e6) / deliveries]);
    }
  }
  const shown = (figures: readonly number[] = []) => figures.map((figure) => figure.toFixed(0)).join(", ");
  for (const name of rates.keys())
    console.log(`| ${name} | ${shown(rates.get(name))} | ${shown(costs.get(name))} |`);
}

/** One event to very many endpoints, and what it costs a neighbour. */
async function measureHuge({ system, receiver, post }: Measured): Promise<void> {
  await inTurns(MANY, (n) => post("/tenants/huge/endpoints", { url: `${receiver.url}/huge/${n}` }));
  await post("/tenants/neighbour/endpoints", { url: `${receiver.url}/neighbour` });
  const neighbour = async () => {
    receiver.latencies.length = 0;
    const begun = performance.now();
    for (let n = 0; performance.now() - begun < NEIGHBOUR_MS; n++) {
      const payload = begun + n * NEIGHBOUR_EVERY_MS;
      await sleep(Math.max(0, payload - performance.now()));
      void post("/webhooks/events", { tenant: "neighbour", type: "a", payload });
    }
    await sleep(REST_MS);
    return percentiles(receiver.latencies).p99;
  };
  await neighbour(); // warms up
  for (let time = 0; time < TIMES; time++) {
    const alone = await neighbour();
    const all = receiver.next(MANY);
    const meanwhile = neighbour();
    await sleep(500);
    const begun = performance.now();
    await post("/webhooks/events", { tenant: "huge", type: "a", payload: {} });
    const acceptedMs = performance.now() - begun;
    await all;
    const deliveredMs = performance.now() - begun;
    const p99s = `a neighbour's p99 alone ${alone} ms, meanwhile ${await meanwhile} ms`;
    console.log(
      `| an event to 10 000 endpoints (${system.title}) | accepted in ${acceptedMs.toFixed(0)} ms, delivered in ${deliveredMs.toFixed(0)} ms | ${p99s} |`,
    );
  }
}

async function inTurns(
  count: number,
  ask: (n: number) => Promise<void> | undefined,
  atOnce = CONNECTIONS,
): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < count) await ask(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

const { values } = parseArgs({
  options: {
    system: { type: "string", default: "sqlite,postgres" },
    rounds: { type: "string", default: "3" },
    deliveries: { type: "string", default: "20000" },
    /** Another checkout of the project, to be measured instead of this one. */
    checkout: { type: "string" },
  },
});
const [sqlite, postgres] =
  values.checkout === undefined ? [posthornSqlite, posthornPostgres] : posthornAgainst(values.checkout);
for (const system of [sqlite, postgres]) {
  if (system === undefined || !values.system.split(",").some((name) => system.name.includes(name))) continue;
  const lacks = await missing(system);
  if (lacks !== undefined) throw new Error(lacks);
  await measure(system, Number(values.rounds), Number(values.deliveries));
}
