import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS } from "../../../core/duration.ts";
import { Horizon } from "./horizon.ts";
import { firstUuidAt } from "./partition-bounds.ts";

const TODAY = Date.UTC(2026, 1, 28);
const NOW = TODAY + 5_000_000;

test("a claim looks back to yesterday, and for a minute as far as the oldest job that it met", () => {
  const horizon = new Horizon();
  const yesterday = firstUuidAt(TODAY - DAY_MS);
  assert.equal(horizon.from(NOW), yesterday);
  horizon.reach(firstUuidAt(TODAY - 3 * DAY_MS + 7_000), NOW);
  horizon.reach(firstUuidAt(TODAY - 2 * DAY_MS + 7_000), NOW);
  assert.equal(horizon.from(NOW + 59_000), firstUuidAt(TODAY - 3 * DAY_MS));
  assert.equal(horizon.from(NOW + 60_000), yesterday);
});
