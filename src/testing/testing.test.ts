import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import { openRaw, scratchDatabase } from "../../test/support/scratch.ts";
import {
  ConfigurationError,
  discard,
  InvalidInputError,
  JobNotFoundError,
  type Posthorn,
  request,
  retryAt,
  type SettledGroup,
  type SettledJob,
  snooze,
  task,
} from "../posthorn.ts";
import { verify } from "../receiver/verify.ts";
import { openTestPosthorn, type TestPosthornOptions } from "./testing.ts";

const START = "2030-01-01T00:00:00.000Z";

async function open(t: TestContext, options: TestPosthornOptions = {}) {
  const posthorn = await openTestPosthorn({ now: START, ...options });
  t.after(() => posthorn.close());
  return posthorn;
}

const greet = task("greet", {
  input: z.object({ name: z.string() }),
  run: ({ name }) => `hello ${name}`,
});

test("nothing runs before it is drained, and what was enqueued can be looked at", async (t) => {
  const posthorn = await open(t, { tasks: [greet] });
  const { jobId } = await posthorn.enqueue(greet, { name: "ann" }, { key: "k", delay: "1m" });
  assert.deepEqual(posthorn.enqueued(greet), [
    {
      jobId,
      input: { name: "ann" },
      lane: "greet",
      priority: 0,
      key: "k",
      groupId: undefined,
      maxAttempts: 5,
      runAt: new Date("2030-01-01T00:01:00Z"),
    },
  ]);
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 0 });
  await posthorn.clock.advance("59s");
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 0 });
  await posthorn.clock.advance("1s");
  assert.deepEqual(await posthorn.drain(), { succeeded: 1, failed: 0, queued: 0 });
  assert.equal((await posthorn.result(greet, jobId)).result, "hello ann");
});

test("code that takes a Posthorn takes the test kit's", async (t) => {
  const posthorn = await open(t, { tasks: [greet] });
  const ordinary: Posthorn = posthorn; // what `npm run check` compiles is the claim
  await ordinary.enqueue(greet, { name: "ann" });
  const nothing: Promise<void> = ordinary.drain();
  await nothing;
  assert.equal((await posthorn.drain()).queued, 0);
});

test("a job whose key is taken is not enqueued twice", async (t) => {
  const posthorn = await open(t, { tasks: [greet] });
  await posthorn.enqueue(greet, { name: "ann" }, { key: "k" });
  await posthorn.enqueue(greet, { name: "bob" }, { key: "k" });
  assert.equal(posthorn.enqueued(greet).length, 1);
});

test("jobs that jobs make are drained with them, follow-ups and groups included", async (t) => {
  const ends: SettledGroup[] = [];
  const leaf = task<number>("leaf", { run: (n) => n });
  const allDone = task("all-done", { run: (group: SettledGroup) => void ends.push(group) });
  const after = task("after", { run() {} });
  const root = task("root", {
    onSettled: after,
    run: async (n: number) => {
      const requests = Array.from({ length: n }, (_, at) => request(leaf, at));
      await posthorn.enqueueMany(requests, { onSettled: allDone });
    },
  });
  const posthorn = await open(t, { tasks: [root, leaf, allDone, after] });
  const { jobId } = await posthorn.enqueue(root, 20);
  assert.deepEqual(await posthorn.drain(), { succeeded: 23, failed: 0, queued: 0 });
  assert.deepEqual([ends.length, ends[0]?.total, ends[0]?.succeeded], [1, 20, 20]);
  assert.deepEqual(
    posthorn.enqueued(leaf).map(({ input }) => input),
    Array.from({ length: 20 }, (_, at) => at),
  );
  assert.deepEqual(
    posthorn.enqueued(after).map(({ input }) => (input as SettledJob).jobId),
    [jobId],
  );
});

test("retries come exactly when their backoff says, without jitter", async (t) => {
  const moments: string[] = [];
  const flaky = task("flaky", {
    retry: { attempts: 3, backoff: { initial: "10s", jitter: 0.5 } },
    run() {
      moments.push(new Date(posthorn.clock.now()).toISOString());
      throw new Error("broken");
    },
  });
  const posthorn = await open(t, { tasks: [flaky] });
  const { jobId } = await posthorn.enqueue(flaky, undefined);
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 1 });
  await posthorn.clock.advance("10s");
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 1 });
  await posthorn.clock.advance("20s");
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 1, queued: 0 });
  assert.deepEqual(moments, [START, "2030-01-01T00:00:10.000Z", "2030-01-01T00:00:30.000Z"]);
  assert.equal((await posthorn.jobs.get(jobId)).error, "broken");
});

test("retryAt with a moment goes by the test's clock", async (t) => {
  const busy = task("busy", {
    run: (_: null, { attempt }) => (attempt === 1 ? retryAt(new Date("2030-01-01T09:00:00Z")) : "done"),
  });
  const posthorn = await open(t, { tasks: [busy] });
  await posthorn.enqueue(busy, null);
  await posthorn.drain();
  await posthorn.clock.advance("8h59m");
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 0 });
  await posthorn.clock.advance("1m");
  assert.deepEqual(await posthorn.drain(), { succeeded: 1, failed: 0, queued: 0 });
});

test("a handler that runs too long is timed out by the test's clock", async (t) => {
  const begun = Promise.withResolvers<void>();
  const slow = task("slow", {
    timeout: "30s",
    retry: { attempts: 1 },
    async run(_: null, { signal }) {
      begun.resolve();
      await once(signal, "abort");
      signal.throwIfAborted();
    },
  });
  const posthorn = await open(t, { tasks: [slow] });
  const { jobId } = await posthorn.enqueue(slow, null);
  const drained = posthorn.drain();
  await begun.promise;
  await posthorn.clock.advance("30s");
  assert.deepEqual(await drained, { succeeded: 0, failed: 1, queued: 0 });
  assert.equal((await posthorn.jobs.get(jobId)).error, "timed out after 30000 ms");
});

test("jobs run one after the other, by priority, unless more are let run at once", async (t) => {
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const ranked = task("ranked", {
    async run(n: number) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      order.push(n);
    },
  });
  const posthorn = await open(t, { tasks: [ranked] });
  for (const n of [3, 1, 2]) await posthorn.enqueue(ranked, n, { priority: n });
  await posthorn.drain();
  assert.deepEqual([order, most], [[1, 2, 3], 1]);
  const wide = await open(t, { tasks: [ranked], concurrency: 8 });
  for (const n of [1, 2, 3]) await wide.enqueue(ranked, n);
  await wide.drain();
  assert.equal(most, 3);
});

test("a lane's rate holds its jobs until the clock has moved on", async (t) => {
  const limited = task("limited", { limits: { rate: { limit: 2, per: "1m" } }, run() {} });
  const posthorn = await open(t, { tasks: [limited] });
  for (let n = 0; n < 5; n++) await posthorn.enqueue(limited, undefined);
  assert.equal((await posthorn.drain()).succeeded, 2);
  assert.equal((await posthorn.drain()).succeeded, 0);
  await posthorn.clock.advance("61s");
  assert.equal((await posthorn.drain()).succeeded, 2);
  await posthorn.clock.advance("61s");
  assert.equal((await posthorn.drain()).succeeded, 1);
});

test("what has no handler stays queued, and does not hold the rest up", async (t) => {
  const stranger = task<{ n: number }>("stranger");
  const posthorn = await open(t, { tasks: [greet] });
  const { jobId } = await posthorn.enqueue(stranger, { n: 1 });
  await posthorn.enqueue(greet, { name: "ann" });
  assert.deepEqual(await posthorn.drain(), { succeeded: 1, failed: 0, queued: 0 });
  assert.equal((await posthorn.jobs.get(jobId)).status, "queued");
  posthorn.work(stranger, ({ n }) => n);
  assert.equal((await posthorn.drain()).succeeded, 1);
});

test("runNow calls a handler directly, and gives what it returns or throws", async (t) => {
  const moody = task("moody", {
    input: z.object({ mood: z.enum(["discard", "snooze", "throw", "tell"]) }),
    run({ mood }, { attempt, job, progress, log }) {
      progress(0.5);
      log.info({}, "running");
      if (mood === "discard") return discard("no use");
      if (mood === "snooze") return snooze("1m");
      if (mood === "throw") throw new RangeError("out of range");
      return { attempt, task: job?.task, lane: job?.lane };
    },
  });
  const posthorn = await open(t, { tasks: [moody, greet] });
  assert.equal(await posthorn.runNow(greet, { name: "ann" }), "hello ann");
  assert.deepEqual(await posthorn.runNow(moody, { mood: "discard" }), discard("no use"));
  assert.deepEqual(await posthorn.runNow(moody, { mood: "snooze" }), snooze("1m"));
  await assert.rejects(posthorn.runNow(moody, { mood: "throw" }), RangeError);
  const told = { attempt: 3, task: "moody", lane: "moody" };
  assert.deepEqual(await posthorn.runNow(moody, { mood: "tell" }, { attempt: 3 }), told);
  await assert.rejects(posthorn.runNow(greet, {} as { name: string }), InvalidInputError);
  assert.deepEqual(await posthorn.jobs.list({}, { limit: 10 }), []);
});

test("runNow finds handlers that work gave, and those of threads", async (t) => {
  const given = task<number, number>("given");
  const threaded = task<number>("threaded", {
    thread: import.meta.resolve("../tasks/threads/test-kit/where.ts"),
  });
  const posthorn = await open(t);
  await assert.rejects(posthorn.runNow(given, 1), ConfigurationError);
  posthorn.work(given, (n) => n * 2);
  assert.equal(await posthorn.runNow(given, 4), 8);
  assert.equal(await posthorn.runNow(threaded, 1), 0);
});

test("webhooks are recorded, signed as they would be, and never sent", async (t) => {
  const posthorn = await open(t, { now: new Date() });
  const targetUrl = "https://no-such-host.invalid/hooks";
  const { jobId } = await posthorn.webhooks.deliver({ targetUrl, payload: { paid: true } });
  assert.deepEqual(posthorn.deliveries(), []);
  await posthorn.drain();
  const [sent, ...others] = posthorn.deliveries();
  assert.ok(sent && others.length === 0);
  assert.deepEqual([sent.targetUrl, sent.payload], [targetUrl, { paid: true }]);
  assert.equal(sent.headers["webhook-id"], jobId);
  assert.equal(verify(sent.body, sent.headers, posthorn.signingSecret()).id, jobId);
  assert.equal((await posthorn.jobs.get(jobId)).status, "succeeded");
});

test("the test says what receivers answer", async (t) => {
  const answers = [503, { status: 429, retryAfter: "120" }, new Error("connection refused"), 200];
  const posthorn = await open(t, {
    receive() {
      const answer = answers.shift() ?? 500;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const { jobId } = await posthorn.webhooks.deliver({ targetUrl: "http://localhost/", payload: 1 });
  for (const pause of ["5s", "5m", "30m"] as const) {
    assert.equal((await posthorn.drain()).queued, 1);
    await posthorn.clock.advance(pause);
  }
  assert.equal((await posthorn.drain()).succeeded, 1);
  const attempts = await posthorn.jobs.attempts(jobId, { limit: 10 });
  assert.deepEqual(
    attempts.map(({ code, error }) => code ?? error),
    [200, "connection refused", 429, 503],
  );
});

test("a handler that still runs does not keep it from closing, and a drain under way is told so", async (t) => {
  const begun = Promise.withResolvers<void>();
  const endless = task("endless", {
    run: async () => {
      begun.resolve();
      await new Promise(() => {});
    },
  });
  const posthorn = await open(t, { tasks: [endless] });
  await posthorn.enqueue(endless, undefined);
  const drained = assert.rejects(posthorn.drain(), /closed while it drained/);
  await begun.promise;
  await posthorn.close();
  await drained;
});

test("finished jobs are pruned as the test's clock says", async (t) => {
  const brief = task("brief", { retention: "1h", run() {} });
  const posthorn = await open(t, { tasks: [greet, brief], retainJobs: "2d" });
  const long = await posthorn.enqueue(greet, { name: "ann" });
  const short = await posthorn.enqueue(brief, undefined);
  await posthorn.drain();
  await posthorn.clock.advance("59m");
  await posthorn.jobs.get(short.jobId);
  await posthorn.clock.advance("2m");
  await assert.rejects(posthorn.jobs.get(short.jobId), JobNotFoundError);
  await posthorn.jobs.get(long.jobId);
  // pruning goes by ids, which never go back in one process: other tests' clocks were hours ahead of this one
  await posthorn.clock.advance("3d");
  await assert.rejects(posthorn.jobs.get(long.jobId), JobNotFoundError);
});

test("what succeeded can be kept shorter, and what failed or was cancelled longer", async (t) => {
  const fails = task("fails", {
    retry: { attempts: 1 },
    run() {
      throw new Error("no");
    },
  });
  const posthorn = await open(t, { tasks: [greet, fails], retainSucceeded: "1h", retainFailed: "3d" });
  const [good, bad, never] = [
    await posthorn.enqueue(greet, { name: "ann" }),
    await posthorn.enqueue(fails, undefined),
    await posthorn.enqueue(greet, { name: "bob" }, { delay: "9h" }),
  ];
  await posthorn.jobs.cancel(never.jobId);
  await posthorn.drain();
  await posthorn.clock.advance("2h");
  await assert.rejects(posthorn.jobs.get(good.jobId), JobNotFoundError);
  for (const { jobId } of [bad, never]) await posthorn.jobs.get(jobId);
  await posthorn.clock.advance("3d");
  for (const { jobId } of [bad, never]) await assert.rejects(posthorn.jobs.get(jobId), JobNotFoundError);
  // @ts-expect-error: it is not a duration
  await assert.rejects(open(t, { retainFailed: "forever" }), /retainFailed: .*is not a duration/);
});

test("a job can be cancelled, by the test or by another's handler", async (t) => {
  const after = task("after", { run() {} });
  const victim = task("victim", { onSettled: after, run() {} });
  const canceller = task("canceller", { run: (id: string) => posthorn.jobs.cancel(id) });
  const posthorn = await open(t, { tasks: [after, victim, canceller] });
  const first = await posthorn.enqueue(victim, undefined);
  await posthorn.jobs.cancel(first.jobId);
  const second = await posthorn.enqueue(victim, undefined, { delay: "1h" });
  await posthorn.enqueue(canceller, second.jobId);
  assert.deepEqual(await posthorn.drain(), { succeeded: 3, failed: 0, queued: 0 });
  assert.equal(posthorn.enqueued(after).length, 2);
});

test("a handler that cancels its own job is drained, and its result counts for nothing", async (t) => {
  const suicidal = task("suicidal", {
    async run(_: null, { job, signal }) {
      await posthorn.jobs.cancel(job?.id ?? "");
      return signal.aborted;
    },
  });
  const posthorn = await open(t, { tasks: [suicidal] });
  const { jobId } = await posthorn.enqueue(suicidal, null);
  assert.deepEqual(await posthorn.drain(), { succeeded: 0, failed: 0, queued: 0 });
  const { status, result } = await posthorn.result(suicidal, jobId);
  assert.deepEqual([status, result], ["cancelled", null]);
});

test("a wait for a job's end is answered while the test drains", async (t) => {
  const posthorn = await open(t, { tasks: [greet] });
  const { jobId } = await posthorn.enqueue(greet, { name: "ann" });
  const [job] = await Promise.all([posthorn.result(greet, jobId, 60_000), posthorn.drain()]);
  assert.equal(job.result, "hello ann");
});

test("a job of a transaction is seen once it is committed", async (t) => {
  const database = scratchDatabase();
  const posthorn = await open(t, { tasks: [greet], database });
  const tx = openRaw(t, database);
  tx.exec("begin immediate");
  await posthorn.enqueue(greet, { name: "ann" }, { tx });
  tx.exec("commit");
  assert.equal(posthorn.enqueued(greet).length, 1);
  assert.equal((await posthorn.drain()).succeeded, 1);
});

test("an endpoint with OAuth 2.0 is sent to with a token that nobody was asked for, and any payload is recorded", async (t) => {
  const posthorn = await open(t);
  const auth = {
    kind: "oauth2",
    tokenUrl: "https://auth.example/token",
    clientId: "c",
    clientSecret: "s",
  } as const;
  await posthorn.webhooks.endpoints.create("acme", { url: "https://acme.example/hooks", auth });
  await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: "text", contentType: "text/plain" });
  await posthorn.drain();
  const [sent, ...others] = posthorn.deliveries();
  assert.deepEqual(
    [sent?.headers.authorization, sent?.body, sent?.payload, others],
    ["Bearer test-token", "text", undefined, []],
  );
});

test("unknown options are refused", async () => {
  await assert.rejects(
    openTestPosthorn({ task: [] } as object),
    /openTestPosthorn: task: is unknown; valid names are /,
  );
  await assert.rejects(openTestPosthorn({ now: "tomorrow" }), /now must be a Date/);
});
