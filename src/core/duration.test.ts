import assert from "node:assert/strict";
import { test } from "node:test";
import { type Duration, durationText, parseDuration } from "./duration.ts";
import { InvalidInputError } from "./errors.ts";

test("durations are milliseconds, or strings of parts with units", () => {
  const cases: [Duration, number][] = [
    [0, 0],
    [1500, 1500],
    [1.4, 1],
    [1.5, 2],
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["1m1ms", 60_001],
    ["0.25ms", 0],
    ["36525d", 36_525 * 86_400_000],
  ];
  for (const [value, ms] of cases) assert.equal(parseDuration(value), ms, JSON.stringify(value));
});

test("an invalid duration is refused with the field's path and a hint how to write one", () => {
  const bad: (number | string)[] = [
    "",
    "5",
    "s",
    "5 s",
    " 5s",
    "-5s",
    "5S",
    "5w",
    "1.s",
    ".5s",
    "1e3s",
    "5s,",
    "PT5S",
    "五s",
  ];
  bad.push(
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    `${"9".repeat(400)}d`,
    null as unknown as number,
    10n as unknown as number,
  );
  for (const value of bad) {
    assert.throws(
      () => parseDuration(value, ["options", "timeout"]),
      (thrown) => {
        assert.ok(thrown instanceof InvalidInputError, String(value));
        assert.deepEqual(thrown.problems[0]?.path, ["options", "timeout"]);
        assert.match(thrown.message, /^options\.timeout: .* is not a duration; write it like 500ms/);
        return true;
      },
    );
  }
});

test("past 100 years no moment may be left to count to", () => {
  for (const value of ["36526d", Number.MAX_SAFE_INTEGER]) {
    assert.throws(() => parseDuration(value), /is too long; at most 100 years/);
  }
});

test("a number is shown as it is written", () => {
  assert.throws(() => parseDuration(Number.NaN), /NaN is not a duration/);
});

test("a long string that is almost a duration is refused quickly", () => {
  assert.throws(() => parseDuration(`${"1".repeat(100_000)}x`), InvalidInputError);
  assert.throws(() => parseDuration(`${"1s".repeat(50_000)}x`), InvalidInputError);
});

test("a duration written out is the same to the second, in the units that it is given in", () => {
  for (const [ms, text] of [
    [0, "0s"],
    [1_400, "1s"],
    [7_500_000, "2h5m"],
    [86_400_000, "1d"],
    [176_461_000, "2d1h1m1s"],
  ] as const) {
    assert.equal(durationText(ms), text);
    assert.ok(Math.abs(parseDuration(text) - ms) <= 500);
  }
});

test("a duration in other words does not compile", () => {
  const claims = (..._: Duration[]) => {};
  claims(0, "500ms", "30s", "1.5h", "1h30m", "1d12h", "2d1h1m1s1ms");
  // @ts-expect-error: the unit is one letter
  claims("30 seconds");
  // @ts-expect-error: it has no unit
  claims("30");
  // @ts-expect-error: there are no weeks
  claims("2w");
  // @ts-expect-error: the largest unit comes first
  claims("30m1h");
  // @ts-expect-error: it is empty
  claims("");
  // @ts-expect-error: a string from elsewhere may be anything
  claims("30s" as string);
});
