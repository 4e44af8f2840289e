import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { task } from "../../../tasks/task.ts";
import type { TaskDefinition } from "../../../tasks/task-definition.ts";
import { type TaskAnswer, taskAnswer, taskPage } from "../../schemas/task.ts";
import { testApp } from "../../test-kit/fake-posthorn.ts";
import { problemOf } from "../../test-kit/problem-of.ts";

async function shown(definition: unknown): Promise<TaskAnswer> {
  const { posthorn, ask } = testApp();
  posthorn.known = [definition as TaskDefinition]; // its types are for callers of the library
  return taskAnswer.parse(await (await ask(`/tasks/${posthorn.known[0]?.name}`)).json());
}

test("a task is shown with its options in one unit, defaults filled in", async () => {
  const { options } = await shown(task("t"));
  assert.deepEqual(options, {
    max_attempts: 5,
    retry_delays_ms: [5_000, 10_000, 20_000, 40_000],
    retry_jitter: 0.2,
    timeout_ms: 900_000,
    delay_ms: 0,
    priority: 0,
    lane_concurrency: null,
    lane_rate: null,
    retention_ms: null,
  });
  const own = await shown(
    task("t", {
      retry: { attempts: 1, backoff: { delays: ["1s"], jitter: 0 } },
      timeout: "30s",
      delay: "1m",
      priority: 5,
      limits: { concurrency: 2, rate: { limit: 10, per: "1s" } },
      retention: "1h",
    }),
  );
  assert.deepEqual(own.options, {
    max_attempts: 1,
    retry_delays_ms: [1_000],
    retry_jitter: 0,
    timeout_ms: 30_000,
    delay_ms: 60_000,
    priority: 5,
    lane_concurrency: 2,
    lane_rate: { limit: 10, per_ms: 1_000 },
    retention_ms: 3_600_000,
  });
});

test("what a task takes is shown as JSON Schema, where its schema can say it", async () => {
  const schema = z.object({ orderId: z.string(), count: z.int().default(1) });
  const { input_schema } = await shown(task("t", { input: schema }));
  assert.deepEqual(input_schema?.required, ["orderId"]);
  assert.equal(input_schema?.type, "object");
  assert.match(String(input_schema?.$schema), /2020-12/);
  const cannotBeSaid = z.object({ at: z.date() });
  const ofAnotherLibrary = {
    "~standard": { version: 1 as const, vendor: "mine", validate: (value: unknown) => ({ value }) },
  };
  for (const definition of [
    task("t"),
    task("t", { input: cannotBeSaid }),
    task("t", { input: ofAnotherLibrary }),
  ]) {
    assert.equal((await shown(definition)).input_schema, null);
  }
});

test("all tasks are listed, and an unknown one is 404", async () => {
  const { posthorn, ask } = testApp();
  assert.deepEqual(taskPage.parse(await (await ask("/tasks")).json()), { data: [], next_cursor: null });
  posthorn.known = [task("a"), task("b")];
  const { data } = taskPage.parse(await (await ask("/tasks")).json());
  assert.deepEqual(
    data.map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal((await problemOf(await ask("/tasks/c"), 404)).code, "task_not_found");
});
