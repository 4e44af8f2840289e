/**
 * Load generator and receiver in one process, with a ledger: what was accepted must arrive.
 *
 *     node bench/load.ts --url http://127.0.0.1:8000/webhooks/deliver --seconds 8 --connections 64   (closed loop)
 *     node bench/load.ts --url http://127.0.0.1:8000/webhooks/deliver --seconds 20 --rate 500        (open loop)
 *
 * Prints one line of JSON. Exits 3 when the ledger does not balance: such a run is void.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { Ledger } from "./ledger.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    seconds: { type: "string", default: "8" },
    /** Of requests at once; in an open loop, the most. */
    connections: { type: "string", default: "64" },
    /** Requests a second, at fixed moments, whatever the answers do: an open loop. */
    rate: { type: "string" },
    /** Of the request's body, about. */
    bytes: { type: "string", default: "300" },
    /** Spread over this many paths of the receiver. */
    targets: { type: "string", default: "1" },
    /** An API key. */
    token: { type: "string" },
    /** Seconds to wait for what was accepted. */
    drain: { type: "string", default: "60" },
  },
});
if (values.url === undefined) throw new Error("--url says where to post to");
const url = new URL(values.url);
const durationMs = Number(values.seconds) * 1_000;
const connections = Number(values.connections);
const targets = Number(values.targets);
const padding = "x".repeat(Math.max(0, Number(values.bytes) - 60));
const headers = {
  "content-type": "application/json",
  ...(values.token && { authorization: `Bearer ${values.token}` }),
};

const ledger = new Ledger();
const receiver = createServer((request, response) => {
  const at = performance.now();
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    response.writeHead(204).end();
    ledger.arrived(JSON.parse(body).number, at);
  });
});
await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const { port } = receiver.address() as AddressInfo; // a server on TCP has an address of this kind

const pool = new Pool(url.origin, { connections, pipelining: 1 });

async function post(due: number): Promise<void> {
  const number = ledger.open(due);
  const target = `http://127.0.0.1:${port}/hook/${number % targets}`;
  const body = JSON.stringify({ target_url: target, payload: { number, padding } });
  ledger.sent(number);
  try {
    const answer = await pool.request({ method: "POST", path: url.pathname, headers, body });
    await answer.body.dump();
    if (answer.statusCode === 202) ledger.accepted(number);
    else ledger.refused(String(answer.statusCode));
  } catch (error) {
    ledger.refused(error instanceof Error ? error.message : String(error));
  }
}

async function closedLoop(from: number): Promise<void> {
  const one = async () => {
    while (performance.now() - from < durationMs) await post(performance.now());
  };
  await Promise.all(Array.from({ length: connections }, one));
}

async function openLoop(from: number, rate: number): Promise<void> {
  const everyMs = 1_000 / rate;
  const posts: Promise<void>[] = [];
  for (let count = 0; count * everyMs < durationMs; count++) {
    const due = from + count * everyMs;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    posts.push(post(due));
  }
  await Promise.all(posts);
}

const from = performance.now();
await (values.rate === undefined ? closedLoop(from) : openLoop(from, Number(values.rate)));
const until = performance.now();
while (!ledger.complete && performance.now() - until < Number(values.drain) * 1_000) await sleep(20);

const report = ledger.report(from, until);
console.log(JSON.stringify(report));
process.exit(report.missing === 0 && report.strangers === 0 ? 0 : 3);
