import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/clock.ts";
import { WorstEndpoints } from "./worst-endpoints.ts";

test("what was found holds for its time, also once the clock is set back, and not after a failure", async () => {
  let now = 1_000_000;
  let searches = 0;
  let isAway = false;
  const worst = new WorstEndpoints({ ...systemClock, now: () => now }, 5_000, async () => {
    searches++;
    if (isAway) throw new Error("the database is away");
    return ["one", "two"];
  });
  assert.deepEqual(await worst.first(1), ["one"]);
  now += 4_999;
  await worst.first(2);
  assert.equal(searches, 1);
  now += 1;
  await worst.first(2);
  assert.equal(searches, 2);
  now -= 86_400_000;
  await worst.first(2);
  assert.equal(searches, 3);
  now += 5_000;
  isAway = true;
  await assert.rejects(worst.first(2), /away/);
  isAway = false;
  assert.deepEqual(await worst.first(2), ["one", "two"]);
  for (const limit of [0, 21, 1.5]) await assert.rejects(worst.first(limit), /limit/);
});
