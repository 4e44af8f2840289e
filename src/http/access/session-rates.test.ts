import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { RateLimitedError } from "../../core/errors.ts";
import type { Capability } from "../../webhooks/portal/capabilities.ts";
import type { Caller } from "./permission.ts";
import { SessionRates } from "./session-rates.ts";

function setUp() {
  const clock = new ManualClock(0);
  const rates = new SessionRates(clock);
  const actor = { name: "somebody", via: "portal" } as const;
  /** How long it has to wait; 0 when it was let through. */
  const wait = (used: Capability, tenant: string, capabilities?: readonly Capability[]) => {
    const caller: Caller = {
      id: "a",
      actor,
      payloads: "full",
      reach: { tenant },
      ...(capabilities && { capabilities }),
    };
    try {
      rates.take(caller, used);
      return 0;
    } catch (error) {
      assert.ok(error instanceof RateLimitedError);
      return error.retryAfterSeconds;
    }
  };
  return { clock, wait };
}

test("the sessions of a tenant send thirty examples at once, then one every two seconds; another tenant's as many", () => {
  const { clock, wait } = setUp();
  const session = (tenant: string) => wait("test", tenant, ["test"]);
  assert.deepEqual(new Set(Array.from({ length: 30 }, () => session("a"))), new Set([0]));
  assert.deepEqual([session("a"), session("a"), session("b")], [2, 2, 0]);
  clock.advance(2_000);
  assert.deepEqual([session("a"), session("a")], [0, 2]);
});

test("replays, redeliveries and examples are counted apart; what sends nothing is not limited, and neither are keys", () => {
  const { wait } = setUp();
  const waits = (used: Capability, n: number) =>
    Array.from({ length: n }, () => wait(used, "a", [used])).filter((seconds) => seconds > 0).length;
  assert.deepEqual([waits("replay", 32), waits("retry", 122), waits("test", 30)], [2, 2, 0]);
  assert.equal(waits("view", 1_000), 0);
  assert.equal(wait("replay", "a"), 0, "it has no capabilities, because it is a key");
});
