import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { ConfigurationError, InvalidInputError, OverloadedError } from "../../core/errors.ts";
import { task } from "../task.ts";
import type { TaskContext } from "../task-definition.ts";
import { testRunner } from "../test-kit/background.ts";
import { BackgroundTasks } from "./background-tasks.ts";

const receipt = z.object({ orderId: z.string(), copies: z.number().default(1) });

test("a task's handler is given what its schema made of the input, and a context without a job", async () => {
  const { runner, request, logged } = testRunner();
  const seen: unknown[] = [];
  let context: TaskContext | undefined;
  const send = task("send-receipt", {
    input: receipt,
    run(input, given) {
      seen.push(input);
      context = given;
      given.log.info({ orderId: input.orderId }, "sending");
      given.progress(0.5, "nobody sees it");
    },
  });
  request((background) => background.add(send, { orderId: "42" }));
  await runner.drain();
  assert.deepEqual(seen, [{ orderId: "42", copies: 1 }]);
  assert.equal(context?.attempt, 1);
  assert.equal(context?.job, undefined);
  assert.equal(context?.signal.aborted, false);
  assert.deepEqual(logged, [{ fields: { task: "send-receipt", orderId: "42" }, message: "sending" }]);
});

test("an invalid input is refused when it is added, naming the fields", async () => {
  const { runner } = testRunner();
  const send = task("send-receipt", {
    input: z.object({ order: receipt }),
    run: () => assert.fail("it ran"),
  });
  const background = new BackgroundTasks(runner);
  assert.throws(
    // @ts-expect-error: the type says so too
    () => background.add(send, { order: { orderId: 42 } }),
    (error) => error instanceof InvalidInputError && error.problems[0]?.path.join(".") === "order.orderId",
  );
  background.release();
  assert.equal(runner.counts.queued, 0);
});

test("a task that cannot be run here is refused when it is added", () => {
  const background = new BackgroundTasks(testRunner().runner);
  const slow: StandardSchemaV1<string> = {
    "~standard": { version: 1, vendor: "test", validate: () => Promise.reject(new Error("nobody looks")) },
  };
  const refused = [
    task<string>("no-handler"),
    task<string>("in-a-thread", { thread: "file:///heavy.ts" }),
    task("slow-schema", { input: slow, run() {} }),
  ];
  for (const each of refused) {
    assert.throws(
      () => background.add(each, "x"),
      (error) => error instanceof ConfigurationError && error.message.includes(each.name),
    );
  }
});

test("a task that takes no input, and a function with its arguments, can be added", async () => {
  const { runner, request } = testRunner();
  const calls: unknown[] = [];
  request((background) => {
    background.add(task("sweep", { run: () => void calls.push("sweep") }));
    background.add((a: number, b: string) => calls.push(a, b), 1, "two");
    // @ts-expect-error: an argument of another type
    background.add((a: number) => calls.push(a), "three");
  });
  await runner.drain();
  assert.deepEqual(calls, ["sweep", 1, "two", "three"]);
});

test("a handler sees the async context of the route that added it, and no other request's", async () => {
  const { runner, request } = testRunner();
  const tenant = new AsyncLocalStorage<string>();
  const seen: [string, string | undefined][] = [];
  for (const name of ["a", "b"]) {
    tenant.run(name, () =>
      request((background) => {
        background.add(() => seen.push([name, tenant.getStore()]));
        background.add(async () => {
          await Promise.resolve();
          seen.push([name, tenant.getStore()]);
        });
      }),
    );
  }
  await runner.drain();
  assert.equal(seen.length, 4);
  for (const [name, store] of seen) assert.equal(store, name);
});

test("discarded tasks do not run and give their room back", async () => {
  const { runner, request } = testRunner({ maxQueued: 1 });
  const background = new BackgroundTasks(runner);
  background.add(() => assert.fail("it ran"));
  assert.throws(() => request((other) => other.add(() => {})), OverloadedError);
  background.discard();
  background.add(() => assert.fail("it ran"));
  background.release();
  request((other) => other.add(() => {}));
  await runner.drain();
  assert.deepEqual(runner.counts, { queued: 0, running: 0, succeeded: 1, failed: 0, refused: 1, dropped: 0 });
});

test("parked tasks take no room, and run when they are released", async () => {
  const { runner, request } = testRunner({ maxQueued: 1 });
  const background = new BackgroundTasks(runner);
  const ran: string[] = [];
  background.add(() => ran.push("parked before"));
  background.park();
  background.add(() => ran.push("parked after"));
  assert.equal(runner.counts.queued, 0);
  request((other) => other.add(() => ran.push("of another")));
  background.release();
  assert.equal(runner.counts.queued, 3);
  await runner.drain();
  assert.deepEqual(ran.toSorted(), ["of another", "parked after", "parked before"]);
  assert.equal(runner.counts.queued, 0);
});

test("what is neither a task nor a function is refused when it is added: a call's result, most of all", () => {
  const { runner, request } = testRunner();
  for (const given of [Promise.resolve(), undefined, null, "send-receipt", {}]) {
    assert.throws(
      () => request((background) => background.add(given as unknown as () => void)),
      (error) => error instanceof ConfigurationError && /not add\(send\(id\)\)/.test(error.message),
    );
  }
  assert.equal(runner.counts.queued, 0);
});
