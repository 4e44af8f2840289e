import assert from "node:assert/strict";
import { test } from "node:test";
import { type Duration, parseDuration } from "./duration.ts";
import { InvalidInputError } from "./errors.ts";

test("durations are milliseconds, or text of parts with units", () => {
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
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ];
  for (const [value, ms] of cases) assert.equal(parseDuration(value), ms, JSON.stringify(value));
});

test("what is no duration is refused with the field's path and a hint how to write one", () => {
  const bad: Duration[] = [
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
  bad.push(-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, `${"9".repeat(400)}d`);
  for (const value of bad) {
    assert.throws(
      () => parseDuration(value, ["options", "timeout"]),
      (thrown) => {
        assert.ok(thrown instanceof InvalidInputError, JSON.stringify(value));
        assert.deepEqual(thrown.problems[0]?.path, ["options", "timeout"]);
        assert.match(thrown.message, /^options\.timeout: .* is not a duration; write it like 500ms/);
        return true;
      },
    );
  }
});

test("long text that is almost a duration is refused at once", () => {
  assert.throws(() => parseDuration(`${"1".repeat(100_000)}x`), InvalidInputError);
  assert.throws(() => parseDuration(`${"1s".repeat(50_000)}x`), InvalidInputError);
});
