import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Child } from "../src/cli/test-kit/child.ts";
import { ManualClock } from "../src/core/clock.ts";
import { Engine } from "../src/engine/engine.ts";
import type { NewJob } from "../src/store/queue.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { serveHere } from "./support/in-process.ts";
import { testJob, testTask } from "./support/jobs.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { turns, until } from "./support/until.ts";

const MINUTE = 60_000;

test("a job runs when it is due and not before, whatever is scheduled before or after it", async (t) => {
  const { clock, ran, schedule } = await engineWithClock(t);
  const start = clock.now();
  const inTen = await schedule(start + 10 * MINUTE);
  const inFive = await schedule(start + 5 * MINUTE); // the timer, set for ten, has to be set again
  const inYears = await schedule(start + 366 * 24 * 60 * MINUTE);
  clock.advance(5 * MINUTE - 1);
  await turns();
  assert.deepEqual(ran, []);
  clock.advance(1);
  await until("the first is due", () => ran.length === 1);
  const inSix = await schedule(start + 6 * MINUTE);
  clock.advance(MINUTE);
  await until("one that came later is due", () => ran.length === 2);
  clock.advance(4 * MINUTE);
  await until("the last is due", () => ran.length === 3);
  assert.deepEqual(ran, [inFive, inSix, inTen]);
  clock.advance(365 * 24 * 60 * MINUTE);
  await turns();
  assert.equal(ran.length, 3);
  clock.advance(24 * 60 * MINUTE);
  await until("a year has gone by", () => ran[3] === inYears);
});

test("a job that is due at once is not held up by the timer", async (t) => {
  const { clock, ran, schedule } = await engineWithClock(t);
  await schedule(clock.now() + MINUTE);
  const now = await schedule(clock.now());
  const past = await schedule(clock.now() - MINUTE);
  await until("both ran", () => ran.length === 2);
  assert.deepEqual(new Set(ran), new Set([now, past]));
});

test("five thousand jobs that fall due together are made ready in batches, and all run", async (t) => {
  const { clock, ran, store, schedule } = await engineWithClock(t);
  const batches: number[] = [];
  const promote = store.queue.promote.bind(store.queue);
  store.queue.promote = async (now, limit) => {
    const moved = await promote(now, limit);
    batches.push(moved);
    return moved;
  };
  const dueAt = clock.now() + MINUTE;
  await Promise.all(Array.from({ length: 5_000 }, (_, n) => schedule(dueAt, { lane: `lane ${n % 50}` })));
  clock.advance(MINUTE);
  await until("all have run", () => ran.length === 5_000);
  assert.equal(new Set(ran).size, 5_000);
  assert.equal(
    batches.reduce((sum, moved) => sum + moved, 0),
    5_000,
  );
  assert.ok(Math.max(...batches) <= 500, `a batch of ${Math.max(...batches)}`);
});

test("what fell due while no server ran is run at the start", async (t) => {
  const file = scratchDatabase();
  const store = await openSqliteStore({ file });
  const now = Date.now();
  const late = testJob(now - MINUTE, { runAt: now - 1_000 });
  const enqueues = [{ job: late }];
  await store.queue.commit({ now: now - MINUTE, enqueues, settlements: [], claim: undefined });
  assert.equal(await store.queue.nextDue(), late.runAt);
  await store.close();
  const { ran } = await engineWithClock(t, file);
  await until("it has run", () => ran[0] === late.id);
});

test("run_at and delay say when a delivery is made", async (t) => {
  const receiver = await Receiver.start(t);
  const { api } = await serveHere(t);
  const start = Date.now();
  const target_url = receiver.url;
  const later = await api.deliver({ target_url, payload: 1, run_at: new Date(start + 3_600_000) });
  const atMoment = await api.deliver({ target_url, payload: 2, run_at: new Date(start + 1_000) });
  const afterDelay = await api.deliver({ target_url, payload: 3, delay: "300ms" });
  for (const [id, leastMs] of [
    [atMoment, 1_000],
    [afterDelay, 300],
  ] as const) {
    const { started_at } = await api.becomes(id, "succeeded");
    assert.ok(Date.parse(String(started_at)) >= start + leastMs, `begun at ${started_at}`);
  }
  assert.equal((await api.job(later)).status, "queued");
  assert.deepEqual(new Set(receiver.ledger.map(({ id }) => id)), new Set([afterDelay, atMoment]));
});

test("a running server notices what other processes do", async (t) => {
  const database = scratchDatabase();
  let status = 410;
  const receiver = await Receiver.start(t, (delivery) => {
    if (delivery.path !== "/held") delivery.answer(status);
  });
  const server = await Server.start(t, database);
  const held = await server.api.deliver({ target_url: `${receiver.url}/held`, payload: 1 });
  const failed = await server.api.deliver({ target_url: receiver.url, payload: 2 });
  const failedToo = await server.api.deliver({ target_url: `${receiver.url}/too`, payload: 3 });
  const delivery = await receiver.nth(0);
  for (const id of [failed, failedToo]) await server.api.becomes(id, "failed");

  // cancelled from the command line: its connection is closed
  assert.equal(await posthorn(t, database, "jobs", "cancel", held), 0);
  await delivery.over;
  assert.equal((await server.api.job(held)).status, "cancelled");

  // rerun from the command line, by its id and by a filter
  status = 200;
  assert.equal(await posthorn(t, database, "jobs", "rerun", failed), 0);
  await server.api.becomes(failed, "succeeded");
  assert.equal(await posthorn(t, database, "jobs", "rerun", "--target", `${receiver.url}/too`), 0);
  await server.api.becomes(failedToo, "succeeded");

  // accepted by a server that runs no jobs, at once and for later; who waits there hears of the end
  const front = await Server.start(t, database, "--no-worker");
  const now = await front.api.deliver({ target_url: receiver.url, payload: 4 });
  const soon = await front.api.deliver({ target_url: receiver.url, payload: 5, delay: "500ms" });
  for (const id of [now, soon]) await server.api.becomes(id, "succeeded");
  const askedAt = performance.now();
  const waited = await front.api.submit({ target_url: receiver.url, payload: 6 }, { prefer: "wait=60" });
  assert.equal(waited.status, 200, waited.text);
  assert.ok(
    performance.now() - askedAt < 55_000,
    "it is told of the end, and does not find it when its wait is over",
  );
});

/** Runs a command to its end; its exit code. */
function posthorn(t: TestContext, database: string, ...command: string[]): Promise<unknown> {
  return new Child(t, [...command, "--database", database]).exit();
}

/** An engine whose time is the test's, and the ids of the jobs that it ran. */
async function engineWithClock(t: TestContext, file = scratchDatabase()) {
  const clock = new ManualClock(Date.now());
  const store = await openSqliteStore({ file });
  const ran: string[] = [];
  const task = testTask((job) => {
    ran.push(job.id);
    return { kind: "succeeded" };
  });
  const engine = new Engine({ store, clock, tasks: [task], retention: { jobsMs: 86_400_000 } });
  t.after(async () => {
    await engine.stop(0);
    await store.close();
  });
  await engine.start();
  const schedule = async (runAt: number, fields: Partial<NewJob> = {}) => {
    const { jobId } = await engine.intake.accept(testJob(clock.now(), { runAt, ...fields }));
    return jobId;
  };
  return { clock, store, ran, schedule };
}
