import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { Rhythm } from "./rhythm.ts";
import { RecordedLog } from "./test-kit/recorded-log.ts";
import { quiet } from "./test-kit/turns.ts";

function rhythm(round: () => Promise<void>) {
  const clock = new ManualClock();
  const log = new RecordedLog();
  const pass = async (ms: number) => {
    clock.advance(ms);
    await quiet();
  };
  return { log, pass, it: new Rhythm(clock, log.instrument, 1_000, round) };
}

test("a round is played every so often, the first after one period", async () => {
  let rounds = 0;
  const { it, pass } = rhythm(async () => void rounds++);
  it.start();
  await pass(999);
  assert.equal(rounds, 0);
  for (let second = 0; second < 5; second++) await pass(1_000);
  assert.equal(rounds, 5);
  await it.stop();
});

test("a long round is not started again meanwhile", async () => {
  let rounds = 0;
  const held = Promise.withResolvers<void>();
  const { it, pass } = rhythm(() => {
    rounds++;
    return held.promise;
  });
  it.start();
  for (let second = 0; second < 5; second++) await pass(1_000);
  assert.equal(rounds, 1);
  held.resolve();
  await quiet();
  await pass(1_000);
  assert.equal(rounds, 2);
  await it.stop();
});

test("a round that fails is logged, and the next one is played", async () => {
  let rounds = 0;
  const { it, pass, log } = rhythm(() => {
    rounds++;
    if (rounds === 1) throw new Error("thrown");
    return rounds === 2 ? Promise.reject(new Error("rejected")) : Promise.resolve();
  });
  it.start();
  for (let second = 0; second < 3; second++) await pass(1_000);
  assert.equal(rounds, 3);
  assert.equal(log.lines.length, 2);
  await it.stop();
});

test("stop waits for the round under way, and it is the last", async () => {
  let rounds = 0;
  const held = Promise.withResolvers<void>();
  const { it, pass } = rhythm(() => {
    rounds++;
    return held.promise;
  });
  it.start();
  await pass(1_000);
  let hasStopped = false;
  const stopped = it.stop().then(() => {
    hasStopped = true;
  });
  await quiet();
  assert.equal(hasStopped, false);
  held.resolve();
  await stopped;
  await pass(10_000);
  assert.equal(rounds, 1);
});

test("a rhythm that was never started stops immediately", async () => {
  await rhythm(async () => {}).it.stop();
});

test("rhythms of one clock are played together, whenever they were started", async () => {
  const clock = new ManualClock();
  const { instrument } = new RecordedLog();
  const rounds: number[] = [];
  const note = async () => void rounds.push(clock.now());
  const rhythms = [1_000, 1_000, 500].map((everyMs) => new Rhythm(clock, instrument, everyMs, note));
  for (const each of rhythms) {
    each.start();
    clock.advance(130);
  }
  for (let passed = 0; passed < 4_000; passed += 10) {
    clock.advance(10);
    await quiet();
  }
  assert.deepEqual(new Set(rounds.map((at) => (at - (rounds[0] ?? 0)) % 500)), new Set([0]));
  await Promise.all(rhythms.map((each) => each.stop()));
});
