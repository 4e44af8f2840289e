import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { OverloadedError } from "../src/core/errors.ts";
import { Engine } from "../src/engine/engine.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "../src/engine/intake/arrivals.ts";
import { RawConnection } from "../src/http/test-kit/raw-connection.ts";
import { listJobs } from "../src/store/list-jobs.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { acceptedId, problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { testJob } from "./support/jobs.ts";
import { Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { turns, until } from "./support/until.ts";
import { transactionsIn } from "./support/write-ahead-log.ts";

/** Other systems hold fewer connections for a process. */
const onLinux = process.platform !== "linux" && {
  skip: "a process holds a thousand connections on Linux only",
};

test("a thousand clients that come while the server is busy are connected, and all are answered", {
  ...onLinux,
}, async (t) => {
  const server = await Server.start(t, scratchDatabase());
  server.signal("SIGSTOP");
  const opening = Array.from({ length: 1_000 }, () => RawConnection.open(server.url));
  const connections = await Promise.all(opening);
  t.after(() => {
    for (const connection of connections) connection.destroy();
  });
  server.signal("SIGCONT");
  const { host } = new URL(server.url);
  const answers = connections.map((connection) =>
    connection.send(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`).received(/"ok"/),
  );
  for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 200 /);
});

test("while another process has the database locked, requests wait; then they are accepted", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t);
  const server = await Server.start(t, database);
  const raw = openRaw(t, database);
  raw.exec("begin immediate");
  let answered = 0;
  const posted = Array.from({ length: 50 }, async (_, n) => {
    const answer = await server.api.submit({ target_url: receiver.url, payload: n });
    answered++;
    return answer;
  });
  // the server is alive meanwhile, and reads
  assert.equal((await server.api.ask("GET", "/healthz")).status, 200);
  assert.deepEqual(await server.api.jobsThatAre("queued"), []);
  assert.equal(answered, 0);
  raw.exec("rollback");
  const ids = (await Promise.all(posted)).map(acceptedId);
  for (const id of ids) await server.api.becomes(id, "succeeded");
  assert.deepEqual(receiver.ledger.map(({ text }) => Number(text)).toSorted(ascending), [...ids.keys()]);
});

test("locked for longer, requests get 503 and leave nothing; what was delivered is recorded later", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, (delivery) => {
    if (delivery.text === '"again"') delivery.answer(200);
  });
  const server = await Server.start(t, database);
  const id = await server.api.deliver({ target_url: receiver.url, payload: 1 });
  const delivery = await receiver.nth(0);

  const raw = openRaw(t, database);
  raw.exec("begin immediate");
  delivery.answer(200);
  await delivery.over;
  const body = { target_url: receiver.url, payload: "again" };
  const refused = await Promise.all(
    Array.from({ length: 20 }, () => server.api.submit(body, { "idempotency-key": "again" })),
  );
  for (const answer of refused) {
    assert.equal(problemOf(answer, 503).code, "store_unavailable");
    assert.match(String(answer.headers.get("retry-after")), /^[1-9]\d*$/);
  }
  raw.exec("rollback");

  assert.equal((await server.api.becomes(id, "succeeded")).attempts, 1);
  assert.deepEqual(column(raw, "select id from jobs"), [id]);
  assert.deepEqual(column(raw, "select key from idempotency_keys"), []);
  const again = await server.api.submit(body, { "idempotency-key": "again" });
  assert.equal(again.headers.get("idempotent-replayed"), null);
  await server.api.becomes(acceptedId(again), "succeeded");
  assert.equal(receiver.ledger.length, 2);
});

test("no more jobs wait for a slow database than are allowed; all that waited are kept", async (t) => {
  const { engine, locked, store } = await lockedEngine(t);
  // with the one that is being written
  const waiting = Array.from({ length: MAX_WAITING_JOBS - 1 }, () =>
    engine.intake.accept(testJob(Date.now())),
  );
  await assert.rejects(engine.intake.accept(testJob(Date.now())), OverloadedError);
  locked.exec("rollback");
  const ids = new Set((await Promise.all(waiting)).map(({ jobId }) => jobId));
  assert.equal(ids.size, MAX_WAITING_JOBS - 1);
  assert.equal((await listJobs(store.records, {}, { limit: 2 * MAX_WAITING_JOBS })).length, MAX_WAITING_JOBS);
  assert.equal((await engine.intake.accept(testJob(Date.now()))).existing, false);
});

test("no more bytes wait for a slow database than are allowed", async (t) => {
  const { engine, locked } = await lockedEngine(t);
  const payload = JSON.stringify("x".repeat(2 ** 22));
  const large = () => engine.intake.accept(testJob(Date.now(), { payload }));
  const waiting = Array.from({ length: MAX_WAITING_BYTES / 2 ** 22 - 1 }, large);
  await assert.rejects(large(), OverloadedError);
  locked.exec("rollback");
  await Promise.all(waiting);
  assert.equal((await engine.intake.accept(testJob(Date.now()))).existing, false);
});

test("a full database refuses new jobs and says why; deliveries in flight are still recorded", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {});
  const server = await Server.start(t, database, "--max-database-size", "2MB");
  const inFlight = await server.api.deliver({ target_url: receiver.url, payload: 1 });
  const delivery = await receiver.nth(0);
  const body = { target_url: receiver.url, payload: "x".repeat(100_000), delay: "1h" };
  const kept: string[] = [];
  const refused = await until("it is full", async () => {
    const answer = await server.api.submit(body);
    if (answer.status !== 202) return answer;
    kept.push(acceptedId(answer));
    return undefined;
  });
  problemOf(refused, 503);
  assert.match(String(refused.headers.get("retry-after")), /^[1-9]\d*$/);
  await server.logs(/holds the 2000000 bytes it may \(--max-database-size\); raise the limit or shorten/);
  problemOf(await server.api.ask("GET", "/readyz"), 503);

  delivery.answer(200, "y".repeat(16_384));
  const job = await server.api.becomes(inFlight, "succeeded");
  assert.equal(job.attempts, 1);
  for (const id of kept) await server.api.becomes(id, "queued");
  const [first = ""] = kept;
  assert.equal((await server.api.post(`/webhooks/jobs/${first}/cancel`)).status, 200);
  assert.equal(await server.stop(), 0);

  const roomier = await Server.start(t, database, "--max-database-size", "20MB");
  acceptedId(await roomier.api.submit(body));
});

test("what is asked in one turn is written in one transaction", async (t) => {
  const { posthorn, database } = await serveHere(t, { worker: false });
  const deliver = () => posthorn.webhooks.deliver({ targetUrl: "http://127.0.0.1:9/", payload: 1 });
  await deliver();
  const before = transactionsIn(`${database}-wal`);
  const accepted = await Promise.all(Array.from({ length: 500 }, deliver));
  assert.equal(new Set(accepted.map(({ jobId }) => jobId)).size, 500);
  assert.equal(transactionsIn(`${database}-wal`) - before, 1);
  for (let n = 0; n < 5; n++) await deliver();
  assert.equal(transactionsIn(`${database}-wal`) - before, 6);
});

test("deliveries at once share their transactions: enqueue, claim and settle", async (t) => {
  const receiver = await Receiver.start(t, () => {
    if (receiver.ledger.length === 64) for (const each of receiver.ledger) each.answer(200);
  });
  const { posthorn, api, database } = await serveHere(t, { concurrency: 64 });
  const lanes = Array.from({ length: 64 }, (_, n) => `${receiver.url}/${n}`);
  const before = transactionsIn(`${database}-wal`);
  await Promise.all(lanes.map((targetUrl) => posthorn.webhooks.deliver({ targetUrl, payload: 1 })));
  assert.equal(transactionsIn(`${database}-wal`) - before, 1, "enqueued and claimed");
  await until("all are done", async () => (await api.jobsThatAre("succeeded")).length === 64);
  const settled = transactionsIn(`${database}-wal`) - before - 1;
  assert.ok(settled < 64, `${settled} transactions for 64 results`);
});

/** An engine that waits for a database which another connection has locked, with nothing else waiting. */
async function lockedEngine(t: TestContext) {
  const file = scratchDatabase();
  const store = await openSqliteStore({ file });
  const engine = new Engine({ store, tasks: [], retention: { jobsMs: 86_400_000 } });
  const locked = openRaw(t, file);
  t.after(async () => {
    await engine.stop(0);
    await store.close();
  });
  locked.exec("begin immediate");
  void engine.intake.accept(testJob(Date.now()));
  await turns(); // its transaction is under way, so that all later ones wait
  return { engine, store, locked };
}

function ascending(a: number, b: number): number {
  return a - b;
}
