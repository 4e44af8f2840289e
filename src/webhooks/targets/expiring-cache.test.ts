import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { ExpiringCache } from "./expiring-cache.ts";

test("an entry is forgotten when its time is up", () => {
  const clock = new ManualClock();
  const cache = new ExpiringCache<number>(10, clock);
  cache.set("a", 1, 1_000);
  clock.advance(999);
  assert.equal(cache.get("a"), 1);
  clock.advance(1);
  assert.equal(cache.get("a"), undefined);
});

test("past the limit the entry used least recently goes", () => {
  const cache = new ExpiringCache<number>(2, new ManualClock());
  cache.set("a", 1, 1_000);
  cache.set("b", 2, 1_000);
  cache.get("a");
  cache.set("c", 3, 1_000);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], [1, undefined, 3]);
});

test("a clock that was set back makes nothing last longer", () => {
  let now = 10_000_000;
  const cache = new ExpiringCache<number>(2, { now: () => now, after: () => () => {} });
  cache.set("a", 1, 1_000);
  now -= 5_000_000;
  assert.equal(cache.get("a"), undefined);
});
