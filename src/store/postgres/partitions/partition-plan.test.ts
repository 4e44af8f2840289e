import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS } from "../../../core/duration.ts";
import { boundsOf, firstUuidAt, type Span, spanOf, suffixOf, timeOf } from "./partition-bounds.ts";
import { cutAhead, DAYS_AHEAD, daysMissing, mergeEmpty, oldOnes } from "./partition-plan.ts";

const TODAY = Date.UTC(2026, 1, 28);
const NOW = TODAY + 5_000_000;
const EVERYTHING: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

function days(from: number, count: number): Span[] {
  return Array.from({ length: count }, (_, n) => ({
    from: from + n * DAY_MS,
    to: from + (n + 1) * DAY_MS,
  }));
}

test("what was never cut becomes the past, today and the next days, and the future", () => {
  const recut = cutAhead([EVERYTHING], NOW);
  assert.deepEqual(recut?.pieces.map(suffixOf), [
    "past",
    "20260228",
    "20260301",
    "20260302",
    "20260303",
    "future",
  ]);
  assert.equal(daysMissing([EVERYTHING], NOW), DAYS_AHEAD + 1);
  assert.equal(daysMissing(recut?.pieces ?? [], NOW), 0);
  assert.equal(cutAhead(recut?.pieces ?? [], NOW), undefined);
});

test("a day later, one day is cut from the future; after ten days that nobody cut, they are one", () => {
  const pieces = cutAhead([EVERYTHING], NOW)?.pieces ?? [];
  assert.deepEqual(cutAhead(pieces, NOW + DAY_MS)?.pieces.map(suffixOf), ["20260304", "future"]);
  const late = cutAhead(pieces, NOW + 10 * DAY_MS);
  assert.deepEqual(late?.pieces.map(suffixOf), [
    "20260304",
    "20260310",
    "20260311",
    "20260312",
    "20260313",
    "future",
  ]);
});

test("adjacent empty partitions are merged, with those that are in use between left as they are", () => {
  const [a, b, c, d, e] = days(TODAY - 5 * DAY_MS, 5);
  assert.ok(a && b && c && d && e);
  const merged = (inUse: Span) => mergeEmpty([a, b, c, d, e], (each) => each !== inUse);
  assert.deepEqual(merged(b), { old: [c, d, e], pieces: [{ from: c.from, to: e.to }] });
  assert.deepEqual(merged(e), { old: [a, b, c, d], pieces: [{ from: a.from, to: d.to }] });
  assert.deepEqual(merged(d)?.old, [a, b, c]);
  assert.equal(
    mergeEmpty([a, b], (each) => each === b),
    undefined,
  );
  assert.equal(mergeEmpty(days(0, 900), () => true)?.old.length, 20);
});

test("today and yesterday are not old", () => {
  assert.deepEqual(oldOnes(days(TODAY - 3 * DAY_MS, 8), NOW), days(TODAY - 3 * DAY_MS, 2));
});

test("a span is read from the catalog as it was written, and UUIDs are told their time", () => {
  for (const span of [EVERYTHING, ...days(TODAY, 1), { from: EVERYTHING.from, to: TODAY }]) {
    const catalog = boundsOf(span).replace(/from|to|m..value/g, (word) => word.toUpperCase());
    assert.deepEqual(spanOf(`FOR VALUES ${catalog}`), span);
  }
  assert.equal(spanOf("DEFAULT"), undefined);
  assert.equal(timeOf(firstUuidAt(NOW)), NOW);
});
