/**
 * What it costs a server that someone looks at its jobs: how long each list takes to its first answer, how long the whole process is held up
 * meanwhile, and what happens to deliveries. The server runs already, with a database that `fill.ts` has filled.
 *
 *     node bench/browse.ts --url http://127.0.0.1:8000                               each list, a few times
 *     node bench/browse.ts --url http://127.0.0.1:8000 --windows 20 --rate 500       deliveries alone and while someone browses, in turns
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Generator } from "./load/generator.ts";
import { PLAIN_LOAD } from "./load/plan.ts";
import { Receiver } from "./load/receiver.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    /** An API key. */
    token: { type: "string" },
    times: { type: "string", default: "5" },
    windows: { type: "string", default: "0" },
    /** Deliveries a second, an open loop. */
    rate: { type: "string", default: "500" },
    /** Of each window. */
    seconds: { type: "string", default: "5" },
    /** Pages a second that someone looks at while they browse. */
    pages: { type: "string", default: "5" },
  },
});
if (values.url === undefined) throw new Error("--url says which server to browse");
const server = values.url.replace(/\/$/, "");
const headers: Record<string, string> = values.token ? { authorization: `Bearer ${values.token}` } : {};

/** What the console's pages ask for: lists that fill up at once, those for which few rows or none are right, wherever they stand, and summaries. */
const LISTS = [
  "/jobs",
  "/jobs?status=queued",
  "/jobs?status=running",
  "/jobs?status=succeeded",
  "/jobs?status=failed",
  "/jobs?task=no-such-task",
  "/jobs?status=queued&task=no-such-task",
  "/jobs?status=succeeded&task=no-such-task",
  "/jobs?lane=no-such-lane",
  "/jobs?status=queued&lane=no-such-lane",
  "/jobs?status=succeeded&lane=127.0.0.1:9",
  "/jobs?created_before=2001-01-01T00:00:00Z",
  "/jobs?status=succeeded&created_from=2099-01-01T00:00:00Z",
  "/webhooks/jobs",
  "/webhooks/jobs?status=failed",
  "/webhooks/jobs?target_url=http://127.0.0.1:9/seeded/7",
  "/webhooks/jobs?target_url=http://127.0.0.1:9/nowhere&status=succeeded",
  "/workers",
  "/tasks",
  "/schedules",
  "/tenants",
  "/backlogs",
  "/failing-endpoints",
  "/stats?span=1m",
  "/stats?span=1h",
  "/stats?span=24h",
  "/stats?span=30d",
  "/failures?state=open",
  "/webhooks/events",
  "/webhooks/events?type=no-such-type",
  "/bulk",
  "/audit",
  "/doctor",
];

if (Number(values.windows) > 0) await besideDeliveries(Number(values.windows));
else await eachList(Number(values.times));

async function eachList(times: number): Promise<void> {
  console.log(
    "| list | first answer, ms (median, longest) | whole walk's pages | process held up, ms (p99, longest) |",
  );
  console.log("|---|---|---|---|");
  const idle = await heldUpWhile(() => sleep(1_000));
  console.log(`| (none) | | | ${idle} |`);
  for (const list of LISTS) {
    const took: number[] = [];
    let pages = 0;
    const held = await heldUpWhile(async () => {
      for (let n = 0; n < times; n++) took.push(await timed(() => page(list)));
      // as a script does that goes on as long as there is a cursor
      for (let next: string | undefined = ""; next !== undefined && pages < 20; pages++)
        next = await page(next === "" ? list : `${list}${list.includes("?") ? "&" : "?"}cursor=${next}`);
    });
    console.log(
      `| \`${list}\` | ${percentile(took, 0.5)}, ${percentile(took, 1)} | ${pages === 20 ? "20, and more" : pages} | ${held} |`,
    );
  }
}

async function besideDeliveries(windows: number): Promise<void> {
  const p99s: Record<"alone" | "browsed", number[]> = { alone: [], browsed: [] };
  for (let n = 0; n < windows; n++) {
    const kind = n % 2 === 0 ? "alone" : "browsed";
    const done = new AbortController();
    const browsing = kind === "alone" ? undefined : browse(done.signal);
    p99s[kind].push(await deliveriesP99());
    done.abort();
    await browsing;
  }
  const pairs = p99s.browsed.map((ms, at) => ms / (p99s.alone[at] ?? Number.NaN));
  console.log(
    `p99 of deliveries at ${values.rate}/s, ms: alone ${percentile(p99s.alone, 0.5)}, browsed ${percentile(p99s.browsed, 0.5)}`,
  );
  console.log(
    `ratio of each pair of windows: median ${percentile(pairs, 0.5)}; ${pairs.map((ratio) => ratio.toFixed(2)).join(", ")}`,
  );
}

async function deliveriesP99(): Promise<number> {
  const receiver = await Receiver.listen();
  const plan = { ...PLAIN_LOAD, seconds: Number(values.seconds), rate: Number(values.rate) };
  const generator = new Generator(`${server}/webhooks/deliver`, values.token, plan, receiver);
  await generator.load();
  const { missing, deliveryMs } = generator.report();
  receiver.close();
  if (missing > 0) throw new Error(`${missing} deliveries are missing; such a run is void`);
  return deliveryMs.p99;
}

async function browse(signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    await page(LISTS[n % LISTS.length] ?? "/jobs");
    await sleep(1_000 / Number(values.pages));
  }
}

/** The next page's cursor. */
async function page(path: string): Promise<string | undefined> {
  const answer = await fetch(server + path, { headers });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
  const { next_cursor: next } = (await answer.json()) as { next_cursor?: string | null };
  return next ?? undefined;
}

/** How long `/healthz`, which touches no database, takes while `work` goes on: so long nothing else gets its turn either. */
async function heldUpWhile(work: () => Promise<unknown>): Promise<string> {
  const took: number[] = [];
  let isOver = false;
  const probing = (async () => {
    while (!isOver) {
      took.push(await timed(async () => (await fetch(`${server}/healthz`)).text()));
      await sleep(1);
    }
  })();
  await work();
  isOver = true;
  await probing;
  return `${percentile(took, 0.99)}, ${percentile(took, 1)}`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function percentile(numbers: readonly number[], share: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN).toFixed(1);
}
