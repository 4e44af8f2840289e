import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type RetryPolicy, retryDelayMs } from "./retry-policy.ts";

const POLICY: RetryPolicy = { delaysMs: [5_000, 300_000, 1_800_000], jitter: 0.2 };
const MIDDLE = () => 0.5;

test("delays follow the schedule, and its last one repeats", () => {
  const cases = [
    [1, 5_000],
    [2, 300_000],
    [3, 1_800_000],
    [4, 1_800_000],
    [99, 1_800_000],
  ] as const;
  for (const [failures, ms] of cases) assert.equal(retryDelayMs(POLICY, failures, 0, MIDDLE), ms);
  assert.equal(retryDelayMs({ delaysMs: [], jitter: 0.2 }, 1, 0, MIDDLE), 0);
});

test("jitter spreads a delay to both sides", () => {
  assert.equal(
    retryDelayMs(POLICY, 1, 0, () => 0),
    4_000,
  );
  assert.equal(
    retryDelayMs(POLICY, 1, 0, () => 0.75),
    5_500,
  );
});

test("what the other side asked for goes before a shorter schedule, and not before a longer one", () => {
  assert.equal(
    retryDelayMs(POLICY, 1, 60_000, () => 0),
    60_000,
  );
  assert.equal(retryDelayMs(POLICY, 3, 60_000, MIDDLE), 1_800_000);
});

const policy = fc.record({
  delaysMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 12 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const failures = fc.integer({ min: 1, max: 200 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const asked = fc.integer({ min: 0, max: 30 * 86_400_000 });

test("a delay is whole milliseconds and within the jitter of its place in the schedule", () => {
  fc.assert(
    fc.property(policy, failures, chance, (each, count, random) => {
      const planned = each.delaysMs.at(Math.min(count, each.delaysMs.length) - 1) ?? 0;
      const delay = retryDelayMs(each, count, 0, () => random);
      assert.ok(Number.isSafeInteger(delay));
      assert.ok(
        delay >= Math.floor(planned * (1 - each.jitter)) && delay <= Math.ceil(planned * (1 + each.jitter)),
      );
    }),
  );
});

test("a delay is never shorter than what was asked for, and past a longer schedule by no more than 30 s", () => {
  fc.assert(
    fc.property(policy, failures, asked, chance, (each, count, askedMs, random) => {
      const delay = retryDelayMs(each, count, askedMs, () => random);
      const scheduled = retryDelayMs(each, count, 0, () => random);
      assert.ok(delay >= askedMs && delay >= scheduled);
      assert.ok(delay <= Math.max(scheduled, askedMs + 30_000));
    }),
  );
});

test("a schedule that never falls gives delays that never fall, up to its cap", () => {
  fc.assert(
    fc.property(policy, chance, (each, random) => {
      const rising = { ...each, delaysMs: each.delaysMs.toSorted((a, b) => a - b) };
      const cap = retryDelayMs(rising, 1_000, 0, () => random);
      let last = 0;
      for (let count = 1; count <= 20; count++) {
        const delay = retryDelayMs(rising, count, 0, () => random);
        assert.ok(delay >= last && delay <= cap);
        last = delay;
      }
    }),
  );
});
