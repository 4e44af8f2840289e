import assert from "node:assert/strict";
import { mock, type TestContext, test } from "node:test";
import pg from "pg";
import type { Store } from "../../store.ts";
import { DAY, HOUR, NOW } from "../../test-kit/store-under-test.ts";
import { claim, endedBefore, enqueue, fail, newJob, newJobs, succeed } from "../../test-kit/stored-jobs.ts";
import { RoundTrip } from "../driver/round-trip.ts";
import { openDatabase } from "../open.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { Upkeep } from "../prune.ts";
import { cutDays, dayName, partitionNames } from "../test-kit/days.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";
import { Partitioning } from "./partitioning.ts";
import { WholePartitions } from "./whole-partitions.ts";

const server = scratchServer();

/** Far enough from midnight for an hour not to matter. */
const noon = (days: number) => NOW - (NOW % DAY) + days * DAY + 12 * HOUR;
const JOBS = 60;
const LARGE = 50;
/** The day of the jobs, of which all is past it. */
const OLD = -40;
const MONTH_AGO = NOW - 30 * DAY;

/** A database with twenty days, of which the first has jobs that have ended; and what else is put into them. */
async function filled(more?: (store: Store) => Promise<void>): Promise<string> {
  const url = await server.newDatabase();
  const store = await openPostgresStore({ url });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await cutDays(client, OLD, -20);
  await client.end();
  await endedJobs(store, OLD);
  await more?.(store);
  await store.close();
  await (await openDatabase({ url })).close(); // which merges the days without jobs with the past
  return url;
}

let oldDay: Promise<string> | undefined;

/** A store with a day of jobs that have ended on it, a copy of the same one for all that want no more. */
async function storeWithOldDay(t: TestContext, more?: (store: Store) => Promise<void>) {
  if (!more) oldDay ??= filled();
  const url = more ? await filled(more) : await server.newDatabase(await oldDay);
  const store = await openForTest(t, url);
  const client = await connectForTest(t, url);
  const db = await openDatabase({ url });
  t.after(() => db.close());
  const prune = async (finishedBefore = MONTH_AGO, failedBefore = finishedBefore) => {
    await client.query("analyze posthorn.jobs, posthorn.finished, posthorn.attempts");
    return new Upkeep(db, new WholePartitions(db, LARGE)).pruneJobs(
      { succeeded: finishedBefore, failed: failedBefore },
      null,
      1_000,
    );
  };
  const left = async (day = OLD) =>
    (await client.query(`select id from posthorn.jobs_${dayName(day)}`)).rowCount;
  return { url, store, client, db, prune, left };
}

/** Half of them failed, and so have an attempt. */
async function endedJobs(store: Store, day: number, endedAt = noon(day) + HOUR, fails = true): Promise<void> {
  await enqueue(store, newJobs(JOBS, { createdAt: noon(day) }), noon(day));
  for (const [n, lease] of (await claim(store, { now: noon(day) })).entries())
    await (fails && n % 2 ? fail : succeed)(store, lease, endedAt);
}

test("a large partition goes as a whole when all in it is past its retention, and no row is deleted", async (t) => {
  const { prune, left, client, db } = await storeWithOldDay(t);
  const add = mock.method(RoundTrip.prototype, "add");
  t.after(() => add.mock.restore());
  assert.deepEqual(await prune(), { pruned: 0, last: null });
  const truncates = add.mock.calls.filter(({ arguments: [{ text }] }) => text.startsWith("truncate"));
  assert.equal(truncates.length, 1);
  assert.equal(await left(), 0);
  for (const table of ["finished", "attempts"])
    assert.equal((await client.query(`select from posthorn.${table}`)).rowCount, 0);
  while (await new Partitioning(db).change());
  assert.ok(!(await partitionNames(client, "jobs")).includes(dayName(OLD)), "it is merged with the past");
});

test("a small one is pruned row by row", async (t) => {
  const { url, left } = await storeWithOldDay(t);
  const store = await openForTest(t, url);
  assert.equal((await store.retention.pruneJobs(endedBefore(MONTH_AGO), null, 40)).pruned, 40);
  assert.equal(await left(), JOBS - 40);
});

test("one with a job that lives is pruned row by row around it", async (t) => {
  for (const runAt of [noon(OLD), NOW + DAY]) {
    const { store, prune, left } = await storeWithOldDay(t);
    const living = newJob({ createdAt: noon(OLD), runAt });
    await enqueue(store, [living], noon(OLD));
    assert.equal((await prune()).pruned, JOBS);
    assert.equal(await left(), 1);
    assert.equal((await store.records.get(living.id))?.status, "queued");
  }
});

test("one with a job that ended later, or has a retention of its own, is pruned row by row around it", async (t) => {
  for (const kept of [{}, { ties: { retainMs: 90 * DAY } }]) {
    const { store, prune, left } = await storeWithOldDay(t);
    const endedAt = kept.ties ? noon(OLD) : NOW - DAY;
    await enqueue(store, [newJob({ createdAt: noon(OLD), ...kept })], noon(OLD));
    const [lease] = await claim(store);
    assert.ok(lease);
    await succeed(store, lease, endedAt);
    assert.equal((await prune()).pruned, JOBS);
    assert.equal(await left(), 1);
    assert.equal((await store.records.get(lease.id))?.status, "succeeded");
  }
});

test("a job's own retention that is over, and a cancelled job, do not keep a partition", async (t) => {
  const { store, prune, left } = await storeWithOldDay(t);
  const [own, cancelled] = newJobs(2, { createdAt: noon(OLD), ties: { retainMs: DAY } });
  assert.ok(own && cancelled);
  await enqueue(store, [own, cancelled], noon(OLD));
  for (const { id } of [own, cancelled]) await store.byHand.cancel(id, noon(OLD));
  assert.equal((await prune()).pruned, 0);
  assert.equal(await left(), 0);
});

test("a large one waits until all of it is past its retention, for a sixth of that at most", async (t) => {
  const { prune, left } = await storeWithOldDay(t, async (store) => {
    await endedJobs(store, -33, noon(-33) + HOUR);
    await enqueue(store, [newJob({ createdAt: noon(-33) })], noon(-33));
  });
  assert.equal((await prune()).pruned, 0);
  assert.equal(await left(-33), JOBS + 1, "what lives may have ended by then");
  assert.equal((await prune(noon(-27))).pruned, JOBS);
  assert.equal(await left(-33), 1);
});

test("one is not waited for when failed jobs in it are kept for longer", async (t) => {
  const bound = noon(-27) + 2 * HOUR;
  const endOn27 = (fails: boolean) => (store: Store) => endedJobs(store, -27, noon(-27) + HOUR, fails);
  const { prune, left } = await storeWithOldDay(t, endOn27(false));
  assert.equal((await prune(bound, noon(-60))).pruned, JOBS / 2, "the succeeded ones of the first day");
  assert.equal(await left(), JOBS / 2);
  assert.equal(await left(-27), JOBS, "it may soon go as a whole");
  const { prune: pruneOther, left: leftIn } = await storeWithOldDay(t, endOn27(true));
  assert.equal((await pruneOther(bound, noon(-60))).pruned, JOBS);
  assert.equal(await leftIn(-27), JOBS / 2);
});

test("one of which only succeeded jobs must live on stays, and goes as a whole when they need not", async (t) => {
  const { prune, left } = await storeWithOldDay(t);
  assert.equal((await prune(noon(OLD), MONTH_AGO)).pruned, 0);
  assert.equal(await left(), JOBS);
  assert.equal((await prune(MONTH_AGO, noon(-20))).pruned, 0);
  assert.equal(await left(), 0);
});

test("one with a failed job that ended late goes only when that is past its own retention", async (t) => {
  const { store, prune, left } = await storeWithOldDay(t);
  await enqueue(store, [newJob({ createdAt: noon(OLD) })], noon(OLD));
  const [late] = await claim(store);
  assert.ok(late);
  await fail(store, late, NOW - 35 * DAY);
  assert.equal((await prune(MONTH_AGO, NOW - 36 * DAY)).pruned, JOBS);
  assert.equal(await left(), 1);
  assert.equal((await store.records.get(late.id))?.status, "failed");
});

test("one that somebody holds goes row by row, and loses nothing by it", async (t) => {
  const { prune, left, url } = await storeWithOldDay(t);
  const holder = await connectForTest(t, url);
  await holder.query("begin; select from posthorn.jobs");
  assert.equal((await prune()).pruned, JOBS);
  await holder.query("rollback");
  assert.equal(await left(), 0);
});

test("of two processes that prune at once, one does it", async (t) => {
  const { prune, left } = await storeWithOldDay(t);
  const pruned = await Promise.all([prune(), prune()]);
  assert.ok(pruned.reduce((sum, batch) => sum + batch.pruned, 0) <= JOBS);
  assert.equal(await left(), 0);
});
