import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { listJobs } from "../../list-jobs.ts";
import { idAt } from "../../test-kit/stored-jobs.ts";
import type { Database } from "../driver/database.ts";
import { ShelfSession } from "../driver/shelf-session.ts";
import { openDatabase } from "../open.ts";
import { AttemptLog } from "./attempt-log.ts";
import { Attempts } from "./attempts.ts";
import { LaneJobs } from "./lane-jobs.ts";
import { Records } from "./records.ts";

const LANES = 8;
const BATCH = 1_000;
const STEPS = 10;

async function setUp(context: TestContext) {
  const db = await openDatabase({ file: ":memory:" });
  context.after(() => db.close());
  const laneJobs = new LaneJobs(db);
  const records = new Records(db, laneJobs);
  const put = db.prepare(`
    insert into jobs (seq, id, task, lane, priority, options, payload, max_attempts, created_at)
    values (?, ?, 'mail.send', ?, 0, '{}', 'null', 3, ?)`);
  const end = db.prepare(
    "insert into finished (job, status, lane, attempts, finished_at) values (?, 'succeeded', null, 1, ?)",
  );
  return {
    db,
    laneJobs,
    /** A finished job. */
    add(seq: number, lane: string, createdAt = seq): void {
      put.run(seq, idAt(createdAt), lane, createdAt);
      end.run(seq, createdAt);
    },
    step: () => db.write(() => laneJobs.catchUp()),
    /** How many of each lane are found. */
    async found(): Promise<number[]> {
      const counts = Array.from({ length: LANES }, async (_, lane) => {
        const jobs = await listJobs(records, { lane: `lane ${lane}` }, { limit: 2 * BATCH });
        assert.equal(new Set(jobs.map(({ id }) => id)).size, jobs.length, "each once");
        return jobs.length;
      });
      return await Promise.all(counts);
    },
  };
}

function fill(add: (seq: number, lane: string) => void, count: number): void {
  for (let seq = 1; seq <= count; seq++) add(seq, `lane ${seq % LANES}`);
}

function rowsOf(db: Database): number | undefined {
  return db.prepare<{ rows: number }>("select count(*) as rows from lane_jobs").get()?.rows;
}

const ALL = Array.from({ length: LANES }, () => BATCH / LANES);

test("a lane's jobs are each found once, before, during and after the steps of a batch", async (context) => {
  const { db, laneJobs, add, step, found } = await setUp(context);
  fill(add, BATCH);
  assert.ok(laneJobs.isBehind);
  for (let n = 0; n < STEPS; n++) {
    assert.deepEqual(await found(), ALL, `after ${n} steps`);
    assert.equal(laneJobs.upto, 0);
    await step();
    assert.equal(rowsOf(db), (n + 1) * (BATCH / STEPS));
  }
  assert.equal(laneJobs.upto, BATCH);
  assert.deepEqual(await found(), ALL);
});

test("a job is indexed by its tags too, even where they cannot be read, until it is deleted", async (context) => {
  const { db, laneJobs, add, step } = await setUp(context);
  fill(add, BATCH);
  db.prepare(`update jobs set tags = '["a","b"]' where seq in (1, 2)`).run();
  db.prepare("update jobs set tags = '[\"a' where seq = 3").run();
  while (laneJobs.upto < BATCH) await step();
  assert.equal(rowsOf(db), BATCH + 4);
  await db.write(() => {
    laneJobs.remove("lane 1", '["a","b"]', 1);
    laneJobs.remove("lane 3", '["a', 3);
  });
  assert.equal(rowsOf(db), BATCH + 4 - 3 - 1);
});

test("a job that is erased is no longer indexed by its tags, nor by the rest of the batch under way", async (context) => {
  const { db, laneJobs, add, step } = await setUp(context);
  const attempts = new Attempts(db, laneJobs, new AttemptLog(db), new ShelfSession(db));
  fill(add, BATCH);
  db.prepare(`update jobs set tags = '["a","b"]' where seq in (1, 2, 3)`).run();
  await step();
  const [first = "", second = ""] = db
    .prepare<{ id: string }>("select id from jobs order by seq limit 2")
    .all()
    .map(({ id }) => id);
  await attempts.eraseJobs([first]);
  while (laneJobs.upto < BATCH) await step();
  assert.equal(rowsOf(db), BATCH + 4);
  await attempts.eraseJobs([second]);
  assert.equal(rowsOf(db), BATCH + 2);
});

test("a step that is rolled back leaves nothing out", async (context) => {
  const { db, laneJobs, add, step, found } = await setUp(context);
  fill(add, BATCH);
  await step();
  const broken = db.write(() => {
    laneJobs.catchUp();
    throw new Error("the disk is full");
  });
  await assert.rejects(broken, /disk is full/);
  for (let n = 0; n < STEPS; n++) await step();
  assert.equal(laneJobs.upto, BATCH);
  assert.equal(rowsOf(db), BATCH);
  assert.deepEqual(await found(), ALL);
});

test("a batch whose last numbers were given out again is started again", async (context) => {
  const { db, laneJobs, add, step, found } = await setUp(context);
  fill(add, BATCH);
  for (let n = 0; n < STEPS - 1; n++) await step();
  // as another process may
  await db.write(() => {
    for (const table of ["finished where job", "jobs where seq"])
      db.prepare(`delete from ${table} > 600`).run();
  });
  for (let seq = 601; seq <= BATCH; seq++) add(seq, "lane 0", 10_000 + seq);
  await step();
  assert.equal(laneJobs.upto, 0);
  for (let n = 0; n < STEPS; n++) await step();
  assert.equal(laneJobs.upto, BATCH);
  assert.deepEqual(await found(), [75 + 400, ...Array.from({ length: LANES - 1 }, () => 75)]);
});
