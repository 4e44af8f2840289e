/**
 * What a message through Svix's API costs compared with an event through Posthorn's own, both with an idempotency key, of the same tenant, whose one
 * endpoint is paused: events are accepted, matched and stored, and nothing is delivered. Windows of the two take turns on one server.
 * Prints a row for each pair, and the median of their ratios, with the interval that holds it with 95 % confidence (from six rounds on): of
 * requests a second, and of the server's processor time. 1 is as cheap as an event; below that, a message costs more.
 *
 *     node bench/svix.ts [--system sqlite,postgres] [--rounds 12] [--requests 2000]
 */
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { Pool } from "undici/index.js";
import { Keys } from "../src/access/keys.ts";
import { createApp } from "../src/http/app.ts";
import { listen } from "../src/http/listen.ts";
import { DEFAULT_ORGANIZATION } from "../src/http/svix/organization.ts";
import { openPosthorn, silentLog } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { median, medianInterval } from "./report/figures.ts";
import { startPostgres } from "./services/postgres.ts";

const SECRET = "a secret for tokens that are made here";
const CONNECTIONS = 32;
const PAYLOAD = { type: "invoice.paid", data: { id: 42, amount: 1_000, currency: "EUR" } };

interface Served {
  readonly url: string;
  readonly key: string;
  readonly token: string;
}

/** In a process of its own, which says how much of the processor it has used. */
async function serve(database: string): Promise<void> {
  const posthorn = await openPosthorn({
    database,
    log: silentLog,
    drainTimeout: 0,
    allowTargets: ["127.0.0.1"],
    masterKey: Buffer.alloc(32, 1).toString("base64"),
  });
  const keys = new Keys(storeOf(posthorn).keys, posthorn.clock);
  const app = createApp(posthorn, {
    access: { mode: "keys", keys },
    svix: { jwtSecret: SECRET },
    clock: posthorn.clock,
  });
  const { url } = await listen(app, { host: "127.0.0.1", port: 0 });
  const { token: key } = await keys.create({ name: "bench", role: "manage" });
  const token = await new SignJWT({ sub: DEFAULT_ORGANIZATION })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
  await posthorn.webhooks.endpoints.create("acme", { uid: "main", url: "http://127.0.0.1:9/" });
  await posthorn.webhooks.endpoints.pause("acme", "main");
  process.on("message", () => process.send?.(process.cpuUsage()));
  process.send?.({ url, key, token } satisfies Served);
}

type Child = ReturnType<typeof fork>;

async function processorOf(child: Child): Promise<number> {
  child.send("used");
  const [{ user, system }] = (await once(child, "message")) as [NodeJS.CpuUsage]; // all that it says from now on
  return user + system;
}

interface Window {
  readonly perSecond: number;
  readonly microseconds: number;
}

async function window(child: Child, send: () => Promise<number>, requests: number): Promise<Window> {
  const [used, begun] = [await processorOf(child), performance.now()];
  let left = requests;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        const status = await send();
        if (status !== 202) throw new Error(`answered with ${status}`);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  return {
    perSecond: requests / seconds,
    microseconds: ((await processorOf(child)) - used) / requests,
  };
}

/** The median, and between which values it lies with 95 % confidence. */
function shownRatio(ratios: readonly number[]): string {
  const [low = Number.NaN, high = Number.NaN] = medianInterval(ratios) ?? [];
  return `${(median(ratios) ?? Number.NaN).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

async function measure(system: string, database: string, rounds: number, requests: number): Promise<void> {
  const child = fork(import.meta.filename, ["serve", database]);
  const [{ url, key, token }] = (await once(child, "message")) as [Served]; // its first
  const pool = new Pool(url, { connections: CONNECTIONS });
  const post = async (path: string, bearer: string, body: object) => {
    const answer = await pool.request({
      method: "POST",
      path,
      headers: {
        authorization: `Bearer ${bearer}`,
        "content-type": "application/json",
        "idempotency-key": `auto_${randomUUID()}`,
      },
      body: JSON.stringify(body),
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  const own = () => post("/webhooks/events", key, { tenant: "acme", type: "invoice.paid", payload: PAYLOAD });
  const svix = () => post("/api/v1/app/acme/msg", token, { eventType: "invoice.paid", payload: PAYLOAD });
  for (const warm of [own, svix, own, svix]) await window(child, warm, requests);
  const rates: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const isFirst = round % 2 === 0;
    const one = await window(child, isFirst ? own : svix, requests);
    const other = await window(child, isFirst ? svix : own, requests);
    const [ours, theirs] = isFirst ? [one, other] : [other, one];
    rates.push(theirs.perSecond / ours.perSecond);
    costs.push(ours.microseconds / theirs.microseconds);
    const shown = ({ perSecond, microseconds }: Window) =>
      `${perSecond.toFixed(0)}/s, ${microseconds.toFixed(0)} µs`;
    console.log(`${system}: own ${shown(ours)}; svix ${shown(theirs)}`);
  }
  console.log(`${system}: rate ${shownRatio(rates)}, processor ${shownRatio(costs)}`);
  await pool.close();
  child.kill();
  await once(child, "exit");
}

const [role, database] = process.argv.slice(2);
if (role === "serve" && database !== undefined) await serve(database);
else {
  const { values } = parseArgs({
    options: {
      system: { type: "string", default: "sqlite,postgres" },
      rounds: { type: "string", default: "12" },
      requests: { type: "string", default: "2000" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "posthorn-svix-"));
  for (const system of values.system.split(",")) {
    const server = system === "postgres" ? await startPostgres(folder) : undefined;
    await measure(
      system,
      server?.url ?? join(folder, "posthorn.db"),
      Number(values.rounds),
      Number(values.requests),
    );
    await server?.stop();
  }
  rmSync(folder, { recursive: true, force: true });
}
