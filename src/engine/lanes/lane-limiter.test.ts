import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fleet } from "../fleet/fleet.ts";
import type { LaneLimits } from "../task.ts";
import { ControlledTask } from "../test-kit/controlled-task.ts";
import { leasedJob } from "../test-kit/leased-job.ts";
import { LaneLimiter, shareOf } from "./lane-limiter.ts";

const NOW = 1_700_000_000_000;
const SPAN = 1_000;

const TASK = new ControlledTask("task");

function learn(limiter: LaneLimiter, lane: string, limits: LaneLimits, now = NOW): void {
  limiter.learn(lane, limits, TASK, leasedJob({ lane }), now);
}

function fleetOf(size: number): LaneLimiter[] {
  const members = Array.from({ length: size }, (_, n) => ({ id: `wrk_${n}`, tasks: [TASK.name] }));
  return members.map(({ id }) => {
    const limiter = new LaneLimiter();
    limiter.fleet = new Fleet(
      id,
      members.filter((other) => other.id !== id),
    );
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

test("what cannot be divided goes to one worker for one lane, and to another worker for another lane", () => {
  const workers = fleetOf(3);
  const parts = workers.map(() => 0);
  for (let n = 0; n < 300; n++) {
    const lane = `lane ${n}`;
    workers.forEach((worker, rank) => {
      learn(worker, lane, { concurrency: 1 });
      parts[rank] = (parts[rank] ?? 0) + worker.mostRunning(lane);
    });
  }
  assert.equal(
    parts.reduce((sum, part) => sum + part),
    300,
  );
  for (const part of parts) assert.ok(part > 60, `${part} of 300 lanes`);
});

test("a lane that no task limits has no limit", () => {
  const limiter = new LaneLimiter();
  assert.equal(limiter.isNeeded, false);
  learn(limiter, "other", { concurrency: 1, rate: { limit: 1, perMs: SPAN } });
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
        for (const worker of workers) learn(worker, "lane", { rate: { limit, perMs: SPAN } });
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

test("the wait that is announced is as long as it takes, and no longer", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(300), { maxLength: 20 }), (limit, gaps) => {
      const limiter = new LaneLimiter();
      learn(limiter, "lane", { rate: { limit, perMs: SPAN } });
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
    learn(worker, "lane", { rate: { limit: 1, perMs: SPAN } });
    return worker.mayBegin("lane", NOW) === 0;
  });
  assert.ok(without);
  assert.equal(without.waitMs("lane", NOW + 1_000 * SPAN), Number.POSITIVE_INFINITY);
  without.fleet = new Fleet("wrk_0");
  assert.equal(without.waitMs("lane", NOW), 0);
});

test("when a worker joins, what has begun counts against the smaller part", () => {
  const limiter = new LaneLimiter();
  learn(limiter, "lane", { rate: { limit: 4, perMs: SPAN } });
  for (const ms of [0, 100, 200]) limiter.began("lane", NOW + ms);
  limiter.fleet = new Fleet("wrk_0", [{ id: "wrk_1", tasks: [TASK.name] }]);
  assert.equal(limiter.mayBegin("lane", NOW + 300), 0);
  assert.equal(limiter.waitMs("lane", NOW + 300), 800, "until one of two is left");
});

test("a clock set back by hours holds a lane up for no more than its span", () => {
  const limiter = new LaneLimiter();
  learn(limiter, "lane", { rate: { limit: 1, perMs: SPAN } });
  limiter.began("lane", NOW);
  const back = NOW - 3 * 3_600_000;
  assert.equal(limiter.waitMs("lane", back), SPAN);
  assert.equal(limiter.waitMs("lane", back + SPAN), 0);
});

test("limits of lanes long unseen are forgotten, but never what still counts against a rate", () => {
  const limiter = new LaneLimiter();
  const rate = { limit: 1, perMs: 60_000 };
  for (let n = 0; n < 20; n++) {
    learn(limiter, `kept ${n}`, { rate });
    limiter.began(`kept ${n}`, NOW);
  }
  for (let n = 0; n < 5_000; n++) learn(limiter, `lane ${n}`, { concurrency: 1, rate });
  for (let n = 0; n < 20; n++) assert.equal(limiter.mayBegin(`kept ${n}`, NOW), 0);
  assert.ok([...limiter.lanes()].length <= 1_020);
  assert.equal(limiter.mostRunning("lane 0"), Number.POSITIVE_INFINITY, "forgotten");
  for (let n = 0; n < 2_000; n++) learn(limiter, `later ${n}`, { concurrency: 1 }, NOW + 60_000);
  assert.ok([...limiter.lanes()].length <= 1_000);
});

test("a limit that changes keeps its count, whether it is loosened or tightened", () => {
  const limiter = new LaneLimiter();
  learn(limiter, "lane", { rate: { limit: 4, perMs: SPAN } });
  for (const ms of [0, 100, 200]) limiter.began("lane", NOW + ms);
  learn(limiter, "lane", { concurrency: 7, rate: { limit: 5, perMs: SPAN } }, NOW + 300);
  assert.deepEqual([limiter.mayBegin("lane", NOW + 300), limiter.mostRunning("lane")], [2, 7]);
  assert.equal(limiter.change("lane", { rate: { limit: 2, perMs: SPAN } }), true);
  assert.equal(limiter.mayBegin("lane", NOW + 300), 0);
  assert.equal(limiter.waitMs("lane", NOW + 300), 800, "until one of two is left");
  assert.equal(limiter.change("lane", { rate: { limit: 2, perMs: SPAN } }), false);
  assert.equal(limiter.change("lane", undefined), true);
  assert.equal(limiter.isNeeded, false);
});

test("a high rate is counted in a few numbers, and never exceeded", () => {
  const limiter = new LaneLimiter();
  const limit = 10_000;
  learn(limiter, "lane", { rate: { limit, perMs: 60_000 } });
  const begun: number[] = [];
  for (let now = NOW; now < NOW + 120_000; now += 5) {
    if (limiter.mayBegin("lane", now) <= 0) continue;
    limiter.began("lane", now);
    begun.push(now);
  }
  for (const [n, at] of begun.entries()) assert.ok((begun[n + limit] ?? at + 60_000) - at >= 60_000);
  assert.ok(begun.length >= 1.9 * limit, `${begun.length}`);
});

test("a limit that a fleet cannot divide belongs to one worker: fewer at once than workers, or less than one a second for each", () => {
  const workers = fleetOf(3);
  const rate = { limit: 120, perMs: 60_000 };
  for (const worker of workers) learn(worker, "lane", { concurrency: 2, rate });
  const parts = workers.map((worker) => [worker.mostRunning("lane"), worker.mayBegin("lane", NOW)]);
  assert.deepEqual(parts.sort(), [
    [0, 0],
    [0, 0],
    [2, 120],
  ]);
  for (const worker of workers) learn(worker, "lane", { rate: { limit: 180, perMs: 60_000 } });
  assert.deepEqual(
    workers.map((worker) => worker.mayBegin("lane", NOW)),
    [60, 60, 60],
  );
});
