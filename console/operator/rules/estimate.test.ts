import assert from "node:assert/strict";
import { test } from "node:test";
import { allTake, laneTakes } from "./estimate.ts";

const lane = (n: number, rate: number | null, seconds: number | null = 1) => ({
  ...{ lane: "a", n, rate, seconds },
});

test("a lane's jobs take as long as the pace says, or the lane's own rate if that is lower", () => {
  assert.equal(laneTakes(lane(500, null)), 10_000);
  assert.equal(laneTakes(lane(500, null), 5), 100_000);
  assert.equal(laneTakes(lane(500, 2), 5), 250_000);
  assert.equal(laneTakes(lane(500, 80), 5), 100_000);
  assert.equal(laneTakes(lane(500, null, null)), undefined, "what sends nothing has no pace");
});

test("a run takes as long as the lane that takes longest", () => {
  assert.equal(allTake([lane(500, null), lane(10, 0.5)]), 20_000);
  assert.equal(allTake([lane(500, null, null)]), undefined);
  assert.equal(allTake([]), undefined);
});
