/**
 * What it costs to spread the same deliveries over more processes: 6 000 POSTs a second, by one process, by two, and by four, each with
 * nothing but undici, to a bare server. Prints the processor time of each POST.
 *
 *     node bench/spread.ts
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";

const RATE = 6_000;
const TICK_MS = 5;
const WARM_UP_MS = 4_000;
const MEASURED_MS = 8_000;
const BODY = JSON.stringify({ padding: "x".repeat(280) });

interface Spent {
  readonly requests: number;
  readonly microseconds: number;
}

const [role, url = "", share = "1"] = process.argv.slice(2);
if (role === "receive") receive();
else if (role === "send") await send(url, Number(share));
else for (const processes of [1, 2, 4]) await measure(processes);

async function measure(processes: number): Promise<void> {
  const receiver = fork(import.meta.filename, ["receive"]);
  const [url] = await once(receiver, "message");
  const senders = Array.from({ length: processes }, () =>
    fork(import.meta.filename, ["send", url, String(processes)]),
  );
  const spent = await Promise.all(senders.map(async (sender) => (await once(sender, "message"))[0] as Spent));
  const sum = (of: (each: Spent) => number) => spent.reduce((total, each) => total + of(each), 0);
  const requests = sum((each) => each.requests);
  const each = sum(({ microseconds }) => microseconds) / requests;
  const rate = Math.round((requests / MEASURED_MS) * 1_000);
  console.log(
    `${processes} ${processes === 1 ? "process" : "processes"}: ${each.toFixed(0)} µs a POST, ${rate} a second`,
  );
  receiver.kill();
  await once(receiver, "exit");
}

function receive(): void {
  const server = createServer((incoming, answer) => {
    incoming.resume().on("end", () => answer.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1", () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}

/** Begins this process's share of each tick, one after the other without waiting for any. */
async function send(url: string, share: number): Promise<void> {
  const dispatcher = new Agent({ connections: 64, pipelining: 1 });
  const startedAt = performance.now();
  let begun = 0;
  let requests = 0;
  const post = async () => {
    const { body } = await request(url, { method: "POST", body: BODY, dispatcher });
    await body.dump();
    requests++;
  };
  const tick = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * (RATE / share);
    for (; begun < due; begun++) void post();
  }, TICK_MS);
  await sleep(WARM_UP_MS);
  const [usedBefore, requestsBefore] = [process.cpuUsage(), requests];
  await sleep(MEASURED_MS);
  const { user, system } = process.cpuUsage(usedBefore);
  process.send?.({ requests: requests - requestsBefore, microseconds: user + system } satisfies Spent);
  clearInterval(tick);
  await sleep(500); // what is under way
  await dispatcher.close();
  process.disconnect?.();
}
