import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Instrument } from "./instrument.ts";

test("an event reaches everyone who listens, in their order, until they stop", () => {
  const { pruned } = new Instrument();
  const heard: string[] = [];
  const stop = pruned.subscribe(({ what, count }) => heard.push(`first ${count} ${what}`));
  pruned.subscribe(({ count }) => heard.push(`second ${count}`));
  pruned.publish({ what: "jobs", count: 1 });
  stop();
  stop();
  pruned.publish({ what: "jobs", count: 2 });
  assert.deepEqual(heard, ["first 1 jobs", "second 1", "second 2"]);
});

test("a channel says whether anyone listens, so that no event is built for nothing", () => {
  const { pruned } = new Instrument();
  assert.equal(pruned.isHeard, false);
  const stop = pruned.subscribe(() => {});
  assert.equal(pruned.isHeard, true);
  stop();
  assert.equal(pruned.isHeard, false);
});

test("a listener may stop listening, and another begin, while an event is on its way", () => {
  const { pruned } = new Instrument();
  const heard: string[] = [];
  const stop = pruned.subscribe(() => {
    heard.push("first");
    stop();
    pruned.subscribe(() => heard.push("late"));
  });
  pruned.subscribe(() => heard.push("second"));
  pruned.publish({ what: "jobs", count: 1 });
  assert.deepEqual(heard, ["first", "second"]);
  pruned.publish({ what: "jobs", count: 1 });
  assert.deepEqual(heard, ["first", "second", "second", "late"]);
});

test("an error that a listener throws affects neither the publisher nor other listeners, and is reported once", async () => {
  const instrument = new Instrument();
  const failures: unknown[] = [];
  instrument["listener.failed"].subscribe((failure) => failures.push(failure));
  const error = new Error("thrown");
  const rejected = new Error("rejected");
  const heard: number[] = [];
  instrument.pruned.subscribe(() => {
    throw error;
  });
  instrument.pruned.subscribe(() => Promise.reject(rejected));
  instrument.pruned.subscribe(({ count }) => heard.push(count));
  for (const count of [1, 2]) instrument.pruned.publish({ what: "jobs", count });
  await nextTurn();
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(failures, [
    { event: "pruned", error },
    { event: "pruned", error: rejected },
  ]);
});

test("one that listens to failing listeners may fail as well", () => {
  const instrument = new Instrument();
  const failures: string[] = [];
  const fail = () => {
    throw new Error("thrown");
  };
  instrument["listener.failed"].subscribe(fail);
  instrument["listener.failed"].subscribe(({ event }) => failures.push(event));
  instrument.pruned.subscribe(fail);
  for (const count of [1, 2]) instrument.pruned.publish({ what: "jobs", count });
  assert.deepEqual(failures.sort(), ["listener.failed", "pruned"]);
});
