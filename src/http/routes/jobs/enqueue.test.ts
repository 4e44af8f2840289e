import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { OverloadedError } from "../../../core/errors.ts";
import { task } from "../../../tasks/task.ts";
import type { TaskDefinition } from "../../../tasks/task-definition.ts";
import { taskAcceptedAnswer, taskJobAnswer } from "../../schemas/task-job.ts";
import { JOB_ID, jobOf, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf, problemOf } from "../../test-kit/problem-of.ts";

const PATH = "/tasks/send-receipt";

const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string(), lines: z.array(z.object({ price: z.int() })).default([]) }),
}) as unknown as TaskDefinition; // its types are for callers of the library

function appWithTask() {
  const app = testApp();
  app.posthorn.known = [sendReceipt];
  return app;
}

test("a job of a task is accepted with 202, its id and its address", async () => {
  const { posthorn, post } = appWithTask();
  const answer = await post(PATH, { input: { orderId: "42" } });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("location"), `/jobs/${JOB_ID}`);
  assert.deepEqual(await answer.json(), { job_id: JOB_ID, status: "queued" });
  assert.deepEqual(posthorn.enqueued, [
    { task: "send-receipt", input: { orderId: "42" }, options: {}, idempotency: undefined },
  ]);
});

test("options reach the library in its own terms", async () => {
  const { posthorn, post } = appWithTask();
  const input = { orderId: "42" };
  const options = {
    delay: "90s",
    max_attempts: 3,
    timeout: "20s",
    priority: -1,
    key: "receipt:42",
    lane: "customer-7",
    retention: "1h",
    tags: ["order:42"],
  };
  assert.equal((await post(PATH, { input, options })).status, 202);
  assert.equal((await post(PATH, { input, options: { run_at: "2030-03-17T18:46:40+01:00" } })).status, 202);
  assert.deepEqual(
    posthorn.enqueued.map((asked) => asked.options),
    [
      {
        delay: "90s",
        retry: { attempts: 3 },
        timeout: "20s",
        priority: -1,
        key: "receipt:42",
        lane: "customer-7",
        retention: "1h",
        tags: ["order:42"],
      },
      { runAt: "2030-03-17T18:46:40+01:00" },
    ],
  );
});

const input = { orderId: "42" };
const wrongBodies: [what: string, body: unknown, pointers: string[]][] = [
  ["an input of another shape", { input: { orderId: 42 } }, ["/input/orderId"]],
  ["an input deep inside", { input: { orderId: "1", lines: [{ price: 1.5 }] } }, ["/input/lines/0/price"]],
  ["an invalid input", { input: "42" }, ["/input"]],
  ["no input", {}, ["/input"]],
  ["a field besides input and options", { input, delay: "1m" }, ["/delay"]],
  ["an unknown option", { input, options: { runAt: "2030-01-31T09:00:00Z" } }, ["/options/runAt"]],
  ["an invalid moment", { input, options: { run_at: "tomorrow" } }, ["/options/run_at"]],
  ["a moment too far ahead", { input, options: { run_at: "2040-01-31T09:00:00Z" } }, ["/options/run_at"]],
  [
    "a delay together with a moment",
    { input, options: { run_at: "2030-03-17T18:00:00Z", delay: "1s" } },
    ["/options/delay"],
  ],
  ["an invalid delay", { input, options: { delay: "soon" } }, ["/options/delay"]],
  ["a delay without a unit", { input, options: { delay: 60 } }, ["/options/delay"]],
  ["a timeout too short", { input, options: { timeout: "10ms" } }, ["/options/timeout"]],
  ["no attempts", { input, options: { max_attempts: 0 } }, ["/options/max_attempts"]],
  ["an empty key", { input, options: { key: "" } }, ["/options/key"]],
  ["a key with half a character", { input, options: { key: "\ud800" } }, ["/options/key"]],
  ["a lane too long", { input, options: { lane: "x".repeat(256) } }, ["/options/lane"]],
  ["a priority out of range", { input, options: { priority: 101 } }, ["/options/priority"]],
  [
    "a crowd of options",
    { input, options: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, n])) },
    ["/options"],
  ],
];
for (const [what, body, pointers] of wrongBodies) {
  test(`${what} is refused, and named`, async () => {
    const { posthorn, post } = appWithTask();
    assert.deepEqual(await pointersOf(await post(PATH, body)), pointers);
    assert.deepEqual(posthorn.enqueued, []);
  });
}

test("a field of the input that is called like an option is not mistaken for it", async () => {
  const { posthorn, post } = testApp();
  const options = z.object({ delay: z.string(), input: z.string() });
  posthorn.known = [task("t", { input: options }) as unknown as TaskDefinition];
  assert.deepEqual(await pointersOf(await post("/tasks/t", { input: { delay: 1, input: 2 } })), [
    "/input/delay",
    "/input/input",
  ]);
});

test("a task without a schema takes anything, and nothing", async () => {
  const { posthorn, post } = testApp();
  posthorn.known = [task("t")];
  for (const body of [{}, { input: null }, { input: [1] }])
    assert.equal((await post("/tasks/t", body)).status, 202);
});

test("an unknown task is 404, and the answer says which tasks there are, or how to add some", async () => {
  const { posthorn, post } = appWithTask();
  posthorn.known = [...posthorn.known, task("tidy-up")];
  const problem = await problemOf(await post("/tasks/send-reciept", { input }), 404);
  assert.equal(problem.code, "task_not_found");
  assert.match(problem.detail, /^unknown task "send-reciept"; available: send-receipt, tidy-up$/);
  posthorn.known = [];
  const none = await problemOf(await post(PATH, { input }), 404);
  assert.match(none.detail, /posthorn serve --tasks <file>$/);
});

test("an existing job with the same key is the answer, with its status, and is said to have existed", async () => {
  const { posthorn, post } = appWithTask();
  posthorn.accepted = { jobId: JOB_ID, replayed: false, existing: true };
  posthorn.kept = [jobOf({ task: "send-receipt", options: "{}", status: "running" })];
  const answer = await post(PATH, { input, options: { key: "k" } });
  assert.deepEqual([answer.status, answer.headers.get("location")], [202, `/jobs/${JOB_ID}`]);
  assert.deepEqual(taskAcceptedAnswer.parse(await answer.json()), {
    job_id: JOB_ID,
    status: "running",
    existing: true,
  });
});

test("Idempotency-Key and Prefer hold for tasks too", async () => {
  const { posthorn, post } = appWithTask();
  posthorn.kept = [
    jobOf({ task: "send-receipt", options: "{}", status: "succeeded", result: '{"sent":true}' }),
  ];
  const answer = await post(PATH, { input }, { "idempotency-key": "k", prefer: "wait=5" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-location"), `/jobs/${JOB_ID}`);
  assert.deepEqual(taskJobAnswer.parse(await answer.json()).result, { sent: true });
  assert.equal(posthorn.enqueued[0]?.idempotency?.scope, `dev POST ${PATH}`);
});

test("other errors of the library are answered as they are everywhere", async () => {
  const { posthorn, post } = appWithTask();
  posthorn.tasks.enqueue = async () => {
    throw new OverloadedError("too much is waiting");
  };
  assert.equal((await problemOf(await post(PATH, { input }), 503)).code, "overloaded");
});
