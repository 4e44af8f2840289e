import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { StoreUnavailableError } from "../core/errors.ts";
import { Instrument } from "../observe/instrument.ts";
import { overlaid } from "../store/overlaid-store.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { Endings } from "./endings.ts";
import { newJob } from "./test-kit/engine-under-test.ts";
import { quiet } from "./test-kit/turns.ts";

async function waits(context: TestContext, between: (store: Store) => Store = (store) => store) {
  const clock = new ManualClock();
  const real = await openSqliteStore({ file: ":memory:" });
  context.after(() => real.close());
  let looks = 0;
  const store = between(
    overlaid(real, {
      records: {
        get: (id) => {
          looks++;
          return real.records.get(id);
        },
      },
    }),
  );
  const job = newJob(clock.now());
  await real.queue.commit({ now: clock.now(), enqueues: [{ job }], settlements: [], claim: undefined });
  const instrument = new Instrument();
  const endings = new Endings(store, clock, instrument);
  return {
    endings,
    announce: (jobId: string) => instrument["job.cancelled"].publish({ jobId, task: "mail" }),
    change: (jobId: string) => instrument["job.scheduled"].publish({ jobId, runAt: 0 }),
    isListening: () => instrument["job.cancelled"].isHeard,
    clock,
    id: job.id,
    cancel: () => real.byHand.cancel(job.id, clock.now()),
    /** How many jobs are still waited for. */
    async waitedFor(): Promise<number> {
      looks = 0;
      await endings.look();
      return looks;
    },
  };
}

/** Says when the promise has resolved. */
function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  return state;
}

test("a wait lasts until the job's end is announced, for everyone who waits", async (context) => {
  const { endings, id, waitedFor, announce } = await waits(context);
  const both = [watch(endings.ended(id, 1_000)), watch(endings.ended(id, 9_000))];
  announce("job_other");
  await quiet();
  assert.deepEqual(both, [{ done: false }, { done: false }]);
  announce(id);
  await quiet();
  assert.deepEqual(both, [{ done: true }, { done: true }]);
  assert.equal(await waitedFor(), 0);
});

test("a wait is over when its time is", async (context) => {
  const { endings, id, clock, waitedFor } = await waits(context);
  const short = watch(endings.ended(id, 1_000));
  const long = watch(endings.ended(id, 2_000));
  clock.advance(999);
  await quiet();
  assert.equal(short.done, false);
  clock.advance(1);
  await quiet();
  assert.deepEqual([short.done, long.done], [true, false]);
  assert.equal(await waitedFor(), 1);
  clock.advance(1_000);
  await quiet();
  assert.equal(await waitedFor(), 0);
});

test("a wait is over when its signal is aborted, before or during it", async (context) => {
  const { endings, id, waitedFor } = await waits(context);
  await endings.ended(id, 1_000, AbortSignal.abort());
  const controller = new AbortController();
  const wait = endings.ended(id, 1_000, controller.signal);
  await quiet();
  controller.abort();
  await wait;
  assert.equal(await waitedFor(), 0);
});

test("waits leave nothing behind on a signal that outlives them", async (context) => {
  const { endings, id, clock } = await waits(context);
  const { signal } = new AbortController();
  const wait = endings.ended(id, 1_000, signal);
  clock.advance(1_000);
  await wait;
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a job that ended before the call is not waited for, nor is one that does not exist", async (context) => {
  const { endings, id, cancel, waitedFor } = await waits(context);
  await cancel();
  await endings.ended(id, 1_000);
  await endings.ended("job_unknown", 1_000);
  assert.equal(await waitedFor(), 0);
});

test("a job that another process ended is found by a look", async (context) => {
  const { endings, id, cancel } = await waits(context);
  const wait = watch(endings.ended(id, 1_000));
  await endings.look();
  await quiet();
  assert.equal(wait.done, false);
  await cancel();
  await endings.look();
  await quiet();
  assert.equal(wait.done, true);
});

test("a watch lasts until it is stopped, and stopping it twice ends no other", async (context) => {
  const { endings, id, announce, change, isListening } = await waits(context);
  const calls: string[] = [];
  const stopFirst = endings.watch(id, () => calls.push("first"));
  change(id);
  announce(id);
  change("job_other");
  assert.deepEqual(calls, ["first", "first"]);
  stopFirst();
  const stopSecond = endings.watch(id, () => calls.push("second"));
  stopFirst();
  await endings.look();
  assert.deepEqual(
    calls.slice(2),
    ["second"],
    "a look tells it too, because others may have changed the job",
  );
  stopSecond();
  await endings.look();
  assert.equal(calls.length, 3);
  assert.equal(isListening(), false, "nobody watches any more");
});

test("a watcher may stop its watch and begin another while it is called", async (context) => {
  const { endings, id, change } = await waits(context);
  let calls = 0;
  let stop = () => {};
  const again = () => {
    calls++;
    stop();
    stop = endings.watch(id, again);
  };
  stop = endings.watch(id, again);
  change(id);
  await endings.look();
  assert.equal(calls, 2);
});

test("when the database cannot be asked, the wait fails and leaves nothing behind", async (context) => {
  let isDown = true;
  const { endings, id, waitedFor } = await waits(context, (store) =>
    overlaid(store, {
      records: {
        get: (jobId) =>
          isDown ? Promise.reject(new StoreUnavailableError("gone")) : store.records.get(jobId),
      },
    }),
  );
  await assert.rejects(endings.ended(id, 1_000), StoreUnavailableError);
  isDown = false;
  assert.equal(await waitedFor(), 0);
});
