import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const YEAR_MS = 366 * 86_400_000;

test("whole seconds are waited in full", () => {
  assert.equal(retryAfterMs("0", NOW), 0);
  assert.equal(retryAfterMs("120", NOW), 120_000);
  assert.equal(retryAfterMs(" 86400 ", NOW), 86_400_000);
});

test("the three forms of an HTTP-date mean the same moment, in whatever time zone this runs", (context) => {
  const zone = process.env.TZ;
  context.after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  for (const other of ["UTC", "America/New_York", "Asia/Kolkata"]) {
    process.env.TZ = other;
    assert.equal(retryAfterMs("Sun, 22 Nov 2026 12:30:00 GMT", NOW), 1_800_000);
    assert.equal(retryAfterMs("Sunday, 22-Nov-26 12:30:00 GMT", NOW), 1_800_000);
    assert.equal(retryAfterMs("Sun Nov 22 12:30:00 2026", NOW), 1_800_000);
    assert.equal(retryAfterMs("Tue Dec  1 12:00:00 2026", NOW), 9 * 86_400_000);
  }
});

test("any moment within a year is read back from its HTTP-date", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: YEAR_MS / 1_000 }), (seconds) => {
      assert.equal(retryAfterMs(new Date(NOW + seconds * 1_000).toUTCString(), NOW), seconds * 1_000);
    }),
  );
});

test("a moment that has passed asks for no pause", () => {
  assert.equal(retryAfterMs("Sun, 06 Nov 1994 08:49:37 GMT", NOW), 0);
  assert.equal(retryAfterMs("Sunday, 06-Nov-94 08:49:37 GMT", NOW), 0);
  assert.equal(retryAfterMs("Sun Nov  6 08:49:37 1994", NOW), 0);
});

test("a two-digit year is at most 50 years ahead, across the turn of a century too", () => {
  assert.equal(retryAfterMs("Sunday, 22-Nov-77 12:00:00 GMT", NOW), 0);
  assert.equal(retryAfterMs("Sunday, 22-Nov-76 12:00:00 GMT", NOW), YEAR_MS);
  const newYearsEve = Date.UTC(2099, 11, 31, 23, 59, 0);
  assert.equal(retryAfterMs("Friday, 01-Jan-00 00:00:00 GMT", newYearsEve), 60_000);
});

test("more than a year counts as a year", () => {
  for (const text of ["31622401", "9".repeat(30), "9".repeat(400), "Sun, 22 Nov 9999 12:00:00 GMT"]) {
    assert.equal(retryAfterMs(text, NOW), YEAR_MS);
  }
});

test("what is neither seconds nor an HTTP-date is as if it were not there", () => {
  const garbage = [
    "",
    " ",
    "-5",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "five",
    "hello 5",
    "120, 120",
    "2026-11-22T12:30:00Z",
    "Sun, 22 Nov 2026 12:30:00",
    "Sun, 22 Nov 2026 12:30:00 +0200",
    "Sun, 31 Jun 2026 12:30:00 GMT",
    "Sun, 00 Nov 2026 12:30:00 GMT",
    "Sun, 22 Foo 2026 12:30:00 GMT",
    "Sun, 22 Nov 2026 24:30:00 GMT",
    "Sun, 22 Nov 2026 12:60:00 GMT",
  ];
  for (const text of garbage) assert.equal(retryAfterMs(text, NOW), undefined, JSON.stringify(text));
});

test("whatever a server sends, the pause is a whole number of milliseconds within a year, or none", () => {
  const word = fc.constantFrom(
    "Sun",
    "Sunday",
    ",",
    " ",
    "-",
    "22",
    "Nov",
    "2026",
    "94",
    "12:30:00",
    "GMT",
    "60",
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join("")),
    fc.integer().map(String),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const ms = retryAfterMs(text, NOW);
      assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= YEAR_MS));
    }),
    { numRuns: 1_000 },
  );
});
