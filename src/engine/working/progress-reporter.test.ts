import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { Progress } from "../../core/job.ts";
import { ProgressReporter } from "./progress-reporter.ts";

function setUp() {
  const clock = new ManualClock();
  const sent: Progress[] = [];
  return { clock, sent, reporter: new ProgressReporter(clock, (progress) => sent.push(progress)) };
}

test("the first word is passed on at once, then the latest a few times a second", () => {
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
  assert.deepEqual(sent.at(-1), { fraction: 1, note: "100 %" }, "the last is not lost");
  clock.advance(10_000);
  assert.equal(sent.length, 6, "nothing is said twice");
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

test("a fraction that is none is refused, and a note is kept short", () => {
  const { sent, reporter } = setUp();
  for (const wrong of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => reporter.report(wrong, undefined), InvalidInputError);
  assert.equal(sent.length, 0);
  reporter.report(1, "x".repeat(10_000));
  assert.deepEqual(
    sent.map(({ note }) => note?.length),
    [500],
  );
});
