import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { z } from "zod";
import {
  ConfigurationError,
  discard,
  InvalidInputError,
  JobNotFoundError,
  request,
  retryAt,
  schedule,
  snooze,
  type TaskContext,
  task,
} from "../src/posthorn.ts";
import { gate, LONG, open } from "./support/posthorn.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

test("a result is kept with its job, and typed by its task", async (t) => {
  const add = task("add", {
    input: z.object({ a: z.number(), b: z.number() }),
    run: ({ a, b }) => ({ sum: a + b }),
  });
  const posthorn = await open(t, { tasks: [add] });
  const { jobId } = await posthorn.enqueue(add, { a: 1, b: 2 });
  const { status, result, attempts } = await posthorn.result(add, jobId, LONG);
  assert.deepEqual([status, result?.sum, attempts], ["succeeded", 3, 1]);
  await assert.rejects(posthorn.result(task("another"), jobId), JobNotFoundError);
});

test("without a page, the newest fifty jobs are listed, and a job's last attempts", async (t) => {
  const posthorn = await open(t, { worker: false });
  const idle = task("idle");
  const { jobIds } = await posthorn.enqueueMany(Array.from({ length: 60 }, () => request(idle, null)));
  const newest = jobIds.slice(10).reverse();
  const listed = await posthorn.jobs.list();
  assert.deepEqual(
    listed.map(({ id }) => id),
    newest,
  );
  assert.deepEqual(await posthorn.jobs.attempts(jobIds[0] ?? ""), []);
});

test("wrong input is refused when it is enqueued, and nothing is kept", async (t) => {
  const strict = task("strict", { input: z.object({ id: z.string() }), run() {} });
  const posthorn = await open(t, { tasks: [strict] });
  const wrong = { id: 7 } as unknown as { id: string };
  await assert.rejects(posthorn.enqueue(strict, wrong), (error) => {
    assert.ok(error instanceof InvalidInputError);
    assert.deepEqual(error.problems[0]?.path, ["id"]);
    return true;
  });
  await assert.rejects(
    posthorn.enqueueMany([request(strict, { id: "1" }), request(strict, wrong)]),
    (error) => error instanceof InvalidInputError && error.message.startsWith("1.id: "),
  );
  assert.deepEqual(await posthorn.jobs.list({}, { limit: 10 }), []);
});

const quick = { attempts: 2, backoff: { delays: [1], jitter: 0 } };

test("a job whose stored input does not fit the task here fails when its attempts are used up, and says so", async (t) => {
  const database = scratchDatabase();
  const before = await open(t, { database, worker: false });
  const { jobId } = await before.enqueue(task("send", { retry: quick }), { to: "ann" });
  await before.close();
  const send = task("send", { retry: quick, input: z.object({ address: z.string() }), run() {} });
  const after = await open(t, { database, tasks: [send] });
  const { status, error, attempts } = await after.result(send, jobId, LONG);
  assert.deepEqual([status, attempts], ["failed", 2]);
  assert.match(error ?? "", /^the stored input does not fit the task here: address: /);
});

test("a job of a newer release survives an older worker that gets it first", async (t) => {
  const database = scratchDatabase();
  const older = task("send", { retry: quick, input: z.object({ to: z.string() }), run() {} });
  const newer = task("send", { retry: quick, input: z.object({ to: z.array(z.string()) }), run() {} });
  const producer = await open(t, { database, worker: false });
  const retry = { attempts: 100, backoff: { delays: [100] } };
  const { jobId } = await producer.enqueue(newer, { to: ["ann"] }, { retry });
  const worker = await open(t, { database, tasks: [older] });
  await until("the older worker has tried it", async () => (await producer.jobs.attempts(jobId)).length > 0);
  await worker.close();
  const deployed = await open(t, { database, tasks: [newer] });
  assert.equal((await deployed.result(newer, jobId, LONG)).status, "succeeded");
});

test("what a handler throws is retried after the task's backoff, until attempts are used up", async (t) => {
  const seen: number[] = [];
  const flaky = task<{ fails: number }>("flaky", {
    retry: { attempts: 3, backoff: { delays: [1], jitter: 0 } },
    run({ fails }, { attempt }) {
      seen.push(attempt);
      if (attempt <= fails) throw new Error(`attempt ${attempt} broke`);
    },
  });
  const posthorn = await open(t, { tasks: [flaky] });
  const repaired = await posthorn.enqueue(flaky, { fails: 2 });
  assert.equal((await posthorn.result(flaky, repaired.jobId, LONG)).status, "succeeded");
  assert.deepEqual(seen, [1, 2, 3]);
  const hopeless = await posthorn.enqueue(flaky, { fails: 9 });
  const job = await posthorn.result(flaky, hopeless.jobId, LONG);
  assert.deepEqual([job.status, job.attempts, job.error], ["failed", 3, "attempt 3 broke"]);
  const attempts = await posthorn.jobs.attempts(hopeless.jobId, { limit: 10 });
  assert.deepEqual(
    attempts.map(({ error }) => error),
    ["attempt 3 broke", "attempt 2 broke", "attempt 1 broke"],
  );
});

test("a job's own retry and timeout go before its task's", async (t) => {
  const hangs = task("hangs", {
    retry: { attempts: 9 },
    run: async (_: null, { signal }) => void (await once(signal, "abort")),
  });
  const stubborn = task("stubborn", {
    run: async (_: null, { signal }) => {
      await once(signal, "abort");
      signal.throwIfAborted();
    },
  });
  const posthorn = await open(t, { tasks: [hangs, stubborn] });
  const options = { timeout: 100, retry: { attempts: 1 } };
  // it obeyed its signal and ended successfully: that counts
  const heeded = await posthorn.enqueue(hangs, null, options);
  assert.equal((await posthorn.result(hangs, heeded.jobId, LONG)).status, "succeeded");
  const timedOut = await posthorn.enqueue(stubborn, null, options);
  const { status, error } = await posthorn.result(stubborn, timedOut.jobId, LONG);
  assert.deepEqual([status, error], ["failed", "timed out after 100 ms"]);
});

test("retryAt, discard and snooze do what they say", async (t) => {
  let snoozes = 0;
  const moody = task<string>("moody", {
    retry: { attempts: 2, backoff: { initial: "1h" } },
    run(mood, { attempt }) {
      if (mood === "discard") return discard("no use");
      if (mood === "retryAt" && attempt === 1) return retryAt(1, "busy");
      if (mood === "snooze" && snoozes++ < 3) return snooze(1);
      return undefined;
    },
  });
  const posthorn = await open(t, { tasks: [moody] });
  const ended = async (mood: string) => {
    const { jobId } = await posthorn.enqueue(moody, mood);
    const { status, attempts, error } = await posthorn.result(moody, jobId, LONG);
    return [status, attempts, error];
  };
  assert.deepEqual(await ended("discard"), ["failed", 1, "no use"]);
  assert.deepEqual(await ended("retryAt"), ["succeeded", 2, null]);
  assert.deepEqual(await ended("snooze"), ["succeeded", 1, null]);
});

test("a definition without its handler is shared with producers; posthorn.work brings the handler", async (t) => {
  const database = scratchDatabase();
  const resize = task<{ width: number }, { ok: boolean }>("resize");
  const producer = await open(t, { database, worker: false });
  const { jobId } = await producer.enqueue(resize, { width: 7 });
  await producer.close();
  const posthorn = await open(t, { database });
  posthorn.work(resize, ({ width }) => ({ ok: width === 7 }));
  assert.deepEqual((await posthorn.result(resize, jobId, LONG)).result, { ok: true });
  assert.throws(() => posthorn.work(resize, () => ({ ok: false })), ConfigurationError);
  assert.throws(() => posthorn.work(task("resize"), () => {}), ConfigurationError);
});

test("a job without a handler waits, costs no attempt, and runs when there is one", async (t) => {
  const later = task("later");
  const posthorn = await open(t);
  const { jobId } = await posthorn.enqueue(later, 1);
  const { status, attempts } = await posthorn.result(later, jobId);
  assert.deepEqual([status, attempts], ["queued", 0]);
  posthorn.work(later, () => {});
  assert.equal((await posthorn.result(later, jobId, LONG)).attempts, 1);
});

test("another reader sees how far a job has come", async (t) => {
  const database = scratchDatabase();
  const { opens, open: letEnd } = gate();
  const long = task("long", {
    async run(_: null, { progress }) {
      progress(0.25, "a quarter");
      await opens;
    },
  });
  const posthorn = await open(t, { database, tasks: [long] });
  const reader = await open(t, { database, worker: false });
  const { jobId } = await posthorn.enqueue(long, null);
  const progress = await until(
    "it has said so",
    async () => (await reader.jobs.get(jobId)).progress ?? false,
  );
  assert.deepEqual(progress, { fraction: 0.25, note: "a quarter" });
  letEnd();
  assert.equal((await posthorn.result(long, jobId, LONG)).progress, null);
});

test("a handler is told what it runs for", async (t) => {
  const seen: TaskContext[] = [];
  const curious = task("curious", { run: (_: null, context) => void seen.push(context) });
  const posthorn = await open(t, { tasks: [curious] });
  const { jobId } = await posthorn.enqueue(curious, null, { key: "k", lane: "l" });
  await posthorn.result(curious, jobId, LONG);
  const { job, attempt, signal } = seen[0] ?? assert.fail("it did not run");
  assert.deepEqual(
    [job?.id, job?.task, job?.lane, job?.key, job?.groupId, job?.maxAttempts, attempt, signal.aborted],
    [jobId, "curious", "l", "k", undefined, 5, 1, false],
  );
});

describe("invalid settings are refused when Posthorn is opened", () => {
  const wrong: [why: string, options: object, named: RegExp][] = [
    ["an unknown option", { retries: 3 }, /openPosthorn: retries: is unknown; valid names are database, /],
    ["duplicateKeys", { duplicateKeys: "ignore" }, /duplicateKeys/],
    ["two tasks of one name", { tasks: [task("twin"), task("twin")] }, /twin/],
    [
      "a schedule's cron expression",
      { schedules: [schedule("s", { cron: "now and then", task: task("t"), input: null })] },
      /now and then/,
    ],
    [
      "an unknown option of a schedule",
      { schedules: [schedule("s", { cron: "@daily", task: task("t"), input: null, mised: "all" } as never)] },
      /schedule\.s\.mised/,
    ],
    [
      "a schedule's own moment",
      {
        schedules: [
          schedule("s", { cron: "@daily", task: task("t"), input: null, options: { delay: "1s" } as object }),
        ],
      },
      /schedule\.s\.options\.delay/,
    ],
  ];
  for (const [why, options, named] of wrong) {
    test(why, async (t) => {
      await assert.rejects(open(t, options), named);
    });
  }
});
