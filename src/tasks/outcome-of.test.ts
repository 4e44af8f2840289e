import assert from "node:assert/strict";
import { test } from "node:test";
import type { Duration } from "../core/duration.ts";
import { InvalidInputError } from "../core/errors.ts";
import { outcomeOf } from "./outcome-of.ts";
import { discard, retryAt, snooze } from "./outcomes.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");

test("what a handler returns is its result, as JSON", () => {
  assert.deepEqual(outcomeOf({ sent: true }, NOW), { kind: "succeeded", result: '{"sent":true}' });
  assert.deepEqual(outcomeOf(null, NOW), { kind: "succeeded", result: "null" });
  assert.deepEqual(outcomeOf(undefined, NOW), { kind: "succeeded" });
});

test("discard fails the job permanently", () => {
  assert.deepEqual(outcomeOf(discard("gone"), NOW), { kind: "failed", error: "gone", retry: false });
});

test("a reason that is not a string is turned into one", () => {
  const gone = new Error("gone") as unknown as string; // as programs without types may give it
  const given = outcomeOf(discard(gone), NOW);
  assert.ok(given.kind === "failed" && !given.retry);
  assert.deepEqual([given.error, given.thrown], ["gone", gone]);
  assert.match(JSON.parse(given.detail ?? "").stack, /^Error: gone\n +at /);
  const failed = outcomeOf(retryAt("1s", gone), NOW);
  assert.ok(failed.kind === "failed" && failed.error === "gone");
});

test("snooze runs it again later", () => {
  assert.deepEqual(outcomeOf(snooze("1m"), NOW), { kind: "snoozed", forMs: 60_000 });
});

test("retryAt takes a span, or a moment by the clock's time; a moment that is over means now", () => {
  const failed = { kind: "failed", error: "busy", retry: true };
  assert.deepEqual(outcomeOf(retryAt("90s", "busy"), NOW), { ...failed, retryInMs: 90_000 });
  assert.deepEqual(outcomeOf(retryAt(new Date(NOW + 5), "busy"), NOW), { ...failed, retryInMs: 5 });
  assert.deepEqual(outcomeOf(retryAt(new Date(NOW - 5), "busy"), NOW), { ...failed, retryInMs: 0 });
});

test("an invalid pause is reported by the function that was given it", () => {
  for (const [named, returned] of [
    ["snooze", snooze("soon" as Duration)],
    ["retryAt", retryAt("soon" as Duration)],
    ["retryAt", retryAt(new Date("never"))],
  ] as const) {
    assert.throws(
      () => outcomeOf(returned, NOW),
      (error) => error instanceof InvalidInputError && error.message.startsWith(`${named}: `),
    );
  }
});

test("a result that cannot be kept fails the job, and does not repeat work that is done", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const returned of [1n, circle, () => {}, Symbol("s"), "x".repeat(262_144)]) {
    const outcome = outcomeOf(returned, NOW);
    assert.ok(outcome.kind === "failed" && !outcome.retry);
    assert.match(outcome.error, /^the handler ended, but its result could not be kept: /);
  }
});
