import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../src/core/clock.ts";
import type { Outcome } from "../src/core/outcome.ts";
import { Engine } from "../src/engine/engine.ts";
import { DEAD_AFTER_MS, HEARTBEAT_MS } from "../src/engine/fleet/membership.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { testJob } from "./support/jobs.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { turns, until } from "./support/until.ts";

/** Stops it while only this test may write: a process that is stopped in the middle of a write keeps the database locked. */
function stopBetweenWrites(t: TestContext, server: Server, database: string): void {
  const raw = openRaw(t, database);
  raw.exec("begin immediate");
  server.signal("SIGSTOP");
  raw.exec("rollback");
}

test("a worker stopped past its lease changes nothing when it goes on", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {}); // the test answers
  const [stopped, other] = [await Server.start(t, database), await Server.start(t, database)];
  const id = await stopped.api.deliver({ target_url: receiver.url, payload: 1 });
  const late = await receiver.nth(0);
  assert.equal(holderOf(t, database), stopped.pid);

  stopBetweenWrites(t, stopped, database);
  // what half a minute without a heartbeat leaves behind
  openRaw(t, database).prepare("update workers set deadline = 0 where pid = ?").run(stopped.pid);
  const second = await receiver.nth(1);
  assert.equal(second.id, id);
  assert.equal(holderOf(t, database), other.pid);
  assert.deepEqual(await outcomes(other, id), ["lost"]);

  // its answer lies in the stopped process's socket when it goes on, and it still thinks the job is its own
  late.answer(410, "for the late one");
  stopped.signal("SIGCONT");
  await stopped.logs(/"attempt":1,"msg":"result dropped: the job was taken from this worker meanwhile"/);
  assert.equal((await other.api.job(id)).status, "running");
  second.answer(200, "for the other one");
  const job = await other.api.becomes(id, "succeeded");
  assert.equal(job.attempts, 2);
  assert.deepEqual(await outcomes(other, id), ["lost", "succeeded"]);

  // and it works on, as a new member
  const next = await stopped.api.deliver({ target_url: receiver.url, payload: 2 });
  (await receiver.nth(2)).answer(200);
  await stopped.api.becomes(next, "succeeded");
  assert.deepEqual(await Promise.all([stopped.stop(), other.stop()]), [0, 0]);
  assert.equal(receiver.ledger.length, 3);
});

test("a late result is dropped even when its job has been queued again and is waiting", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {});
  const first = await Server.start(t, database, "--concurrency", "1");
  const id = await first.api.deliver({ target_url: receiver.url, payload: 1 });
  const late = await receiver.nth(0);
  stopBetweenWrites(t, first, database);
  openRaw(t, database).prepare("update workers set deadline = 0 where pid = ?").run(first.pid);
  const second = await Server.start(t, database, "--concurrency", "1");
  const retaken = await receiver.nth(1);
  retaken.answer(503, "later", { "retry-after": "3600" });
  const waiting = await second.api.isRetried(id, 2);

  late.answer(200);
  first.signal("SIGCONT");
  await first.logs(/result dropped/);
  assert.deepEqual(await second.api.job(id), waiting);
  assert.deepEqual(await outcomes(second, id), ["lost", "failed"]);
});

test("a job that takes long stays its worker's for as long as that one's heart beats", async (t) => {
  const database = scratchDatabase();
  const clock = new ManualClock(Date.now());
  const first = await engineOn(t, database, clock);
  const second = await engineOn(t, database, clock);
  const job = testJob(clock.now(), { task: "slow" });
  await first.engine.intake.accept(job);
  const { id } = job;
  await until("it runs", () => first.runs.length === 1);

  for (let silent = 0; silent < 4 * DEAD_AFTER_MS; silent += HEARTBEAT_MS) {
    clock.advance(HEARTBEAT_MS);
    await until("both have made their rounds", async () => {
      await turns();
      const [worker] = await first.store.workers.list();
      return worker?.deadline === clock.now() + DEAD_AFTER_MS;
    });
  }
  assert.deepEqual(second.runs, []);
  first.finish({ kind: "succeeded" });
  await until("it has ended", async () => (await first.store.records.get(id))?.status === "succeeded");
  assert.equal((await first.store.records.get(id))?.attempts, 1);
});

/** An engine with a task whose runs end when the test says so. */
async function engineOn(t: TestContext, file: string, clock: ManualClock) {
  const store = await openSqliteStore({ file });
  const runs: string[] = [];
  const end = Promise.withResolvers<Outcome>();
  const engine = new Engine({
    store,
    clock,
    retention: { jobsMs: 86_400_000 },
    tasks: [
      {
        name: "slow",
        retryPolicy: () => ({ delaysMs: [1_000], jitter: 0 }),
        timeoutMs: () => 3_600_000,
        run(job) {
          runs.push(job.id);
          return end.promise;
        },
      },
    ],
  });
  await engine.start();
  t.after(async () => {
    await engine.stop(0);
    await store.close();
  });
  return { engine, store, runs, finish: end.resolve };
}

/** The pid of the process that holds the only lease. */
function holderOf(t: TestContext, database: string): unknown {
  const leases = openRaw(t, database)
    .prepare("select w.pid from leases l join workers w on w.id = l.worker")
    .all();
  assert.equal(leases.length, 1);
  return leases[0]?.pid;
}

/** Of the job's attempts, first to last. */
async function outcomes(server: Server, id: string): Promise<string[]> {
  return (await server.api.attempts(id)).map(({ outcome }) => outcome).toReversed();
}
