/**
 * Fills a new Posthorn database through its store's own API, in batches: jobs that are due, jobs that are done, or jobs that are due and go to one
 * endpoint, which takes its time.
 *
 *     node bench/fill.ts --database posthorn.db --backlog 1000000 --receiver http://127.0.0.1:9000
 *     node bench/fill.ts --database posthorn.db --history 10000000
 *     node bench/fill.ts --database posthorn.db --hung 100000 --receiver http://127.0.0.1:9000
 */
import { parseArgs } from "node:util";
import { newId } from "../src/core/id.ts";
import type { Outcome } from "../src/core/outcome.ts";
import { afterAttempt } from "../src/core/transition.ts";
import { openPosthorn } from "../src/posthorn.ts";
import type { LeasedJob, NewJob, Settlement } from "../src/store/queue.ts";
import type { Store } from "../src/store/store.ts";
import { storeOf } from "../src/store/store-of.ts";
import type { WorkerRecord } from "../src/store/worker-record.ts";
import { DELIVER_TASK, stringifyDeliveryOptions } from "../src/webhooks/accept/delivery-options.ts";
import { laneOfUrl } from "../src/webhooks/accept/lane.ts";

const BATCH = 2_000;
const NO_RETRIES = { delaysMs: [], jitter: 0 };
const TARGETS = 100;
/** As long as the payloads of the loads. */
const PADDING = "x".repeat(200);

const { values } = parseArgs({
  options: {
    database: { type: "string" },
    receiver: { type: "string", default: "http://127.0.0.1:9" },
    backlog: { type: "string", default: "0" },
    hung: { type: "string", default: "0" },
    history: { type: "string", default: "0" },
  },
});
if (values.database === undefined) throw new Error("--database says what to fill");
const posthorn = await openPosthorn({ database: values.database, worker: false });
const store = storeOf(posthorn);
await fillBacklog(store, Number(values.backlog), oneOfMany);
await fillBacklog(store, Number(values.hung), () => `${values.receiver}/slow/0`);
await fillHistory(store, Number(values.history));
while (await store.retention.maintain()) {
  // until nothing is left for later
}
await posthorn.close();
console.log("filled");

function oneOfMany(number: number): string {
  return `${values.receiver}/seeded/${number % TARGETS}`;
}

async function fillBacklog(store: Store, count: number, targetOf: (number: number) => string): Promise<void> {
  for (let made = 0; made < count; made += BATCH) {
    const now = Date.now();
    const length = Math.min(BATCH, count - made);
    await store.queue.commit({
      now,
      enqueues: Array.from({ length }, (_, at) => ({ job: newJob(made + at, targetOf, now) })),
      settlements: [],
      claim: undefined,
    });
  }
}

/** A batch is claimed as it is enqueued, and settled with the next. */
async function fillHistory(store: Store, count: number): Promise<void> {
  let leases: readonly LeasedJob[] = [];
  for (let made = 0; made < count || leases.length > 0; made += BATCH) {
    const now = Date.now();
    const length = Math.max(0, Math.min(BATCH, count - made));
    const { claimed } = await store.queue.commit({
      now,
      enqueues: Array.from({ length }, (_, at) => ({ job: newJob(made + at, oneOfMany, now) })),
      settlements: leases.map((lease) => succeeded(lease, now)),
      claim: {
        worker: worker(now),
        limit: BATCH,
        maxBytes: Number.MAX_SAFE_INTEGER,
        room: { byDefault: BATCH, except: new Map() },
      },
    });
    leases = claimed;
  }
  await store.workers.retire(worker(0).id, Date.now());
}

function newJob(number: number, targetOf: (number: number) => string, now: number): NewJob {
  const targetUrl = targetOf(number);
  return {
    id: newId("job", now),
    task: DELIVER_TASK,
    lane: laneOfUrl(new URL(targetUrl)),
    priority: 0,
    options: stringifyDeliveryOptions({ targetUrl }),
    payload: `{"seeded":${number},"padding":"${PADDING}"}`,
    maxAttempts: 10,
    createdAt: now,
    runAt: now,
  };
}

function worker(now: number): WorkerRecord {
  return {
    id: "filler",
    machine: "bench",
    pid: process.pid,
    startedAt: now,
    deadline: now + 60_000,
    concurrency: BATCH,
    slotsHeld: 0,
    version: "bench",
    tasks: [],
  };
}

function succeeded(lease: LeasedJob, now: number): Settlement {
  const result = JSON.stringify({ delivered_to: "", http_status: 204, duration_ms: 1 });
  const outcome: Outcome = { kind: "succeeded", result, code: 204, class: "2xx" };
  return { lease, transition: afterAttempt(lease, now - 1, outcome, NO_RETRIES, now, Math.random) };
}
