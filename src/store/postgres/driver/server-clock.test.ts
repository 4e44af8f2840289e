import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ServerClock } from "./server-clock.ts";

const HOUR = 3_600_000;

/** Time stands still, however busy the machine is. */
beforeEach(() => {
  const [now, uptime] = [Date.now(), performance.now()];
  mock.method(Date, "now", () => now);
  mock.method(performance, "now", () => uptime);
});
afterEach(() => mock.restoreAll());

function isAbout(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1, `${actual} is not about ${expected}`);
}

/** Says that the database's clock is this far from the machine's. */
function observe(clock: ServerClock, aheadMs: number, tookMs = 0): void {
  const receivedAt = performance.now();
  clock.observe(Date.now() - tookMs / 2 + aheadMs, receivedAt - tookMs, receivedAt);
}

test("a database whose clock is about the machine's own changes nothing", () => {
  const clock = new ServerClock();
  const before = clock.now() - performance.now();
  observe(clock, 400);
  isAbout(clock.now() - performance.now(), before);
});

test("a machine whose clock is hours off has the database's time", () => {
  const clock = new ServerClock();
  observe(clock, 5 * HOUR);
  isAbout(clock.now(), Date.now() + 5 * HOUR);
  observe(clock, -5 * HOUR);
  isAbout(clock.now(), Date.now() - 5 * HOUR);
});

test("an answer that took long says nothing about a difference that is smaller", () => {
  const clock = new ServerClock();
  observe(clock, 3_000, 6_000);
  isAbout(clock.now(), Date.now());
});

test("setting the machine's clock changes nothing, not even until the next look", () => {
  const clock = new ServerClock();
  observe(clock, 0);
  const before = Date.now();
  mock.method(Date, "now", () => before + HOUR);
  isAbout(clock.now(), before);
});

test("a database's clock that was set is noticed by the next look", () => {
  const clock = new ServerClock();
  observe(clock, HOUR);
  observe(clock, 0);
  isAbout(clock.now(), Date.now());
});
