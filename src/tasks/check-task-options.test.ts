import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../core/errors.ts";
import { checkTaskOptions } from "./check-task-options.ts";
import type { TaskOptions } from "./task-definition.ts";

/** As a JavaScript program may give them. */
function check(options: object) {
  return checkTaskOptions("t", options as TaskOptions<unknown, unknown>);
}

test("a task without options has the documented defaults", () => {
  const { retry, ...rest } = check({});
  assert.deepEqual(rest, {
    maxAttempts: 5,
    timeoutMs: 900_000,
    delayMs: 0,
    priority: 0,
    laneLimits: undefined,
    retainMs: undefined,
    unique: "live",
  });
  assert.deepEqual(retry.delaysMs.slice(0, 4), [5_000, 10_000, 20_000, 40_000]);
  assert.equal(retry.delaysMs.at(-1), 3_600_000);
  assert.equal(retry.jitter, 0.2);
});

test("pauses grow by their factor up to the longest, or are given one by one", () => {
  const growing = check({ retry: { backoff: { initial: "1s", factor: 3, max: "20s", jitter: 0 } } }).retry;
  assert.deepEqual(growing, { delaysMs: [1_000, 3_000, 9_000, 20_000], jitter: 0 });
  const listed = check({ retry: { backoff: { delays: ["1s", 250] } } }).retry;
  assert.deepEqual(listed, { delaysMs: [1_000, 250], jitter: 0.2 });
  const steady = check({ retry: { backoff: { initial: "7s", factor: 1 } } }).retry;
  assert.deepEqual(steady.delaysMs, [7_000]);
});

test("durations and limits come in the engine's units", () => {
  const options = { timeout: "30s", delay: "1m", retention: "2d", priority: -3 };
  const { timeoutMs, delayMs, retainMs, priority } = check(options);
  assert.deepEqual([timeoutMs, delayMs, retainMs, priority], [30_000, 60_000, 172_800_000, -3]);
  const { laneLimits } = check({ limits: { concurrency: 2, rate: { limit: 10, per: "1s" } } });
  assert.deepEqual(laneLimits, { concurrency: 2, rate: { limit: 10, perMs: 1_000 } });
});

describe("an invalid option is refused by its name", () => {
  const refused: [named: string, options: object][] = [
    ["retires", { retires: 3 }],
    ["retry", { retry: 5 }],
    ["retry", { retry: null }],
    ["retry.backoff", { retry: { backoff: null } }],
    ["retry.backoff.jitter", { retry: { backoff: { initial: "1s", jitter: "0.5" } } }],
    ["limits", { limits: null }],
    ["limits.rate", { limits: { rate: null } }],
    ["retry.backoff", { retry: { backoff: "5s" } }],
    ["limits", { limits: 4 }],
    ["limits.rate", { limits: { rate: 100 } }],
    ["retry.attempt", { retry: { attempt: 3 } }],
    ["retry.attempts", { retry: { attempts: 0 } }],
    ["retry.attempts", { retry: { attempts: 1.5 } }],
    ["retry.backoff.jitter", { retry: { backoff: { initial: "1s", jitter: 2 } } }],
    ["retry.backoff.factor", { retry: { backoff: { initial: "1s", factor: 0.5 } } }],
    ["retry.backoff.initial", { retry: { backoff: { initial: "soon" } } }],
    ["retry.backoff.delays", { retry: { backoff: { delays: [] } } }],
    ["retry.backoff.steps", { retry: { backoff: { initial: "1s", steps: 3 } } }],
    ["timeout", { timeout: "10ms" }],
    ["timeout", { timeout: "8d" }],
    ["delay", { delay: -1 }],
    ["priority", { priority: 101 }],
    ["limits.concurency", { limits: { concurency: 1 } }],
    ["limits.concurrency", { limits: { concurrency: 0 } }],
    ["limits.rate.limit", { limits: { rate: { limit: 0, per: "1s" } } }],
    ["limits.rate.every", { limits: { rate: { limit: 1, per: "1s", every: 2 } } }],
    ["retention", { retention: "forever" }],
    ["run", { run: "run" }],
    ["key", { key: "fixed" }],
    ["unique", { unique: "once" }],
    ["lane", { lane: 7 }],
    ["lane", { lane: "" }],
    ["onSettled", { onSettled: "other-task" }],
    ["thread", { thread: "./heavy.js" }],
    ["thread", { thread: "file:///heavy.js", run() {} }],
  ];
  for (const [named, options] of refused) {
    test(JSON.stringify(options), () => {
      assert.throws(
        () => check(options),
        (error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.ok(error.message.startsWith(`task t: ${named}: `), error.message);
          return true;
        },
      );
    });
  }
});

test("a name is a short word, and not one of Posthorn's own", () => {
  for (const name of ["", " ", "a b", "-a", "é", "a".repeat(101), "webhook.deliver", "webhook."]) {
    assert.throws(() => checkTaskOptions(name, {}), ConfigurationError, name);
  }
  for (const name of ["a", "send-receipt", "orders.paid_2", "webhooks", "a".repeat(100)]) {
    checkTaskOptions(name, {});
  }
});
