import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { RateLimitedError } from "../../core/errors.ts";
import { EventRates } from "./event-rates.ts";

/** How long one has to wait; 0 when the event was taken. */
function waitOf(rates: EventRates, tenant: string, key = "key_1"): number {
  try {
    rates.take(tenant, key);
    return 0;
  } catch (error) {
    assert.ok(error instanceof RateLimitedError);
    return error.retryAfterSeconds;
  }
}

test("a tenant sends so many events a second, and another tenant as many", () => {
  const clock = new ManualClock(0);
  const rates = new EventRates({ tenantEventsPerSecond: 2 }, clock);
  assert.deepEqual(
    ["a", "a", "a", "b"].map((tenant) => waitOf(rates, tenant)),
    [0, 0, 1, 0],
  );
  clock.advance(500);
  assert.deepEqual(
    ["a", "a"].map((tenant) => waitOf(rates, tenant)),
    [0, 1],
  );
});

test("a key has a quota of the day, after which it waits for the next; what was refused is not counted", () => {
  const clock = new ManualClock(0);
  const rates = new EventRates({ keyEventsPerDay: 2, tenantEventsPerSecond: 1 }, clock);
  assert.deepEqual(
    ["a", "a", "b", "c"].map((tenant) => waitOf(rates, tenant)),
    [0, 1, 0, 86_400],
  );
  assert.equal(waitOf(rates, "c", "key_2"), 0);
  clock.advance(86_400_000);
  assert.equal(waitOf(rates, "c"), 0);
});
