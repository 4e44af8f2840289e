import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import type { Progress } from "../../core/job.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { ProgressReporter } from "./progress-reporter.ts";

function setUp() {
  const clock = new ManualClock();
  const sent: Progress[] = [];
  const log = new RecordedLog();
  return { clock, sent, log, reporter: new ProgressReporter(clock, log, (progress) => sent.push(progress)) };
}

test("the first report is passed on immediately, then the latest one a few times a second", () => {
  const { clock, sent, reporter } = setUp();
  for (let percent = 0; percent <= 100; percent++) {
    reporter.report(percent / 100, `${percent} %`);
    clock.advance(10);
  }
  assert.deepEqual(
    sent.map(({ note }) => note),
    ["0 %", "24 %", "49 %", "74 %", "99 %"],
  );
  clock.advance(1_000);
  assert.deepEqual(sent.at(-1), { fraction: 1, note: "100 %" }, "the last one is not lost");
  clock.advance(10_000);
  assert.equal(sent.length, 6, "nothing is reported twice");
  reporter.report(0.5, undefined);
  assert.deepEqual(sent.at(-1), { fraction: 0.5, note: null });
});

test("nothing is passed on after the end", () => {
  const { clock, sent, reporter } = setUp();
  reporter.report(0.1, undefined);
  reporter.report(0.2, undefined);
  reporter.stop();
  clock.advance(1_000);
  assert.equal(sent.length, 1);
});

test("progress that is not a number is ignored with one warning, and fails nothing", () => {
  const { sent, log, reporter } = setUp();
  for (const wrong of [Number.NaN, undefined, null, "0.5", 1n, Symbol("half"), Object.create(null)])
    reporter.report(wrong as number, undefined);
  assert.equal(sent.length, 0);
  assert.deepEqual(log.lines, ["warn: progress is left out: it takes a number from 0 to 1"]);
  assert.equal(log.fields[0]?.progress, "NaN");
});

test("a fraction below 0 or above 1 counts as that: sums of fractions end a little above 1", () => {
  const { clock, sent, log, reporter } = setUp();
  let sum = 0;
  for (let twentieth = 0; twentieth < 20; twentieth++) sum += 0.05;
  assert.ok(sum > 1);
  for (const fraction of [-0.1, Number.NEGATIVE_INFINITY, sum, Number.POSITIVE_INFINITY]) {
    reporter.report(fraction, undefined);
    clock.advance(250);
  }
  assert.deepEqual(
    sent.map(({ fraction }) => fraction),
    [0, 0, 1, 1],
  );
  assert.deepEqual(log.lines, []);
});

test("a note is kept short, and made a string whatever it is", () => {
  const { clock, sent, reporter } = setUp();
  for (const note of ["x".repeat(10_000), 42, null, Object.create(null)]) {
    reporter.report(1, note as string);
    clock.advance(250);
  }
  assert.equal(sent[0]?.note?.length, 500);
  assert.deepEqual(
    sent.slice(1, 3).map(({ note }) => note),
    ["42", null],
  );
  assert.equal(typeof sent[3]?.note, "string");
});
