import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { NotFoundError, RateLimitedError } from "../../core/errors.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import { type EventRateOptions, EventRates } from "./event-rates.ts";

/** Tenants are called by a letter, or by that and `app_`; nobody has made those that begin with `?`. */
function setUp(options: EventRateOptions) {
  const clock = new ManualClock(0);
  let lookUps = 0;
  const get = async (name: string): Promise<RegisteredTenant> => {
    lookUps++;
    if (name.startsWith("?")) throw new NotFoundError("tenant", name);
    return { id: `app_${name.replace("app_", "")}` } as RegisteredTenant; // all that is asked for
  };
  const rates = new EventRates(options, { get }, clock);
  /** How long each has to wait; 0 when the event was taken. */
  const waits = async (tenants: readonly string[], key = "key_1") => {
    const found: number[] = [];
    for (const tenant of tenants) {
      const refused = await rates.take(tenant, key).catch((error: unknown) => error);
      if (refused !== undefined) assert.ok(refused instanceof RateLimitedError);
      found.push(refused?.retryAfterSeconds ?? 0);
    }
    return found;
  };
  return { clock, waits, lookUps: () => lookUps };
}

test("a tenant sends its number of events a second, and another tenant as many", async () => {
  const { clock, waits } = setUp({ tenantEventsPerSecond: 2 });
  assert.deepEqual(await waits(["a", "a", "a", "b"]), [0, 0, 1, 0]);
  clock.advance(500);
  assert.deepEqual(await waits(["a", "a"]), [0, 1]);
});

test("a tenant is one, whether its events name it by its uid or by its id, and is rarely looked up", async () => {
  const { clock, waits, lookUps } = setUp({ tenantEventsPerSecond: 2 });
  assert.deepEqual(await waits(["a", "app_a", "a", "app_a"]), [0, 0, 1, 1]);
  assert.equal(lookUps(), 2);
  clock.advance(10_000);
  assert.deepEqual(await waits(["a"]), [0]);
  assert.equal(lookUps(), 3, "its uid may have become another's");
});

test("events for unknown tenants count for their key", async () => {
  const { waits } = setUp({ tenantEventsPerSecond: 1, keyEventsPerSecond: 2 });
  assert.deepEqual(await waits(["?a", "?a", "?b"]), [0, 0, 1]);
});

test("without a limit on tenants, none is looked up", async () => {
  const { waits, lookUps } = setUp({ keyEventsPerSecond: 2 });
  assert.deepEqual(await waits(["a", "b", "a"]), [0, 0, 1]);
  assert.equal(lookUps(), 0);
});

test("a key has a daily quota, after which it waits for the next day; what was refused is not counted", async () => {
  const { clock, waits } = setUp({ keyEventsPerDay: 2, tenantEventsPerSecond: 1 });
  assert.deepEqual(await waits(["a", "a", "b", "c"]), [0, 1, 0, 86_400]);
  assert.deepEqual(await waits(["c"], "key_2"), [0]);
  clock.advance(86_400_000);
  assert.deepEqual(await waits(["c"]), [0]);
});
