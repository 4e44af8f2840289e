import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { Instrument } from "../../observe/instrument.ts";
import { Meters } from "../../observe/metrics/meters.ts";
import type { StatRow, StatShelf } from "../../store/shelves/statistics/stats.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import { quiet } from "../test-kit/turns.ts";
import { StatReports } from "./report.ts";
import { countsIn, Statistics } from "./statistics.ts";

const SECOND = 1_000;

class Kept implements StatShelf {
  readonly rows = new Map<string, StatRow>();
  puts = 0;
  isAway = false;

  async put(rows: readonly StatRow[]): Promise<void> {
    if (this.isAway) throw new Error("away");
    this.puts++;
    for (const row of rows) this.rows.set([row.span, row.bucketAt, row.process, row.task].join(), row);
  }

  async since(span: StatRow["span"], from: number, task: string) {
    return [...this.rows.values()].filter(
      (row) => row.span === span && row.bucketAt >= from && row.task === task,
    );
  }

  async at(span: StatRow["span"], at: number, until: number) {
    return [...this.rows.values()].filter(
      (row) => row.span === span && row.bucketAt >= at && row.bucketAt < until,
    );
  }

  async forget() {
    return false;
  }
}

function counted(shelf = new Kept(), clock = new ManualClock(0)) {
  const instrument = new Instrument();
  const meters = new Meters(instrument, () => clock.now());
  const statistics = new Statistics({ meters, shelf, clock, instrument });
  statistics.start();
  const accept = (count: number, task = "mail.send") => {
    for (let n = 0; n < count; n++)
      instrument["job.accepted"].publish({ jobId: "job_1", task, lane: "l", runAt: 0 });
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += SECOND) {
      clock.advance(SECOND);
      await quiet();
    }
  };
  const accepted = (span: StatRow["span"], task = "") =>
    [...shelf.rows.values()]
      .filter((row) => row.span === span && row.task === task)
      .map((row) => [row.bucketAt, row.accepted]);
  return { shelf, clock, instrument, meters, statistics, accept, pass, accepted };
}

test("a minute is written again as it grows, and the next has its own row", async () => {
  const { accept, pass, accepted, statistics } = counted();
  accept(2);
  await pass(SECOND);
  assert.deepEqual(accepted("minute"), [[0, 2]]);
  accept(3, "other");
  await pass(58 * SECOND);
  assert.deepEqual(accepted("minute"), [[0, 5]]);
  assert.deepEqual(accepted("minute", "other"), [[0, 3]]);
  await pass(2 * SECOND);
  accept(4);
  await pass(SECOND);
  assert.deepEqual(accepted("minute"), [
    [0, 5],
    [MINUTE_MS, 4],
  ]);
  await statistics.stop();
});

test("nothing is written while nothing happens", async () => {
  const { accept, pass, shelf, statistics } = counted();
  accept(1);
  await pass(2 * SECOND);
  const { puts } = shelf;
  await pass(100 * SECOND);
  assert.equal(shelf.puts, puts);
  await statistics.stop();
  assert.equal(shelf.puts, puts + 1, "the hour is");
});

test("what was counted while the database was away is written once it is back, and at the end", async () => {
  const { accept, pass, shelf, accepted, statistics } = counted();
  shelf.isAway = true;
  accept(2);
  await pass(3 * SECOND);
  shelf.isAway = false;
  await pass(SECOND);
  assert.deepEqual(accepted("minute"), [[0, 2]]);
  accept(1);
  await statistics.stop();
  assert.deepEqual(accepted("minute"), [[0, 3]]);
});

test("minutes of all processes are summed up into hours, however often", async () => {
  const one = counted();
  const other = counted(one.shelf);
  one.accept(2);
  other.accept(5);
  await one.pass(SECOND);
  await other.pass(SECOND);
  for (let n = 0; n < 2; n++) await one.statistics.fold();
  assert.deepEqual(one.accepted("hour"), [[0, 7]]);
  await one.statistics.stop();
  await other.statistics.stop();
});

const WORKER: WorkerRecord = {
  ...{ id: "wrk_1", machine: "elsewhere", pid: 7, startedAt: 0, deadline: Number.MAX_SAFE_INTEGER },
  ...{ concurrency: 1, slotsHeld: 0, version: "0.1.0", tasks: [] },
};

test("a report has a point for each step, and says how long things took", async () => {
  const { accept, pass, clock, shelf, statistics, instrument } = counted();
  const reports = new StatReports({
    ...{ statistics, shelf, clock },
    gauges: async () => ({
      jobs: { ready: 3, scheduled: 0, running: 0, parked: 0, failed: 10_001 },
      due: [
        { task: "mail.send", oldestAt: clock.now() - 50 * SECOND, jobId: "job_a" },
        { task: "bill", oldestAt: clock.now() - 40 * SECOND, jobId: "job_b" },
        { task: "just-due", oldestAt: clock.now() - 20 * SECOND, jobId: "job_c" },
      ],
    }),
    isShared: true,
    workers: async () => [
      { ...WORKER, concurrency: 64, tasks: ["mail.send"] },
      { ...WORKER, concurrency: 8, tasks: ["mail.send"] },
      { ...WORKER, concurrency: 16, tasks: [] }, // stopping
      { ...WORKER, concurrency: 0, tasks: ["bill"], deadline: clock.now() - 1 }, // dead
    ],
  });
  accept(2);
  const job = {
    id: "job_1",
    task: "mail.send",
    lane: "l",
    attempts: 1,
    createdAt: 0,
    dueAt: 0,
    startedAt: 0,
    origin: undefined,
  };
  instrument["job.begun"].publish(job);
  instrument["attempt.ended"].publish({ job, outcome: "succeeded", kind: "ok", durationMs: 20 });
  await pass(SECOND);
  const hour = await reports.report("1h");
  assert.equal(hour.points.length, 60);
  assert.deepEqual(hour.points.at(-1)?.accepted, 2);
  assert.deepEqual(hour.points.at(-1)?.attemptMs, { p50: 25, p95: 25, p99: 25 });
  assert.equal(hour.points[0]?.attemptMs, null);
  assert.deepEqual([hour.now.workers, hour.now.slots, hour.now.oldestDueSeconds], [4, 72, 50]);
  assert.equal(hour.now.oldestDueJobId, "job_a");
  assert.deepEqual(
    hour.now.unhandled.map(({ task }) => task),
    ["bill"],
  );
  const minute = await reports.report("1m");
  assert.deepEqual([minute.of, minute.points.length, minute.points[0]?.accepted], ["process", 1, 2]);
  await statistics.fold();
  assert.equal((await reports.report("24h")).points.at(-1)?.accepted, 2);
  assert.equal((await reports.report("30d", "mail.send")).points.length, 720);
  assert.equal((await reports.report("1h", "unknown")).points.at(-1)?.accepted, 0);
  await statistics.stop();
});

test("what a row holds is read as it was written", async () => {
  const { accept, pass, shelf, statistics } = counted();
  accept(1);
  await pass(SECOND);
  const [row] = await shelf.at("minute", 0, HOUR_MS);
  assert.ok(row);
  assert.equal(countsIn(row).accepted, 1);
  assert.equal(countsIn(row).waits.length, 16);
  await statistics.stop();
});

test("minutes from before a pause of hours are summed up as well, and the last ones at the end", async () => {
  const clock = new ManualClock(0);
  const first = counted(new Kept(), clock);
  first.accept(7);
  await first.pass(SECOND);
  await first.statistics.stop();
  assert.deepEqual(first.accepted("hour"), [[0, 7]]);

  const killed = counted(new Kept(), clock);
  killed.accept(5);
  await killed.pass(SECOND);
  clock.advance(5 * HOUR_MS);
  const next = counted(killed.shelf, clock);
  await next.statistics.fold();
  assert.deepEqual(next.accepted("hour"), [[0, 5]]);
  await next.statistics.stop();
});
