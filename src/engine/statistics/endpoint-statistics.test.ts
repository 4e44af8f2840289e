import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { DAY_MS, HOUR_MS } from "../../core/duration.ts";
import { Instrument } from "../../observe/instrument.ts";
import type { EndpointStatKey, EndpointStatRow } from "../../store/shelves/statistics/endpoint-stats.ts";
import { quiet } from "../test-kit/turns.ts";
import type { EndpointHourLimits } from "./endpoint-hour.ts";
import { EndpointStatistics } from "./endpoint-statistics.ts";

const SECOND = 1_000;

class Kept {
  readonly rows = new Map<string, EndpointStatRow>();
  readonly puts: number[] = [];
  forgotBefore = 0;
  isAway = false;

  async put(rows: readonly EndpointStatRow[]): Promise<void> {
    if (this.isAway) throw new Error("away");
    this.puts.push(rows.length);
    for (const row of rows) this.rows.set(keyOf(row), row);
  }

  async drop(rows: readonly EndpointStatKey[]): Promise<void> {
    if (this.isAway) throw new Error("away");
    for (const row of rows) this.rows.delete(keyOf(row));
  }

  async forget(before: number): Promise<boolean> {
    this.forgotBefore = before;
    return false;
  }
}

function keyOf({ endpoint, hour, process }: EndpointStatKey): string {
  return [endpoint, hour, process].join();
}

function counted(limits?: EndpointHourLimits, shelf = new Kept()) {
  const clock = new ManualClock(0);
  const instrument = new Instrument();
  const statistics = new EndpointStatistics({
    ...{ shelf, clock, instrument, ...(limits && { limits }) },
    keyOf: (lane) => (lane.startsWith("ep") ? { tenant: "app", id: lane } : undefined),
  });
  statistics.start();
  const job = { jobId: "job_1", task: "webhook.deliver" };
  const succeed = (lane: string, times = 1) => {
    for (let n = 0; n < times; n++)
      instrument["job.succeeded"].publish({ ...job, lane, attempts: 1, durationMs: 20 });
  };
  const fail = (lane: string, retryAt?: Date) => {
    const failed = { ...job, lane, error: undefined, message: "HTTP 500" };
    instrument["attempt.failed"].publish({
      ...{ ...failed, attempt: 1, isThrown: false, retryAt },
      ...{ class: "5xx", code: 500, durationMs: 20 },
    });
    if (!retryAt) instrument["job.failed"].publish({ ...failed, attempts: 1, bulkId: null });
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await quiet();
  };
  /** Waits until it has noticed that another hour has begun. */
  const passHour = async () => {
    await pass(HOUR_MS);
    await pass(SECOND);
  };
  const rows = (hour = 0) =>
    [...shelf.rows.values()]
      .filter((row) => row.hour === hour)
      .map(({ endpoint, succeeded, failed, retried }) => [endpoint, succeeded, failed, retried])
      .sort();
  return { shelf, statistics, succeed, fail, pass, passHour, rows };
}

test("an endpoint's row is written again as its hour grows, the next hour has another, and other lanes have none", async () => {
  const { succeed, fail, pass, passHour, rows, shelf, statistics } = counted();
  succeed("ep1", 2);
  fail("ep1", new Date(1));
  fail("ep1");
  succeed("mail.send");
  await pass(SECOND);
  assert.deepEqual(rows(), [["ep1", 2, 1, 1]]);
  assert.deepEqual(JSON.parse([...shelf.rows.values()][0]?.attempts ?? ""), [
    0,
    0,
    4,
    ...new Array(13).fill(0),
  ]);
  await pass(SECOND);
  assert.deepEqual(shelf.puts, [1], "nothing is written while nothing happens");
  succeed("ep1");
  await passHour();
  succeed("ep1");
  await pass(SECOND);
  assert.deepEqual(rows(), [["ep1", 3, 1, 1]]);
  assert.deepEqual(rows(HOUR_MS), [["ep1", 1, 0, 0]]);
  assert.ok(shelf.forgotBefore < -30 * DAY_MS);
  await statistics.stop();
});

test("a thousand busy endpoints are written a hundred a second, each before any is written again", async () => {
  const { succeed, pass, rows, shelf, statistics } = counted();
  for (let second = 0; second < 10; second++) {
    for (let n = 0; n < 1_000; n++) succeed(`ep${n}`);
    await pass(SECOND);
  }
  assert.deepEqual(shelf.puts, new Array(10).fill(100));
  assert.equal(rows().length, 1_000);
  await statistics.stop();
  assert.ok(rows().every(([, succeeded]) => succeeded === 10));
});

test("once the hour is over, the busiest have rows of their own, and the others one that all are counted in", async () => {
  const { succeed, pass, passHour, rows, statistics } = counted({ mostRows: 2, mostMet: 4 });
  for (const [at, times] of [1, 2, 3, 4, 5].entries()) succeed(`ep${at}`, times);
  await pass(SECOND);
  assert.deepEqual(rows(), [
    ["", 12, 0, 0],
    ["ep0", 1, 0, 0],
    ["ep1", 2, 0, 0],
  ]);
  await passHour();
  const ended = [
    ["", 8, 0, 0],
    ["ep2", 3, 0, 0],
    ["ep3", 4, 0, 0],
  ];
  assert.deepEqual(rows(), ended, "of the fifth it is not known that it was busier");
  await statistics.stop();
  assert.deepEqual(rows(), ended);
});

test("what was counted while the database was away is written once it is back, and at the end", async () => {
  const { succeed, pass, passHour, rows, shelf, statistics } = counted();
  shelf.isAway = true;
  succeed("ep1");
  await pass(SECOND);
  await passHour();
  succeed("ep1");
  shelf.isAway = false;
  await pass(SECOND);
  assert.deepEqual([rows(), rows(HOUR_MS)], [[["ep1", 1, 0, 0]], [["ep1", 1, 0, 0]]]);
  succeed("ep1");
  await statistics.stop();
  assert.deepEqual(rows(HOUR_MS), [["ep1", 2, 0, 0]]);
});
