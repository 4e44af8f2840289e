/**
 * The ceiling: hono, node:sqlite and undici doing the main job with nothing else. A POST is on disk (fsync) before its 202,
 * delivered, signed, and its attempt recorded; no validation, no idempotency, no lanes, no leases, no retries, no guard.
 * What Posthorn adds is the distance from here.
 *
 *     node bench/systems/ceiling-sqlite.ts --port 8100 --database ceiling.db
 */
import { createHmac, createSecretKey, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Agent, request } from "undici";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8100" }, database: { type: "string", default: "ceiling.db" } },
});
for (const suffix of ["", "-wal", "-shm"]) rmSync(values.database + suffix, { force: true });
const db = new DatabaseSync(values.database);
db.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -65536;
  pragma wal_autocheckpoint = 4000;
  create table jobs (
    seq integer primary key, id text unique, target text, payload text, state integer, created_at integer, finished_at integer
  );
  create index jobs_waiting on jobs (seq) where state = 0;
  create table attempts (job integer primary key, status integer, duration_ms integer);
`);
const insertJob = db.prepare(
  "insert into jobs (id, target, payload, state, created_at) values (?, ?, ?, 0, ?)",
);
const claimJobs = db.prepare(`
  update jobs set state = 1
  where seq in (select seq from jobs where state = 0 order by seq limit ?)
  returning seq, id, target, payload`);
const finishJob = db.prepare("update jobs set state = 2, finished_at = ? where seq = ?");
const insertAttempt = db.prepare("insert into attempts (job, status, duration_ms) values (?, ?, ?)");

interface Claimed {
  seq: number;
  id: string;
  target: string;
  payload: string;
}

const CONCURRENCY = 64;
const agent = new Agent({ connections: CONCURRENCY, pipelining: 1 });
const secret = createSecretKey(Buffer.alloc(32, 7));
let accepted: { id: string; target: string; payload: string; answer: () => void }[] = [];
let ended: { seq: number; status: number; durationMs: number }[] = [];
let inFlight = 0;
let scheduled = false;

function commit(): void {
  scheduled = false;
  const [toInsert, toEnd] = [accepted, ended];
  accepted = [];
  ended = [];
  const now = Date.now();
  db.exec("begin immediate");
  for (const { id, target, payload } of toInsert) insertJob.run(id, target, payload, now);
  for (const { seq, status, durationMs } of toEnd) {
    finishJob.run(now, seq);
    insertAttempt.run(seq, status, durationMs);
  }
  const claimed = claimJobs.all(2 * CONCURRENCY - inFlight) as unknown as Claimed[]; // the columns of its returning
  db.exec("commit");
  for (const { answer } of toInsert) answer();
  for (const job of claimed) void deliver(job);
}

function wake(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(commit);
}

async function deliver({ seq, id, target, payload }: Claimed): Promise<void> {
  inFlight++;
  const startedAt = Date.now();
  const timestamp = Math.floor(startedAt / 1_000);
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${payload}`).digest("base64");
  const answer = await request(target, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    },
    body: payload,
    dispatcher: agent,
  });
  await answer.body.dump();
  inFlight--;
  ended.push({ seq, status: answer.statusCode, durationMs: Date.now() - startedAt });
  wake();
}

const app = new Hono();
app.post("/webhooks/deliver", async (c) => {
  const { target_url: target, payload } = await c.req.json();
  const id = `job_${randomUUID()}`;
  await new Promise<void>((answer) => {
    accepted.push({ id, target, payload: JSON.stringify(payload), answer });
    wake();
  });
  return c.json({ job_id: id, status: "queued" }, 202);
});
serve({ fetch: app.fetch, port: Number(values.port), hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`ready http://127.0.0.1:${port}`),
);
