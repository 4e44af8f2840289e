import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { ManualClock } from "../core/clock.ts";
import { silentLog } from "../observe/log.ts";
import { type Handler, runHere } from "./runner.ts";
import type { TaskContext } from "./task-definition.ts";

const signal = new AbortController().signal;
const context: TaskContext = { signal, attempt: 1, job: undefined, log: silentLog, progress() {} };

function outcomeOfRunning(handler: Handler) {
  return runHere(handler, new ManualClock()).run(7, context, 1_000);
}

test("a handler may return at once, promise, or return what is only awaitable", async () => {
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: as lazy queries have it
    then: (resolve: (rows: number) => void) => resolve(3),
  };
  for (const returned of [3, Promise.resolve(3), query, runInNewContext("Promise.resolve(3)")]) {
    assert.deepEqual(await outcomeOfRunning(() => returned), { kind: "succeeded", result: "3" });
  }
});

test("what it throws, at once or later, is its caller's", async () => {
  await assert.rejects(
    outcomeOfRunning(() => {
      throw new RangeError("at once");
    }),
    /at once/,
  );
  await assert.rejects(
    outcomeOfRunning(() => Promise.reject(new Error("later"))),
    /later/,
  );
});
