import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FieldProblem } from "./errors.ts";
import { collectProblems, instantOf } from "./options.ts";

function read(value: string | Date): number | undefined {
  const problems: FieldProblem[] = [];
  const ms = collectProblems(problems, () => instantOf(value, ["runAt"]));
  assert.deepEqual(
    problems.map(({ path }) => path),
    ms === undefined ? [["runAt"]] : [],
  );
  return ms;
}

test("any moment is read back from its RFC 3339 form, at any offset", () => {
  const moments = fc.date({
    min: new Date("0001-01-02T00:00:00Z"),
    max: new Date("9999-12-30T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moments, fc.integer({ min: -1439, max: 1439 }), (moment, offset) => {
      assert.equal(read(moment.toISOString()), moment.getTime());
      assert.equal(read(moment), moment.getTime());
      const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const zone = `${offset < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
      assert.equal(read(local + zone), moment.getTime());
    }),
  );
});

test("fractions, lower case and leap seconds are read as RFC 3339 has them", () => {
  const noon = Date.UTC(2030, 0, 31, 12);
  assert.equal(read("2030-01-31t12:00:00z"), noon);
  assert.equal(read("2030-01-31T12:00:00.5Z"), noon + 500);
  assert.equal(read("2030-01-31T12:00:00.123456789Z"), noon + 123);
  assert.equal(read("2030-01-31T12:00:00-00:00"), noon);
  assert.equal(read("2016-12-31T23:59:60Z"), Date.UTC(2017, 0, 1));
  assert.equal(read("2028-02-29T00:00:00Z"), Date.UTC(2028, 1, 29));
});

test("what RFC 3339 does not have is refused", () => {
  const refused = [
    "",
    "tomorrow",
    "1893456000",
    "2030-01-31",
    "2030-01-31T12:00:00",
    "2030-01-31 12:00:00Z",
    "2030-01-31T12:00Z",
    "2030-1-31T12:00:00Z",
    "2030-02-30T12:00:00Z",
    "2030-02-29T12:00:00Z",
    "2030-00-10T12:00:00Z",
    "2030-13-10T12:00:00Z",
    "2030-01-00T12:00:00Z",
    "2030-01-32T12:00:00Z",
    "2030-01-31T24:00:00Z",
    "2030-01-31T12:60:00Z",
    "2030-01-31T12:00:61Z",
    "2030-01-31T12:00:00+24:00",
    "2030-01-31T12:00:00+0200",
    " 2030-01-31T12:00:00Z",
    "+012030-01-31T12:00:00Z",
  ];
  for (const text of refused) assert.equal(read(text), undefined, text);
  assert.equal(read(new Date(Number.NaN)), undefined);
});
