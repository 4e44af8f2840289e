/**
 * The ceiling on PostgreSQL: hono, pg and undici doing the main job with nothing else. A POST is committed, and so on disk,
 * before its 202, delivered, signed, and its attempt recorded; no validation, no idempotency, no lanes, no leases, no retries,
 * no guard. Enqueues, claims and settlements go in batches.
 *
 *     node bench/systems/ceiling-postgres.ts --port 8101 --database postgres://user@127.0.0.1:5432/ceiling
 */
import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Pool } from "pg";
import { Agent, request } from "undici";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8101" }, database: { type: "string" } },
});
const CONCURRENCY = 64;
const IN_HAND = 3 * CONCURRENCY;
const BATCH = 500;
const INSERTS_AT_ONCE = 2;
const POLL_MS = 50;

const pool = new Pool({ connectionString: values.database, max: 6 });
await pool.query(`
  create table jobs (
    id uuid primary key, target text, payload text, state smallint,
    created_at timestamptz default now(), finished_at timestamptz
  ) with (fillfactor = 80);
  create table waiting (seq bigint generated always as identity primary key, job uuid, leased_until timestamptz);
  create table attempts (job uuid, status integer, duration_ms integer, at timestamptz default now());
`);

interface Claimed {
  readonly seq: string;
  readonly id: string;
  readonly target: string;
  readonly payload: string;
}

const agent = new Agent({ connections: CONCURRENCY, pipelining: 1 });
const secret = createSecretKey(Buffer.alloc(32, 7));
const accepted: { id: string; target: string; payload: string; answer: () => void }[] = [];
const ended: { seq: string; id: string; status: number; durationMs: number }[] = [];
let inserting = 0;
let claiming = false;
let settling = false;
let inFlight = 0;

async function insert(): Promise<void> {
  if (inserting >= INSERTS_AT_ONCE || accepted.length === 0) return;
  inserting++;
  const batch = accepted.splice(0, BATCH);
  await pool.query({
    name: "insert",
    text: `
      with kept as (
        insert into jobs (id, target, payload, state)
        select id, target, payload, 0
        from unnest($1::uuid[], $2::text[], $3::text[]) as new (id, target, payload)
        returning id
      )
      insert into waiting (job) select id from kept`,
    values: [
      batch.map(({ id }) => id),
      batch.map(({ target }) => target),
      batch.map(({ payload }) => payload),
    ],
  });
  inserting--;
  for (const { answer } of batch) answer();
  void insert();
  void claim();
}

async function claim(): Promise<void> {
  const room = IN_HAND - inFlight;
  if (claiming || room < CONCURRENCY) return;
  claiming = true;
  const { rows } = await pool.query<Claimed>({
    name: "claim",
    text: `
      with due as materialized (
        select seq from waiting
        where leased_until is null or leased_until < now()
        order by seq
        limit $1
        for update skip locked
      ), leased as (
        update waiting set leased_until = now() + interval '60 s'
        from due
        where waiting.seq = due.seq
        returning waiting.seq, waiting.job
      )
      select leased.seq, jobs.id, jobs.target, jobs.payload from leased join jobs on jobs.id = leased.job`,
    values: [room],
  });
  claiming = false;
  for (const job of rows) void deliver(job);
  if (rows.length === room) void claim();
}

async function settle(): Promise<void> {
  if (settling || ended.length === 0) return;
  settling = true;
  const batch = ended.splice(0, BATCH);
  await pool.query({
    name: "settle",
    text: `
      with done as (
        select * from unnest($1::bigint[], $2::uuid[], $3::int[], $4::int[]) as done (seq, id, status, duration_ms)
      ), left_waiting as (
        delete from waiting using done where waiting.seq = done.seq
      ), finished as (
        update jobs set state = 2, finished_at = now() from done where jobs.id = done.id
      )
      insert into attempts (job, status, duration_ms) select id, status, duration_ms from done`,
    values: [
      batch.map(({ seq }) => seq),
      batch.map(({ id }) => id),
      batch.map(({ status }) => status),
      batch.map(({ durationMs }) => durationMs),
    ],
  });
  settling = false;
  void settle();
  void claim();
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
  ended.push({ seq, id, status: answer.statusCode, durationMs: Date.now() - startedAt });
  setImmediate(() => void settle());
}

/** In the order of time, so that inserts land at the index's end. */
function uuidv7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const app = new Hono();
app.post("/webhooks/deliver", async (c) => {
  const { target_url: target, payload } = await c.req.json();
  const id = uuidv7();
  await new Promise<void>((answer) => {
    accepted.push({ id, target, payload: JSON.stringify(payload), answer });
    setImmediate(() => void insert());
  });
  return c.json({ job_id: id, status: "queued" }, 202);
});
setInterval(() => void claim(), POLL_MS);
serve({ fetch: app.fetch, port: Number(values.port), hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`ready http://127.0.0.1:${port}`),
);
