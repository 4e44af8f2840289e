import assert from "node:assert/strict";
import { test } from "node:test";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import { newBulkRun } from "../../store/test-kit/shelves/registered.ts";
import type { Found, FoundPage } from "./bulk-source.ts";
import { type Course, courseOf, rateOf, remainingOf } from "./course.ts";

const T = 1_000_000;
const FOUND: Found = { id: "job_1", lane: "l", class: null, createdAt: T, decision: { kind: "erase" } };
const page = (n: number, last: string | null): FoundPage => ({
  found: new Array<Found>(n).fill(FOUND),
  last,
});

/** A run that has come this far with this course. */
const run = (fields: Partial<BulkRun>, course?: Course) =>
  newBulkRun({
    ...{ startsAt: T, updatedAt: T, driver: "job_1", pace: null },
    ...(course && { course: JSON.stringify(course) }),
    ...fields,
  });

const counted = (total: number, isMore: boolean) => {
  const count = { times: 0 };
  const of = async () => {
    count.times++;
    return { total, isMore };
  };
  return { count, of };
};

test("what a run has is counted at its start, and not again until it has come to the end of what was counted", async () => {
  const first = counted(10_000, true);
  const begun = await courseOf(run({}), page(100, "job_2"), T, first.of);
  assert.deepEqual([begun.total, begun.isMore, first.count.times], [10_000, true, 1]);

  const amid = await courseOf(run({ matched: 5_000 }, begun), page(100, "job_3"), T + 9, first.of);
  assert.deepEqual([amid, first.count.times], [begun, 1]);

  const second = counted(2_100, false);
  const further = await courseOf(run({ matched: 9_900 }, begun), page(100, "job_4"), T + 9, second.of);
  assert.deepEqual([further.total, further.isMore], [12_000, false]);
  await courseOf(run({ matched: 11_990 }, further), page(100, "job_5"), T + 9, second.of);
  assert.equal(second.count.times, 1, "all of it was counted, whatever has changed since");
});

test("a run that is over with its first batch is not counted, and the last batch says how much there was", async () => {
  const { count, of } = counted(1, true);
  const small = await courseOf(run({}), page(7, null), T, of);
  const last = await courseOf(run({ matched: 95 }, { ...small, total: 120 }), page(5, null), T, of);
  assert.deepEqual([small.total, last.total, last.isMore, count.times], [7, 100, false, 0]);
});

test("how long the rest takes goes by how fast it went since it was last continued, or its pace changed", async () => {
  const { of } = counted(1_000, false);
  const begun = await courseOf(run({}), page(100, "job_2"), T, of);
  const at = (fields: Partial<BulkRun>, course = begun) => {
    const there = run(fields, course);
    return [rateOf(there), remainingOf(there)];
  };
  const left = (n: number, seconds: number | null) => ({ n, atLeast: false, seconds });
  assert.deepEqual(at({ matched: 100, updatedAt: T + 999 }), [undefined, left(900, null)]);
  assert.deepEqual(at({ matched: 100, updatedAt: T + 2_000 }), [50, left(900, 18)]);
  assert.deepEqual(at({ matched: 100, updatedAt: T + 2_000, pace: 5 }), [undefined, left(900, null)]);
  assert.deepEqual(at({ matched: 100, updatedAt: T + 2_000, state: "stopped" }), [
    undefined,
    left(900, null),
  ]);
  assert.deepEqual(at({ matched: 1_010, updatedAt: T + 2_000, state: "done" }), [undefined, undefined]);

  const continued = run({ matched: 100, driver: "job_9" }, begun);
  const later = await courseOf(continued, page(100, "job_3"), T + 60_000, of);
  assert.deepEqual([later.since, later.from, later.total], [T + 60_000, 100, 1_000]);
  const going = { matched: 200, driver: "job_9", updatedAt: T + 61_000 };
  assert.deepEqual(at(going, later), [100, left(800, 8)]);
  assert.equal(remainingOf(run({ state: "waiting" })), undefined);
});
