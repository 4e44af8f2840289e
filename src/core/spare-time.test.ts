import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SpareTime } from "./spare-time.ts";

const AN_HOUR_MS = 3_600_000;
const BUSY_MS = 4;

/** Keeps the event loop busy until it is told to stop, with turns for others in between. */
function occupy(): { readonly turns: number; stop(): void } {
  let isOver = false;
  const busy = {
    turns: 0,
    stop() {
      isOver = true;
    },
  };
  const turn = async () => {
    while (!isOver) {
      const until = performance.now() + BUSY_MS;
      while (performance.now() < until);
      busy.turns++;
      await nextTurn();
    }
  };
  void turn();
  return busy;
}

test("a step waits as long as others keep the event loop busy", async () => {
  const spareTime = new SpareTime(AN_HOUR_MS);
  const busy = occupy();
  let hasBegun = false;
  const step = spareTime.forNextStep().then(() => {
    hasBegun = true;
  });
  while (busy.turns < 20) await nextTurn();
  assert.equal(hasBegun, false);
  busy.stop();
  await step; // or the test would run into its time limit
});

test("a step waits no longer than it is told to, however busy the event loop is", async () => {
  const busy = occupy();
  await new SpareTime(1).forNextStep();
  busy.stop();
  assert.ok(busy.turns > 0);
});
