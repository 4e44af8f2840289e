import assert from "node:assert/strict";
import { test } from "node:test";
import { atInput, inWords, ofInput, relative, span } from "./times.ts";

test("a moment goes into an input and comes out as it was, in UTC and in this machine's zone", () => {
  const text = "2026-11-28T14:02:00.000Z";
  for (const isUtc of [true, false]) assert.equal(ofInput(atInput(Date.parse(text), isUtc), isUtc), text);
  assert.equal(atInput(Date.parse(text), true), "2026-11-28T14:02");
  assert.deepEqual([atInput(Number.NaN, true), ofInput("", true)], ["", ""]);
});

test("a duration of the API is spelled out", () => {
  assert.deepEqual(["400d", "1d", "58d12h", "1m30s"].map(inWords), [
    ...["400 days", "1 day", "58 days 12 hours", "1 minute 30 seconds"],
  ]);
});

test("spans and distances are short", () => {
  const spans = [38, 4_600, 38_000, 720_000, 11_100_000, 180_000_000];
  assert.deepEqual(spans.map(span), ["38 ms", "4.6 s", "38 s", "12 min", "3 h 5 min", "2 d"]);
  const distances = [4_600, 0, -4_600, -180_000];
  assert.deepEqual(
    distances.map((away) => relative(1_000_000 + away, 1_000_000)),
    ["in 4 s", "now", "4 s ago", "3 min ago"],
  );
});
