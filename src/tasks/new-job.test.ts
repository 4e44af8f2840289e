import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { InvalidInputError } from "../core/errors.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { newJobOf } from "./new-job.ts";
import { task } from "./task.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const plain = task("plain");

function jobOf(options: object = {}, input: unknown = null) {
  return newJobOf(plain, input, options as EnqueueOptions, NOW);
}

test("a job without options has those of its task", async () => {
  const { id, ...job } = await newJobOf(
    task<{ to: string }>("mail", {
      retry: { attempts: 7 },
      delay: "1m",
      priority: 3,
      lane: ({ to }) => `to ${to}`,
      key: ({ to }) => `key ${to}`,
      retention: "1h",
      onSettled: task("after", { lane: "after-lane", priority: 1, retry: { attempts: 2 } }),
    }),
    { to: "ann" },
    {},
    NOW,
  );
  assert.match(id, /^job_/);
  assert.deepEqual(job, {
    task: "mail",
    lane: "to ann",
    priority: 3,
    options: "{}",
    payload: '{"to":"ann"}',
    maxAttempts: 7,
    createdAt: NOW,
    runAt: NOW + 60_000,
    ties: {
      key: "key ann",
      retainMs: 3_600_000,
      onSettled: { task: "after", lane: "after-lane", priority: 1, options: "{}", maxAttempts: 2 },
    },
  });
});

test("a job's own options take precedence over its task's", async () => {
  const job = await newJobOf(
    task("t", { retry: { attempts: 7 }, priority: 3, lane: "usual", key: () => "usual", delay: "1h" }),
    1,
    {
      retry: { attempts: 2, backoff: { delays: ["1s"], jitter: 0 } },
      timeout: "5s",
      delay: 0,
      priority: -1,
      lane: "own",
      key: "own",
    },
    NOW,
    "grp_1",
  );
  assert.deepEqual(
    [job.maxAttempts, job.priority, job.lane, job.ties?.key, job.ties?.groupId, job.runAt],
    [2, -1, "own", "own", "grp_1", NOW],
  );
  assert.deepEqual(JSON.parse(job.options), {
    timeoutMs: 5_000,
    retry: { delaysMs: [1_000], jitter: 0 },
  });
});

test("what a key is unique among is the job's own word, or its task's; a job without a key has none", async () => {
  const refresh = task("refresh", { unique: "again" });
  const uniqueOf = async (options: EnqueueOptions) => (await newJobOf(refresh, 1, options, NOW)).ties?.unique;
  assert.equal(await uniqueOf({ key: "k" }), "again");
  assert.equal(await uniqueOf({ key: "k", unique: "queued" }), "queued");
  assert.equal(await uniqueOf({ key: "k", unique: "live" }), undefined);
  assert.equal(await uniqueOf({}), undefined);
  assert.equal((await newJobOf(plain, 1, { key: "k" }, NOW)).ties?.unique, undefined);
});

test("a job with nothing special has no ties, and its task's name for a lane", async () => {
  const job = await jobOf();
  assert.equal(job.ties, undefined);
  assert.equal(job.lane, "plain");
});

test("the input is stored as JSON, and what the schema converts is computed from it again", async () => {
  const schema = z.object({ at: z.string().transform((text) => new Date(text)) });
  const lanes: unknown[] = [];
  const dated = task("dated", {
    input: schema,
    lane: ({ at }) => {
      lanes.push(at);
      return at.toISOString();
    },
  });
  const job = await newJobOf(dated, { at: "2030-02-01" }, {}, NOW);
  assert.equal(job.payload, '{"at":"2030-02-01"}');
  assert.deepEqual(lanes, [new Date("2030-02-01")]);
  assert.equal((await newJobOf(plain, undefined, {}, NOW)).payload, "null");
});

test("runAt is a Date or RFC 3339; a moment that has passed means now", async () => {
  assert.equal((await jobOf({ runAt: new Date(NOW + 5) })).runAt, NOW + 5);
  assert.equal((await jobOf({ runAt: "2030-01-01T00:00:07Z" })).runAt, NOW + 7_000);
  assert.equal((await jobOf({ runAt: new Date(NOW - 5) })).runAt, NOW);
});

describe("what is invalid is refused by its name", () => {
  const refused: [named: string, options: object][] = [
    ["delays", { delays: "1s" }],
    ["tx", { tx: {} }],
    ["options", new Map([["delay", "1s"]])],
    ["options", "1s" as unknown as object],
    ["retry", { retry: 5 }],
    ["retry", { retry: null }],
    ["retry.attempt", { retry: { attempt: 1 } }],
    ["retry.attempts", { retry: { attempts: 1_001 } }],
    ["timeout", { timeout: 1 }],
    ["delay", { delay: "400d" }],
    ["delay", { delay: "1s", runAt: new Date(NOW) }],
    ["runAt", { runAt: "tomorrow" }],
    ["runAt", { runAt: "Jan 31 2030" }],
    ["runAt", { runAt: "2030-02-30T00:00:00Z" }],
    ["runAt", { runAt: new Date(NOW + 400 * 86_400_000) }],
    ["priority", { priority: 0.5 }],
    ["lane", { lane: "" }],
    ["lane", { lane: "x".repeat(256) }],
    ["key", { key: "" }],
    ["key", { key: "\ud800" }],
    ["key", { key: "a\0b" }],
    ["lane", { lane: "a\0b" }],
    ["retention", { retention: "long" }],
    ["unique", { key: "k", unique: "once" }],
    ["unique", { unique: "queued" }],
    ["onSettled", { onSettled: "task" }],
  ];
  for (const [named, options] of refused) {
    test(JSON.stringify(options), async () => {
      await assert.rejects(jobOf(options), (error) => {
        assert.ok(error instanceof InvalidInputError);
        assert.equal(error.problems[0]?.path.join("."), named);
        return true;
      });
    });
  }

  test("a name in place of its task", async () => {
    const name = "plain" as unknown as typeof plain;
    await assert.rejects(newJobOf(name, 1, {}, NOW), InvalidInputError);
  });

  test("an input that is not JSON", async () => {
    for (const lost of [1n, () => 1, Symbol("s"), new Map([["a", 1]]), Promise.resolve(1)])
      await assert.rejects(jobOf({}, lost), /^InvalidInputError: input: cannot be written as JSON: /);
  });

  test("everything that is wrong with the options is named at once", async () => {
    const options = {
      delays: 1,
      runAt: "soon",
      delay: "soon",
      retry: { attempts: 0 },
      priority: 0.5,
      key: "",
    };
    await assert.rejects(jobOf(options), (error) => {
      assert.ok(error instanceof InvalidInputError);
      const named = error.problems.map(({ path }) => path.join(".")).sort();
      assert.deepEqual(
        [...new Set(named)],
        ["delay", "delays", "key", "priority", "retry.attempts", "runAt"],
      );
      return true;
    });
  });

  test("fields of the input that do not fit", async () => {
    const checked = task("checked", { input: z.object({ orderId: z.string(), count: z.number() }) });
    await assert.rejects(newJobOf(checked, { orderId: 1 }, {}, NOW), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.deepEqual(
        error.problems.map(({ path, of }) => [path[0], of]),
        [
          ["orderId", "input"],
          ["count", "input"],
        ],
      );
      return true;
    });
  });
});
