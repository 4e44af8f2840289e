import assert from "node:assert/strict";
import { connect, type LookupFunction } from "node:net";
import { test } from "node:test";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import type { AttemptAnswer } from "../src/http/schemas/job.ts";
import { BackgroundRunner, BackgroundTasks, createLog, discard, task } from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";

const fails: Record<string, () => unknown> = {
  fetch: () => fetch("http://127.0.0.1:1/"),
  /** A name with two addresses, both dead. */
  net: () =>
    new Promise((_, reject) => {
      const lookup: LookupFunction = (_name, _options, found) =>
        found(
          null,
          ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 })),
        );
      connect({ host: "two.test", port: 1, lookup, autoSelectFamily: true }).on("error", reject);
    }),
  object: () => {
    throw { status: 402, message: "card declined" };
  },
  json: () => {
    throw { status: 402, password: "hunter2" };
  },
  undefinedMember: () => (undefined as unknown as { name: string }).name,
  cause: () => {
    throw new Error("outer", { cause: new Error("the real reason") });
  },
  parts: () => {
    throw new AggregateError([new Error("one"), new Error("two")], "many");
  },
  cyclic: () => {
    const error = new Error("cyclic");
    error.cause = error;
    throw error;
  },
  secret: () => {
    throw new Error("cannot connect to postgres://app:hunter2@db/app");
  },
  discard: () => discard(new Error("gone", { cause: "permanently" }) as unknown as string),
};

const EXPECTED: Record<string, RegExp> = {
  fetch: /^fetch failed: (bad port|connect ECONNREFUSED 127\.0\.0\.1:1)$/,
  net: /^connect ECONNREFUSED 127\.0\.0\.1:1; connect ECONNREFUSED 127\.0\.0\.2:1$/,
  object: /^card declined$/,
  json: /^\{"status":402,"password":"\[redacted\]"\}$/,
  undefinedMember: /^Cannot read properties of undefined \(reading 'name'\)$/,
  cause: /^outer: the real reason$/,
  parts: /^many: one; two$/,
  cyclic: /^cyclic$/,
  secret: /^cannot connect to postgres:\/\/db\/app$/,
  discard: /^gone: permanently$/,
};

const failing = task<{ how: string }>("failing", {
  retry: { attempts: 2, backoff: { initial: "1ms", jitter: 0 } },
  run: ({ how }) => fails[how]?.(),
});

test("why an attempt failed is told with its causes, and where it was thrown is kept, shown and logged", async (t) => {
  const { posthorn, api, database, lines } = await serveHere(t, { tasks: [failing] });
  for (const [how, expected] of Object.entries(EXPECTED)) {
    const { jobId } = await posthorn.enqueue(failing, { how });
    const { status, error } = await posthorn.result(failing, jobId, 20_000);
    assert.equal(status, "failed", how);
    assert.match(error ?? "", expected);
    const attempts = await posthorn.jobs.attempts(jobId);
    assert.equal(attempts.length, how === "discard" ? 1 : 2);
    assert.equal(new Set(attempts.map(({ fingerprint }) => fingerprint)).size, 1);
    for (const attempt of attempts) {
      assert.match(attempt.error ?? "", expected);
      assert.equal(attempt.class, "error");
      assert.match(attempt.fingerprint ?? "", /^[0-9a-f]{16}$/);
      const isThrownError = !["object", "json"].includes(how);
      if (isThrownError) assert.match(attempt.detail?.stack ?? "", /Error/, how);
    }
    const of = lines.map((line) => JSON.parse(line)).filter(({ job }) => job === jobId);
    const warnings = of.filter(({ level }) => level === "warn");
    assert.equal(warnings.length, attempts.length);
    assert.ok(warnings.every(({ err }) => err !== undefined));
    assert.equal(of.filter(({ level }) => level === "error").length, 1);
  }
  assert.doesNotMatch(lines.join(""), /hunter2/);

  const { jobId } = await posthorn.enqueue(failing, { how: "cause" });
  await posthorn.result(failing, jobId, 20_000);
  const shown = await ran(["jobs", "show", jobId, "--database", database]);
  assert.match(shown.stdout, /Attempt 2 failed with\n\n {2}Error: outer\n +at .*why-it-failed/);
  assert.match(shown.stdout, /^ {2}caused by: Error: the real reason\n +at /m);
  const { data } = (await (await fetch(`${api.url}/jobs/${jobId}/attempts`)).json()) as {
    data: AttemptAnswer[];
  };
  assert.match(data[0]?.detail?.cause?.stack ?? "", /the real reason\n +at /);
  assert.equal(data[0]?.fingerprint, data[1]?.fingerprint);
});

test("a best-effort task's line tells the same, with its causes", async () => {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const runner = new BackgroundRunner({ log });
  const background = new BackgroundTasks(runner);
  background.add(function refuses() {
    throw new Error("outer", { cause: new Error("the real reason") });
  });
  background.add(function declines() {
    throw { status: 402, message: "card declined" };
  });
  background.release();
  await runner.drain("5s");
  const [refused, declined] = lines.map((line) => JSON.parse(line));
  assert.deepEqual([refused.err.message, refused.err.cause.message], ["outer", "the real reason"]);
  assert.equal(declined.err, "card declined");
});
