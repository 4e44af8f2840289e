import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LaneLimits } from "../task.ts";
import { LaneLimiter, shareOf } from "./lane-limiter.ts";

const NOW = 1_700_000_000_000;
const SPAN = 1_000;

function limitedTo(laneLimits: LaneLimits) {
  return { name: "task", laneLimits };
}

function fleetOf(size: number): LaneLimiter[] {
  return Array.from({ length: size }, (_, rank) => {
    const limiter = new LaneLimiter();
    limiter.fleet = { placeFor: () => ({ size, rank }) };
    return limiter;
  });
}

test("the parts of a limit add up to it, and none differs from another by more than one", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 50 }), fc.nat(2 ** 32 - 1), (limit, size, turn) => {
      const shares = Array.from({ length: size }, (_, rank) => shareOf(limit, { size, rank }, turn));
      assert.equal(
        shares.reduce((sum, share) => sum + share),
        limit,
      );
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }),
  );
});

test("what cannot be divided goes to one worker for one lane, and to another for another", () => {
  const workers = fleetOf(3);
  const parts = workers.map(() => 0);
  for (let n = 0; n < 300; n++) {
    const lane = `lane ${n}`;
    workers.forEach((worker, rank) => {
      worker.learn(lane, limitedTo({ concurrency: 1 }), NOW);
      parts[rank] = (parts[rank] ?? 0) + worker.mostRunning(lane);
    });
  }
  assert.equal(
    parts.reduce((sum, part) => sum + part),
    300,
  );
  for (const part of parts) assert.ok(part > 60, `${part} of 300 lanes`);
});

test("a lane that no task limits may do as it likes", () => {
  const limiter = new LaneLimiter();
  assert.equal(limiter.isNeeded, false);
  limiter.learn("other", limitedTo({ concurrency: 1, rate: { limit: 1, perMs: SPAN } }), NOW);
  assert.equal(limiter.isNeeded, true);
  assert.deepEqual(
    [limiter.mostRunning("lane"), limiter.mayBegin("lane", NOW), limiter.waitMs("lane", NOW)],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0],
  );
});

/** Steps on: how long until the next job comes, and which worker of the fleet it comes to. */
const arrivals = fc.array(fc.record({ afterMs: fc.nat(600), worker: fc.nat(2) }), { maxLength: 80 });

test("however jobs come, no more begin in any span than the rate, over all workers", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 3 }),
      arrivals,
      (limit, size, steps) => {
        const workers = fleetOf(size);
        for (const worker of workers) worker.learn("lane", limitedTo({ rate: { limit, perMs: SPAN } }), NOW);
        const begun: number[] = [];
        let now = NOW;
        for (const { afterMs, worker: at } of steps) {
          now += afterMs;
          const worker = workers[at % size];
          if (!worker || worker.mayBegin("lane", now) <= 0) continue;
          worker.began("lane", now);
          begun.push(now);
        }
        for (const [n, at] of begun.entries()) assert.ok((begun[n + limit] ?? now + SPAN) - at >= SPAN);
      },
    ),
  );
});

test("the wait that is told is as long as it takes, and no longer", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(300), { maxLength: 20 }), (limit, gaps) => {
      const limiter = new LaneLimiter();
      limiter.learn("lane", limitedTo({ rate: { limit, perMs: SPAN } }), NOW);
      let now = NOW;
      for (const gap of gaps) {
        now += gap;
        const waitMs = limiter.waitMs("lane", now);
        assert.equal(waitMs === 0, limiter.mayBegin("lane", now) > 0);
        if (waitMs > 0) assert.equal(limiter.mayBegin("lane", now + waitMs - 1), 0);
        now += waitMs;
        assert.ok(limiter.mayBegin("lane", now) > 0);
        limiter.began("lane", now);
      }
    }),
  );
});

test("a worker without a part in a rate never begins, and waits for nothing but another fleet", () => {
  const without = fleetOf(2).find((worker) => {
    worker.learn("lane", limitedTo({ rate: { limit: 1, perMs: SPAN } }), NOW);
    return worker.mayBegin("lane", NOW) === 0;
  });
  assert.ok(without);
  assert.equal(without.waitMs("lane", NOW + 1_000 * SPAN), Number.POSITIVE_INFINITY);
  without.fleet = { placeFor: () => ({ size: 1, rank: 0 }) };
  assert.equal(without.waitMs("lane", NOW), 0);
});

test("when a worker joins, what has begun counts against the smaller part", () => {
  const limiter = new LaneLimiter();
  limiter.learn("lane", limitedTo({ rate: { limit: 4, perMs: SPAN } }), NOW);
  for (const ms of [0, 100, 200]) limiter.began("lane", NOW + ms);
  limiter.fleet = { placeFor: () => ({ size: 2, rank: 0 }) };
  assert.equal(limiter.mayBegin("lane", NOW + 300), 0);
  assert.equal(limiter.waitMs("lane", NOW + 300), 800, "until one of two is left");
});

test("a clock set back by hours holds a lane up for no more than its span", () => {
  const limiter = new LaneLimiter();
  limiter.learn("lane", limitedTo({ rate: { limit: 1, perMs: SPAN } }), NOW);
  limiter.began("lane", NOW);
  const back = NOW - 3 * 3_600_000;
  assert.equal(limiter.waitMs("lane", back), SPAN);
  assert.equal(limiter.waitMs("lane", back + SPAN), 0);
});

test("limits of lanes long unseen are forgotten, but never what still counts against a rate", () => {
  const limiter = new LaneLimiter();
  const rate = { limit: 1, perMs: 60_000 };
  for (let n = 0; n < 20; n++) {
    limiter.learn(`kept ${n}`, limitedTo({ rate }), NOW);
    limiter.began(`kept ${n}`, NOW);
  }
  for (let n = 0; n < 5_000; n++) limiter.learn(`lane ${n}`, limitedTo({ concurrency: 1, rate }), NOW);
  for (let n = 0; n < 20; n++) assert.equal(limiter.mayBegin(`kept ${n}`, NOW), 0);
  assert.ok([...limiter.lanes()].length <= 1_020);
  assert.equal(limiter.mostRunning("lane 0"), Number.POSITIVE_INFINITY, "forgotten");
  for (let n = 0; n < 2_000; n++) limiter.learn(`later ${n}`, limitedTo({ concurrency: 1 }), NOW + 60_000);
  assert.ok([...limiter.lanes()].length <= 1_000);
});
