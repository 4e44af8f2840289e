import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

const NOW = 1_000_000;

/** A pace after so many attempts of the lane, one after the other, each as long. */
function after(count: number, ms: number, pace = new Pace()): Pace {
  for (let n = 1; n <= count; n++) pace.ended("lane", ms, NOW - (count - n) * ms);
  return pace;
}

test("for each quick job that runs three may wait, for each of a tenth of a second one, for a long one none", () => {
  const ahead = [1, 30, 50, 100, 1_000, 20_000].map((ms) => Math.floor(after(5, ms).aheadOfEach("lane")));
  assert.deepEqual(ahead, [3, 3, 2, 1, 0, 0]);
});

test("nothing is claimed ahead of a lane of which nothing has ended", () => {
  assert.equal(after(5, 1).aheadOfEach("other"), 0);
});

test("all that waits together is what ends within the tenth of a second, and no more than three for each slot", () => {
  assert.equal(after(1_000, 1).aheadOfAll(4, NOW), 12);
  const steady = after(1_000, 10).aheadOfAll(64, NOW);
  assert.ok(steady >= 9 && steady <= 11, `${steady}`);
  assert.equal(after(1_000, 10).aheadOfAll(64, NOW + 2_000), 0, "and nothing once it has stopped");
});

test("where claims take long, more may wait, so that slots do not wait for the database", () => {
  const pace = after(5, 100);
  for (let n = 0; n < 50; n++) pace.claimTook(60);
  assert.equal(Math.floor(pace.aheadOfEach("lane")), 2);
  for (let n = 0; n < 50; n++) pace.claimTook(10_000);
  assert.equal(
    Math.floor(after(5, 500, pace).aheadOfEach("lane")),
    1,
    "but never what begins later than in half a second",
  );
});

test("a lane that had a job wait in vain counts as slow until many have ended quickly", () => {
  const pace = after(5, 1);
  pace.waitedInVain("lane");
  assert.equal(Math.floor(after(5, 1, pace).aheadOfEach("lane")), 0);
  assert.equal(Math.floor(after(30, 1, pace).aheadOfEach("lane")), 3);
});

test("of a lane that is not in hand, as many may be claimed ahead as of those that were before", () => {
  assert.equal(new Pace().aheadByDefault, 0);
  assert.equal(after(5, 1).aheadByDefault, 3);
  assert.equal(Math.floor(after(5, 20_000).aheadByDefault), 0);
});

test("it remembers a thousand lanes, those that it learnt about last", () => {
  const pace = new Pace();
  for (let n = 0; n <= 1_000; n++) pace.ended(`lane ${n}`, 1, NOW);
  assert.deepEqual([pace.aheadOfEach("lane 0"), pace.aheadOfEach("lane 1")], [0, 3]);
});
