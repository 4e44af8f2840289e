import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { Instrument } from "../../observe/instrument.ts";
import type { FailedAlike } from "../../store/shelves/statistics/failure-groups.ts";
import { quiet } from "../test-kit/turns.ts";
import { FailureCount } from "./failure-count.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

function counted() {
  const clock = new ManualClock(0);
  const instrument = new Instrument();
  const writes: (readonly FailedAlike[])[] = [];
  const shelf = {
    isAway: false,
    async add(some: readonly FailedAlike[]) {
      if (shelf.isAway) throw new Error("away");
      writes.push(some);
    },
  };
  const hours = {
    forgotBefore: [] as number[],
    async forget(before: number) {
      hours.forgotBefore.push(before);
      return false;
    },
  };
  const count = new FailureCount({ shelf, hours, clock, instrument });
  count.start();
  const fail = (fingerprint: string, lane = "mail", message = "it broke") =>
    instrument["failure.recorded"].publish({
      ...{ jobId: "job_1", task: "mail.send", lane, tenant: null, fingerprint, kind: "error", message },
    });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await quiet();
  };
  const total = () => writes.flat().reduce((all, { n }) => all + n, 0);
  return { shelf, hours, clock, count, writes, fail, pass, total };
}

test("a thousand failures of one kind in a second are written once, and without failures nothing is written", async () => {
  const { fail, pass, writes, count } = counted();
  for (let n = 0; n < 1_000; n++) fail("aa", "mail", `it broke ${n}`);
  fail("bb");
  await pass(SECOND);
  assert.equal(writes.length, 1);
  assert.deepEqual(
    writes[0]?.map(({ fingerprint, n, sample }) => [fingerprint, n, sample]),
    [
      ["aa", 1_000, "it broke 999"],
      ["bb", 1, "it broke"],
    ],
  );
  for (let n = 0; n < 5; n++) await pass(SECOND);
  assert.equal(writes.length, 1);
  await count.stop();
  assert.equal(writes.length, 1);
});

test("errors that all differ make a bounded number of groups, and none of them is lost", async () => {
  const { fail, pass, writes, total, count, hours } = counted();
  for (let n = 0; n < 10_000; n++) fail(`of one lane ${n}`);
  for (let n = 0; n < 10_000; n++) fail(`of many ${n}`, `lane ${n}`);
  await pass(SECOND);
  assert.equal(total(), 20_000);
  const groups = writes.flat();
  assert.equal(groups.filter(({ lane }) => lane === "mail").length, 51);
  assert.equal(groups.find(({ lane }) => lane === "")?.n, 10_000 - 1_950);
  assert.ok(writes.every((some) => some.length <= 100));
  await pass(HOUR);
  assert.deepEqual(hours.forgotBefore, [300 * SECOND - 25 * HOUR], "hours are kept for a day");
  fail("another");
  await count.stop();
  assert.equal(writes.at(-1)?.[0]?.fingerprint, "another");
});

test("what could not be written is written later, with what has failed since", async () => {
  const { shelf, fail, pass, writes, count } = counted();
  shelf.isAway = true;
  fail("aa");
  await pass(SECOND);
  fail("aa");
  shelf.isAway = false;
  await pass(SECOND);
  assert.deepEqual(
    writes.flat().map(({ n, firstAt, lastAt }) => [n, firstAt, lastAt]),
    [[2, 0, SECOND]],
  );
  fail("bb");
  await count.stop();
  assert.equal(writes.length, 2);
});
