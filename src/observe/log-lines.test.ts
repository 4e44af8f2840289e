import assert from "node:assert/strict";
import { test } from "node:test";
import { Instrument } from "./instrument.ts";
import type { LogFields } from "./log.ts";
import { writeLogLines } from "./log-lines.ts";

const JOB = {
  ...{ id: "job_1", task: "webhook.deliver", lane: "example.com", attempts: 2 },
  ...{ createdAt: 0, dueAt: 0, startedAt: 0, origin: undefined },
};

/** What is logged of attempts that end so. */
function logged(options?: { readonly successes: boolean }) {
  const lines: [message: string, fields: LogFields][] = [];
  const line = (fields: LogFields, message: string) => void lines.push([message, fields]);
  const instrument = new Instrument();
  writeLogLines(instrument, { info: line, warn: line, error: line }, options);
  const ended = (outcome: "succeeded" | "failed", kind: string, durationMs: number) =>
    instrument["attempt.ended"].publish({ job: JOB, outcome, kind, durationMs });
  return { instrument, lines, ended };
}

test("a failed attempt has one line, with its class, its duration, and when it is retried", () => {
  const { instrument, lines, ended } = logged();
  ended("failed", "5xx", 12_000);
  instrument["attempt.failed"].publish({
    ...{ jobId: "job_1", task: "webhook.deliver", lane: "example.com", attempt: 2 },
    ...{ error: new Error("it answered 503"), isThrown: false, message: "it answered 503" },
    ...{ class: "5xx", code: 503, durationMs: 12_000, retryAt: new Date(9_000), traceId: "0af7" },
  });
  assert.deepEqual(lines, [
    [
      "an attempt failed",
      {
        ...{
          job: "job_1",
          task: "webhook.deliver",
          lane: "example.com",
          attempt: 2,
          class: "5xx",
          code: 503,
        },
        ...{ durationMs: 12_000, error: "it answered 503", retryAt: new Date(9_000), trace_id: "0af7" },
      },
    ],
  ]);
});

test("attempts that succeed have a line where that is wanted, and deliveries that were slow always", () => {
  const told = (options?: { readonly successes: boolean }) => {
    const { lines, ended } = logged(options);
    ended("succeeded", "2xx", 20);
    ended("succeeded", "2xx", 5_000);
    ended("succeeded", "ok", 60_000);
    return lines.map(([message, { class: kind, durationMs }]) => `${message}: ${kind}, ${durationMs} ms`);
  };
  assert.deepEqual(told(), ["a delivery was slow: 2xx, 5000 ms"]);
  assert.deepEqual(told({ successes: true }), [
    "an attempt succeeded: 2xx, 20 ms",
    "a delivery was slow: 2xx, 5000 ms",
    "an attempt succeeded: ok, 60000 ms",
  ]);
});
