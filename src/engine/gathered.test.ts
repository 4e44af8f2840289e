import assert from "node:assert/strict";
import { test } from "node:test";

import { ManualClock } from "../core/clock.ts";
import { Instrument } from "../observe/instrument.ts";
import { Gathered } from "./gathered.ts";
import { quiet } from "./test-kit/turns.ts";

function setUp() {
  const [clock, instrument] = [new ManualClock(), new Instrument()];
  const written: [string, number][][] = [];
  const state = { isAway: false, reported: 0 };
  instrument["step.failed"].subscribe(() => state.reported++);
  const gathered = new Gathered<number>({
    ...{ clock, instrument, step: "count failures" },
    join: (before, next) => before + next,
    async write(all) {
      if (state.isAway) throw new Error("the database is away");
      written.push([...all]);
    },
  });
  gathered.start();
  const pass = async (ms: number) => {
    clock.advance(ms);
    await quiet();
  };
  return { gathered, written, state, pass };
}

test("what is gathered is written at once, then once a second, added up by key", async () => {
  const { gathered, written, pass } = setUp();
  gathered.add("a", 1);
  await pass(0);
  assert.deepEqual(written, [[["a", 1]]]);
  for (let n = 0; n < 100; n++) gathered.add(n % 2 ? "a" : "b", 1);
  await pass(400);
  assert.equal(written.length, 1);
  await pass(2_000);
  assert.deepEqual(written.slice(1), [
    [
      ["b", 50],
      ["a", 50],
    ],
  ]);
  await pass(5_000);
  assert.equal(written.length, 2, "and nothing while there is nothing");
  await gathered.stop();
});

test("what could not be written is kept, with what came meanwhile", async () => {
  const { gathered, written, state, pass } = setUp();
  state.isAway = true;
  gathered.add("a", 1);
  await pass(0);
  gathered.add("a", 2);
  await pass(2_000);
  assert.ok(state.reported >= 2);
  state.isAway = false;
  await pass(2_000);
  assert.deepEqual(written, [[["a", 3]]]);
  await gathered.stop();
});

test("the rest is written when it stops", async () => {
  const { gathered, written } = setUp();
  gathered.add("a", 1);
  gathered.add("b", 1);
  await gathered.stop();
  assert.deepEqual(written.flat(), [
    ["a", 1],
    ["b", 1],
  ]);
});
