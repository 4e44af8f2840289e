import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { threadId } from "node:worker_threads";
import { handlerLog } from "../../observe/handler-log.ts";
import { silentLog } from "../../observe/log.ts";
import type { TaskContext } from "../task-definition.ts";
import type { LeftBehind } from "./thread-messages.ts";
import { Threads } from "./threads.ts";

const MINUTE = 60_000;
const moduleOf = (name: string) => import.meta.resolve(`./test-kit/${name}.ts`);

interface Said {
  readonly progress: [number, string | undefined][];
  readonly lines: [level: string, fields: Readonly<Record<string, unknown>>, message: string][];
}

/** Threads that end with the test, and a context whose words are kept. */
function setUp(t: TestContext, most = 1) {
  const left: LeftBehind[] = [];
  const threads = new Threads(most, (each) => void left.push(each));
  t.after(() => threads.close());
  const abort = new AbortController();
  const said: Said = { progress: [], lines: [] };
  const spoke = new EventTarget();
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void said.lines.push([level, fields, message]);
  const context: TaskContext = {
    signal: abort.signal,
    attempt: 2,
    job: undefined,
    log: handlerLog({ info: line("info"), warn: line("warn"), error: line("error") }, {}),
    progress(fraction, note) {
      said.progress.push([fraction, note]);
      spoke.dispatchEvent(new Event("progress"));
    },
  };
  return {
    threads,
    context,
    said,
    abort,
    left,
    begun: () => once(spoke, "progress"),
    run: (name: string, input: unknown = null, timeoutMs = MINUTE) =>
      threads.run(moduleOf(name), input, context, timeoutMs),
  };
}

/** The context of one more attempt. */
function another(signal: AbortSignal = new AbortController().signal): TaskContext {
  return { signal, attempt: 1, job: undefined, log: silentLog, progress() {} };
}

test("a handler runs off the main thread, and the thread is used again", async (t) => {
  const { run } = setUp(t);
  const first = await run("where");
  assert.ok(first.kind === "succeeded");
  assert.notEqual(first.result, String(threadId));
  assert.deepEqual(await run("where"), first);
});

test("no more threads run at once than are allowed; the others wait for their turn", async (t) => {
  const { run, threads } = setUp(t, 2);
  const all = await Promise.all(Array.from({ length: 8 }, () => run("where")));
  assert.equal(new Set(all.map((outcome) => outcome.kind === "succeeded" && outcome.result)).size, 2);
  await threads.close();
});

test("input, attempt, result, progress and log lines cross between the threads", async (t) => {
  const { run, said } = setUp(t);
  const outcome = await run("report", { at: [1, "two"] });
  assert.deepEqual(outcome, { kind: "succeeded", result: '{"input":{"at":[1,"two"]},"attempt":2}' });
  assert.deepEqual(said.progress, [[0.5, "half"]]);
  const [odd, error] = said.lines;
  assert.deepEqual([odd?.[0], odd?.[2], odd?.[1].n], ["info", "odd fields", 1]);
  const err = error?.[1].err;
  assert.ok(err instanceof Error && err.cause instanceof Error);
  assert.deepEqual([err.name, err.message, err.cause.message], ["TypeError", "oh", "deep"]);
});

test("what a handler returns keeps its meaning", async (t) => {
  const { run } = setUp(t);
  assert.deepEqual(await run("outcomes", "nothing"), { kind: "succeeded" });
  assert.deepEqual(await run("outcomes", "discard"), { kind: "failed", error: "gone", retry: false });
  const busy = { kind: "failed", error: "busy", retry: true, retryInMs: 90_000 };
  assert.deepEqual(await run("outcomes", "retryAfter"), busy);
  assert.deepEqual(await run("outcomes", "snooze"), { kind: "snoozed", forMs: 60_000 });
  const later = await run("outcomes", "retryAt");
  assert.ok(later.kind === "failed" && later.retryInMs !== undefined);
  assert.ok(later.retryInMs > 3_000_000 && later.retryInMs <= 3_600_000, `${later.retryInMs}`);
});

test("what a handler throws fails the attempt with its message", async (t) => {
  const { run } = setUp(t);
  const thrown = await run("outcomes", "throw");
  assert.ok(thrown.kind === "failed" && thrown.retry);
  assert.equal(thrown.error, "out of range");
  assert.ok(thrown.thrown instanceof Error);
  assert.match(JSON.parse(thrown.detail ?? "").stack, /RangeError: out of range\n +at .*outcomes\.ts/);
  const odd = await run("outcomes", "throwOdd");
  assert.ok(odd.kind === "failed" && odd.retry);
});

test("a result that cannot be kept is reported as such, and the thread lives on", async (t) => {
  const { run } = setUp(t);
  const before = await run("where");
  const outcome = await run("outcomes", "function");
  assert.ok(outcome.kind === "failed" && !outcome.retry);
  assert.match(outcome.error, /its result could not be kept: it cannot be written as JSON: it is a function/);
  assert.deepEqual(await run("where"), before);
});

test("an input that cannot be sent fails the job permanently", async (t) => {
  const { run } = setUp(t);
  const outcome = await run("report", { call() {} });
  assert.ok(outcome.kind === "failed" && !outcome.retry);
  assert.match(outcome.error, /cannot be sent to a thread/);
  assert.equal((await run("where")).kind, "succeeded");
});

test("odd progress and odd log lines fail neither the attempt nor the process", async (t) => {
  const { run, said } = setUp(t);
  assert.deepEqual(await run("odd-words"), { kind: "succeeded" });
  assert.deepEqual(said.progress, [
    [2, undefined],
    [Number.NaN, "a symbol"],
  ]);
  assert.deepEqual(
    said.lines.map(([level, , message]) => `${level}: ${message}`),
    ["info: importing", "warn: it broke", "error: no prototype"],
  );
});

test("a module without a default export, or that does not exist, is reported as such", async (t) => {
  const { run } = setUp(t);
  const none = await run("no-default");
  assert.ok(none.kind === "failed" && !none.retry);
  assert.match(none.error, /no-default\.ts has no function as its default export/);
  const absent = await run("absent");
  assert.ok(absent.kind === "failed");
  assert.match(absent.error, /Cannot find module/);
});

test("a handler that obeys its signal ends with the reason, and its thread lives on", async (t) => {
  const { run, begun, abort, threads } = setUp(t);
  const where = await run("where");
  const running = run("obey");
  await begun();
  abort.abort(new Error("the job was taken from this worker"));
  const taken = { kind: "failed", error: "the job was taken from this worker", retry: true, class: "error" };
  assert.deepEqual(await running, taken);
  assert.deepEqual(await threads.run(moduleOf("where"), null, another(), MINUTE), where);
});

test("a handler that ignores its signal is ended with its thread, and the next one gets a new thread", async (t) => {
  const { run, begun, abort, threads } = setUp(t);
  const running = run("spin");
  const next = threads.run(moduleOf("where"), null, another(), MINUTE); // has to wait for the only thread
  await begun();
  abort.abort(new Error("cancelled"));
  assert.deepEqual(await running, { kind: "failed", error: "cancelled", retry: true, class: "error" });
  assert.equal((await next).kind, "succeeded");
});

test("an attempt's time ends it, and does not run while it waits for a thread", async (t) => {
  const { run } = setUp(t);
  const first = run("spin", null, 300);
  const second = run("obey", null, 100);
  assert.deepEqual(await first, {
    kind: "failed",
    error: "timed out after 300 ms",
    retry: true,
    class: "timeout",
  });
  assert.deepEqual(await second, {
    kind: "failed",
    error: "timed out after 100 ms",
    retry: true,
    class: "timeout",
  });
});

test("an attempt that is aborted while it waits for a thread never begins", async (t) => {
  const { run, begun, abort, threads, said } = setUp(t);
  const waits = new AbortController();
  const running = run("obey");
  await begun();
  const waiting = threads.run(moduleOf("report"), null, another(waits.signal), MINUTE);
  waits.abort(new Error("cancelled meanwhile"));
  await assert.rejects(waiting, /cancelled meanwhile/);
  abort.abort(new Error("enough"));
  assert.equal((await running).kind, "failed");
  assert.equal((await threads.run(moduleOf("where"), null, another(), MINUTE)).kind, "succeeded");
  assert.equal(said.lines.length, 0);
});

test("a thread that exits or crashes fails its own attempt only", async (t) => {
  const { run } = setUp(t, 2);
  const [exited, crashed, ...others] = await Promise.all([
    run("exit", 3),
    run("crash"),
    ...Array.from({ length: 6 }, () => run("where")),
  ]);
  assert.ok(exited.kind === "failed" && exited.retry);
  assert.equal(exited.error, "the handler's thread ended before it did: it exited with code 3");
  assert.ok(crashed.kind === "failed" && crashed.retry);
  assert.match(crashed.error, /thrown out of a timer/);
  assert.deepEqual(
    others.map(({ kind }) => kind),
    Array.from({ length: 6 }, () => "succeeded"),
  );
});

test("an error that a handler leaves behind fails no attempt, and its thread is not used again", async (t) => {
  const { run, left } = setUp(t);
  for (const how of ["rejection", "throw", "async"]) {
    assert.deepEqual(await run("leave", { how, when: "amid another" }), {
      kind: "succeeded",
      result: '"done"',
    });
    const neighbour = await run("linger", 200);
    assert.ok(neighbour.kind === "succeeded", how);
    const next = await run("where");
    assert.ok(next.kind === "succeeded" && next.result !== neighbour.result);
    assert.equal(left.pop()?.error.message, "left behind");
  }
  assert.equal(left.length, 0);
});

test("a thread that a handler which had ended takes down gives the attempt that runs in it back, uncounted", async (t) => {
  const { run, left } = setUp(t);
  await run("leave", { how: "exit", when: "amid another" });
  assert.deepEqual(await run("linger", 10_000), { kind: "snoozed", forMs: 0 });
  assert.match(left[0]?.error.message ?? "", /process\.exit was called/);
  assert.equal((await run("where")).kind, "succeeded");
});

test("an error that breaks an idle thread fails no attempt, and the next handler gets another thread", async (t) => {
  const { run, left } = setUp(t);
  const before = await run("where");
  await run("leave", { how: "throw", when: "idle" });
  while (left.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const after = await run("where");
  assert.ok(before.kind === "succeeded" && after.kind === "succeeded" && after.result !== before.result);
});

test("what a handler says after its end is not taken for the next one's", async (t) => {
  const { run, said } = setUp(t);
  await run("late", 1);
  await run("late", 2);
  assert.deepEqual(said.lines, []);
});

test("threads run even in a program that is given as a string", async () => {
  const program = `
    const { Threads } = await import(${JSON.stringify(import.meta.resolve("./threads.ts"))});
    const context = { signal: new AbortController().signal, attempt: 1, log: console, progress() {} };
    const outcome = await new Threads(1, () => {}).run(${JSON.stringify(moduleOf("where"))}, null, context, 60_000);
    console.log(outcome.kind); // and nothing keeps the process from ending`;
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  assert.equal(stdout, "succeeded\n");
});

test("closing ends what still runs", async (t) => {
  const { run, begun, threads } = setUp(t);
  const running = run("spin");
  await begun();
  await threads.close();
  const outcome = await running;
  assert.ok(outcome.kind === "failed" && outcome.retry);
  await assert.rejects(run("where"), /closed/);
});
