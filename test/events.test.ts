import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, discard, openPosthorn, silentLog, task } from "../src/posthorn.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

test("each failed attempt passes on the error itself, and the job's end is announced once", async (t) => {
  const boom = new Error("boom", { cause: { status: 502 } });
  const fails = task<{ how: string }>("fails", {
    retry: { attempts: 2, backoff: { initial: "1s" } },
    run: ({ how }) => {
      if (how === "throws") throw boom;
      return how === "gives up" ? discard("no such customer") : undefined;
    },
  });
  const posthorn = await openTestPosthorn({ tasks: [fails] });
  t.after(() => posthorn.close());
  const told: unknown[] = [];
  posthorn.on("attempt.failed", ({ jobId, task, attempt, error, isThrown, message, retryAt }) =>
    told.push({ jobId, task, attempt, isBoom: error === boom, isThrown, message, retries: !!retryAt }),
  );
  posthorn.on("job.failed", ({ jobId, error, attempts, message }) =>
    told.push({ jobId, failedAfter: attempts, isError: error instanceof Error, message }),
  );
  posthorn.on("job.succeeded", ({ jobId, attempts }) => told.push({ jobId, succeededAfter: attempts }));

  const { jobId: throws } = await posthorn.enqueue(fails, { how: "throws" });
  await posthorn.drain();
  await posthorn.clock.advance("2s");
  await posthorn.drain();
  const { jobId: givesUp } = await posthorn.enqueue(fails, { how: "gives up" });
  const { jobId: ends } = await posthorn.enqueue(fails, { how: "ends" });
  await posthorn.drain();

  const message = 'boom: {"status":502}';
  const attempt = { task: "fails", isBoom: true, isThrown: true, message };
  assert.deepEqual(told, [
    { jobId: throws, ...attempt, attempt: 1, retries: true },
    { jobId: throws, ...attempt, attempt: 2, retries: false },
    { jobId: throws, failedAfter: 2, isError: true, message },
    {
      jobId: givesUp,
      task: "fails",
      attempt: 1,
      isBoom: false,
      isThrown: false,
      message: "no such customer",
      retries: false,
    },
    { jobId: givesUp, failedAfter: 1, isError: true, message: "no such customer" },
    { jobId: ends, succeededAfter: 1 },
  ]);
});

test("a listener that throws is logged once, and nothing else suffers", async (t) => {
  const lines: string[] = [];
  const line = (_: unknown, message: string) => void lines.push(message);
  const log = { ...silentLog, error: line };
  const works = task<object>("works", { run: () => "done" });
  const posthorn = await openPosthorn({ database: scratchDatabase(), tasks: [works], log, drainTimeout: 0 });
  t.after(() => posthorn.close());
  const heard: string[] = [];
  posthorn.on("job.succeeded", () => {
    throw new Error("thrown");
  });
  posthorn.on("job.succeeded", async () => {
    throw new Error("rejected");
  });
  const stop = posthorn.on("job.succeeded", ({ jobId }) => heard.push(jobId));
  const first = await posthorn.enqueue(works, {});
  const second = await posthorn.enqueue(works, {});
  await until("both are heard of", () => heard.length === 2);
  stop();
  const third = await posthorn.enqueue(works, {});
  await until("it has ended", async () => (await posthorn.jobs.get(third.jobId)).status === "succeeded");
  assert.deepEqual(new Set(heard), new Set([first.jobId, second.jobId]));
  assert.deepEqual(lines, ["a listener threw an error", "a listener threw an error"]);
});

test("an unknown event is refused by name, and so is a listener that is not a function", async (t) => {
  const posthorn = await openTestPosthorn();
  t.after(() => posthorn.close());
  const on = posthorn.on as (event: string, listener: unknown) => void;
  assert.throws(
    () => on("job.fialed", () => {}),
    /no event "job.fialed" to listen to; valid events are attempt.failed/,
  );
  assert.throws(() => on("job.failed", {}), ConfigurationError);
});
