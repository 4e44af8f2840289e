import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "./server-clock.ts";

test("a clock that is about the database's own changes no time", () => {
  const clock = new ServerClock();
  clock.observe(10_400, 10_000, 10_020);
  assert.deepEqual([clock.toServer(5), clock.fromServer(5)], [5, 5]);
});

test("times of a machine whose clock is an hour late are the database's on their way in, its own on their way out", () => {
  const clock = new ServerClock();
  clock.observe(3_600_000 + 10_010, 10_000, 10_020);
  assert.equal(clock.toServer(20_000), 3_620_000);
  assert.equal(clock.fromServer(3_620_000), 20_000);
  assert.equal(clock.fromServerIf(null), null);
});

test("an answer that took long says nothing about a difference that is smaller", () => {
  const clock = new ServerClock();
  clock.observe(12_000, 10_000, 16_000);
  assert.equal(clock.toServer(1), 1);
});

test("a clock that was set right is noticed by the next look", () => {
  const clock = new ServerClock();
  clock.observe(100_000, 0, 0);
  clock.observe(100_000, 100_000, 100_000);
  assert.equal(clock.toServer(1), 1);
});
