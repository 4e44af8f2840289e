/**
 * What endpoints that misbehave cost their neighbours: of 100 endpoints one hangs for 30 s and has a long queue, one answers 500, one 429 with
 * `Retry-After`, one drips. Two Posthorns, one with these four and one without, get the same open load in windows by turns; the p99 of the
 * other 96 endpoints is compared window by window. Then: one endpoint of a small tenant, by itself and next to a tenant with 1 000 endpoints that
 * all have a queue. On SQLite one process each, on PostgreSQL three workers.
 *
 *     node bench/noisy-neighbours/run.ts [--system sqlite,postgres] [--windows 10] [--seconds 10] [--rate 300] [--queued 100000]
 *       [--breaker-failures 1000]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { percentiles } from "../load/percentiles.ts";
import { startPostgres } from "../services/postgres.ts";
import { type Address, type Order, work } from "./instance.ts";
import { type Came, receive } from "./receiver.ts";

const GOOD = 96;
const BAD = ["hang", "error", "busy", "drip"];
const TENANTS = 10;
const BIG = 1_000;
const WORKERS_ON_POSTGRES = 3;
/** What was sent in a window, and is still on its way, comes before the next. */
const CALM_MS = 1_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    system: { type: "string", default: "sqlite,postgres" },
    windows: { type: "string", default: "10" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "300" },
    queued: { type: "string", default: "100000" },
    "breaker-failures": { type: "string", default: "1000" },
  },
});
const [windows, seconds, rate, queued] = [values.windows, values.seconds, values.rate, values.queued].map(
  Number,
);

/** Posthorn on a database of its own. */
class Instance {
  readonly #processes: readonly ChildProcess[];

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes;
  }

  static async start(database: string, workers: number): Promise<Instance> {
    const processes: ChildProcess[] = [];
    for (let n = 0; n < workers; n++) {
      const child = fork(import.meta.filename, [
        "work",
        database,
        "--breaker-failures",
        values["breaker-failures"],
      ]);
      await once(child, "message"); // the first makes the schema
      processes.push(child);
    }
    return new Instance(processes);
  }

  /** Done by its first process. */
  async does(order: Order): Promise<void> {
    const [first] = this.#processes;
    if (!first) throw new Error("it has no process");
    first.send(order);
    await once(first, "message");
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
}

function addresses(count: number, kind: string): Address[] {
  return Array.from({ length: count }, (_, n) => ({ tenant: `tenant-${n % TENANTS}`, type: `${kind}.${n}` }));
}

async function measure(system: string, folder: string, url: string, latencies: Came[]): Promise<void> {
  const server = system === "postgres" ? await startPostgres(folder) : undefined;
  const other = server && (await startPostgres(folder));
  const workers = server ? WORKERS_ON_POSTGRES : 1;
  const databases =
    server && other ? [server.url, other.url] : ["calm", "noisy"].map((name) => join(folder, `${name}.db`));
  const [calm, noisy] = await Promise.all(databases.map((database) => Instance.start(database, workers)));
  if (!calm || !noisy) throw new Error("there are two");
  try {
    const good = addresses(GOOD, "good");
    const bad = BAD.map((name, n) => ({ tenant: `tenant-${n}`, type: name }));
    const registered = good.map((address, n) => ({ ...address, url: `${url}/good/${n}` }));
    for (const each of [calm, noisy]) await each.does({ kind: "register", endpoints: registered });
    const misbehaving = bad.map((address) => ({ ...address, url: `${url}/${address.type}` }));
    await noisy.does({ kind: "register", endpoints: misbehaving });
    await noisy.does({ kind: "fill", of: bad.slice(0, 1), count: queued ?? 0 });

    const p99 = async (instance: Instance, of: readonly Address[], perSecond: number) => {
      latencies.length = 0;
      await instance.does({ kind: "load", of, perSecond, ms: (seconds ?? 0) * 1_000 });
      await sleep(CALM_MS);
      return percentiles(
        latencies.filter(({ path }) => path.startsWith("/good")).map(({ at, sentAt }) => at - sentAt),
      ).p99;
    };
    const ratios: number[] = [];
    const share = (rate ?? 0) / (GOOD + BAD.length);
    for (let window = 0; window < (windows ?? 0); window++) {
      const [alone, together] = [
        await p99(calm, good, share * GOOD),
        await p99(noisy, [...good, ...bad], rate ?? 0),
      ];
      ratios.push(together / alone);
      console.log(
        `| ${system}, window ${window + 1}: p99 of 96 endpoints, by themselves and next to 4 | ${alone} ms, ${together} ms |`,
      );
    }
    const median = ratios.toSorted((one, two) => one - two)[Math.floor(ratios.length / 2)] ?? Number.NaN;
    console.log(`| ${system}: the median of the second divided by the first | ${median.toFixed(2)} |`);

    const small = { tenant: "small", type: "good" };
    const big = Array.from({ length: BIG }, (_, n) => ({ tenant: "big", type: `big.${n}` }));
    await calm.does({ kind: "register", endpoints: [{ ...small, url: `${url}/good/small` }] });
    await calm.does({
      kind: "register",
      endpoints: big.map((address) => ({ ...address, url: `${url}/slow` })),
    });
    const alone = await p99(calm, [small], 10);
    await calm.does({ kind: "fill", of: big, count: queued ?? 0 });
    const together = await p99(calm, [small], 10);
    console.log(
      `| ${system}: p99 of a tenant's only endpoint, by itself and next to one with 1 000 | ${alone} ms, ${together} ms |`,
    );
  } finally {
    await Promise.all([calm.stop(), noisy.stop()]);
    await Promise.all([server?.stop(), other?.stop()]);
  }
}

async function measureAll(): Promise<void> {
  const receiver = fork(import.meta.filename, ["receive"]);
  const [{ port }] = (await once(receiver, "message")) as [{ readonly port: number }]; // its first
  const latencies: Came[] = [];
  receiver.on("message", (came: Came) => latencies.push(came));
  const folder = mkdtempSync(join(tmpdir(), "posthorn-noisy-neighbours-"));
  try {
    for (const system of values.system.split(",")) {
      console.log(`\n| ${system} | ms |\n|---|---|`);
      await measure(system, folder, `http://127.0.0.1:${port}`, latencies);
    }
  } finally {
    receiver.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [role, database = ""] = positionals;
if (role === "receive") receive();
else if (role === "work") await work(database, Number(values["breaker-failures"]));
else await measureAll();
