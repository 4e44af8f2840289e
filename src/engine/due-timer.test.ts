import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { overlaid } from "../store/overlaid-store.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { DueTimer } from "./due-timer.ts";
import { newJob } from "./test-kit/engine-under-test.ts";
import { RecordedLog } from "./test-kit/recorded-log.ts";
import { quiet } from "./test-kit/turns.ts";

/** A clock that counts the timers it is asked for and still has. */
class CountingClock extends ManualClock {
  pending = 0;

  override after(ms: number, action: () => void): () => void {
    let isOver = false;
    const end = () => {
      if (!isOver) this.pending--;
      isOver = true;
    };
    this.pending++;
    const cancel = super.after(ms, () => {
      end();
      action();
    });
    return () => {
      end();
      cancel();
    };
  }
}

async function dueTimer(context: TestContext, between: (store: Store) => Store = (store) => store) {
  const clock = new CountingClock();
  const real = await openSqliteStore({ file: ":memory:" });
  const log = new RecordedLog();
  const promotions: number[] = [];
  const store = overlaid(real, {
    queue: {
      promote: async (now, limit) => {
        const moved = await between(real).queue.promote(now, limit);
        promotions.push(moved);
        return moved;
      },
    },
  });
  let wakes = 0;
  log.instrument["jobs.promoted"].subscribe(() => wakes++);
  const timer = new DueTimer(store, clock, log.instrument);
  context.after(async () => {
    await timer.stop();
    await real.close();
  });
  return {
    clock,
    timer,
    log,
    promotions,
    wakes: () => wakes,
    async schedule(runAt: number, count = 1): Promise<void> {
      const enqueues = Array.from({ length: count }, () => ({ job: newJob(clock.now(), { runAt }) }));
      await real.queue.commit({ now: clock.now(), enqueues, settlements: [], claim: undefined });
    },
    async pass(ms: number): Promise<void> {
      clock.advance(ms);
      await quiet();
    },
  };
}

test("without scheduled jobs no timer is set", async (context) => {
  const { timer, clock } = await dueTimer(context);
  await timer.start();
  assert.equal(clock.pending, 0);
});

test("one timer is set, to the next due time, and then to the one after", async (context) => {
  const { timer, clock, schedule, pass, promotions } = await dueTimer(context);
  const now = clock.now();
  await schedule(now + 5_000);
  await schedule(now + 60_000);
  await timer.start();
  assert.equal(clock.pending, 1);
  await pass(4_999);
  assert.deepEqual(promotions, []);
  await pass(1);
  assert.deepEqual(promotions, [1]);
  assert.equal(clock.pending, 1);
  await pass(55_000);
  assert.deepEqual(promotions, [1, 1]);
  assert.equal(clock.pending, 0);
});

test("an earlier job moves the timer, a later one does not", async (context) => {
  const { timer, clock, schedule, pass, promotions, wakes } = await dueTimer(context);
  const now = clock.now();
  await schedule(now + 5_000);
  await timer.start();
  for (const runAt of [now + 9_000, now + 1_000, now + 2_000]) {
    await schedule(runAt);
    timer.note(runAt);
    assert.equal(clock.pending, 1);
  }
  await pass(1_000);
  assert.deepEqual(promotions, [1]);
  assert.equal(wakes(), 1);
  for (const ms of [1_000, 3_000, 4_000]) await pass(ms);
  assert.deepEqual(promotions, [1, 1, 1, 1]);
});

test("a herd is moved in batches, with turns for other work between", async (context) => {
  let turns = 0;
  const turnsAt: number[] = [];
  const { timer, clock, schedule, promotions, wakes } = await dueTimer(context, (store) => {
    turnsAt.push(turns);
    return store;
  });
  await schedule(clock.now() + 1_000, 1_200);
  await timer.start();
  clock.advance(1_000);
  for (; promotions.length < 3 && turns < 100; turns++) await new Promise(setImmediate);
  assert.deepEqual(promotions, [500, 500, 200]);
  assert.equal(wakes(), 3);
  assert.equal(new Set(turnsAt).size, 3);
});

test("a job that falls due while others are promoted is not forgotten", async (context) => {
  const held = Promise.withResolvers<void>();
  let calls = 0;
  const { timer, clock, schedule, pass, promotions } = await dueTimer(context, (store) =>
    overlaid(store, {
      queue: {
        promote: async (now, limit) => {
          if (++calls === 1) await held.promise;
          return store.queue.promote(now, limit);
        },
      },
    }),
  );
  const now = clock.now();
  await schedule(now + 1_000);
  await timer.start();
  await pass(1_000);
  timer.note(now + 1_500);
  await schedule(now + 1_500);
  await schedule(now + 60_000);
  await pass(500);
  held.resolve();
  await quiet();
  await pass(0);
  assert.deepEqual(promotions, [1, 1]);
  await pass(58_500);
  assert.deepEqual(promotions, [1, 1, 1]);
});

test("jobs that fell due while nothing ran are promoted at the start", async (context) => {
  const { timer, clock, schedule, promotions } = await dueTimer(context);
  await schedule(clock.now() + 1_000, 3);
  clock.advance(60_000);
  await timer.start();
  assert.deepEqual(promotions, [3]);
});

test("when the clock is set back, the timer is set again", async (context) => {
  const { timer, clock, schedule, pass, promotions } = await dueTimer(context);
  const now = clock.now.bind(clock);
  await schedule(now() + 5_000);
  await timer.start();
  let behindMs = 3_000;
  clock.now = () => now() - behindMs;
  await pass(5_000);
  assert.deepEqual(promotions, [0]);
  await pass(3_000);
  assert.deepEqual(promotions, [0, 1]);
  behindMs = 0;
});

test("when the clock is set forward, a look at it finds what is due", async (context) => {
  const { timer, clock, schedule, promotions } = await dueTimer(context);
  const now = clock.now.bind(clock);
  await schedule(now() + 5_000);
  await timer.start();
  clock.now = () => now() + 3_600_000;
  await timer.refresh();
  assert.deepEqual(promotions, [1]);
});

test("a job that another process scheduled is found by a look", async (context) => {
  const { timer, clock, schedule, pass, promotions } = await dueTimer(context);
  await timer.start();
  await schedule(clock.now() + 5_000);
  await timer.refresh();
  await pass(5_000);
  assert.deepEqual(promotions, [1]);
});

test("when the database fails, due jobs are tried again after a second", async (context) => {
  let isDown = true;
  const { timer, clock, schedule, pass, promotions, log } = await dueTimer(context, (store) =>
    overlaid(store, {
      queue: {
        promote: (now, limit) =>
          isDown ? Promise.reject(new Error("no disk")) : store.queue.promote(now, limit),
      },
    }),
  );
  await schedule(clock.now() + 5_000);
  await timer.start();
  await pass(5_000);
  assert.deepEqual(log.lines, ["error: due jobs could not be promoted; trying again"]);
  isDown = false;
  await pass(999);
  assert.deepEqual(promotions, []);
  await pass(1);
  assert.deepEqual(promotions, [1]);
});

test("a stopped timer promotes nothing more", async (context) => {
  const { timer, clock, schedule, pass, promotions } = await dueTimer(context);
  await schedule(clock.now() + 5_000);
  await timer.start();
  await timer.stop();
  timer.note(clock.now() + 1_000);
  assert.equal(clock.pending, 0);
  await pass(10_000);
  assert.deepEqual(promotions, []);
});
