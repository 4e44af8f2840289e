import assert from "node:assert/strict";
import { test } from "node:test";
import { errorDetailOf } from "./error-detail.ts";

test("an error's stack, code, causes and parts are kept", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  const both = new AggregateError([refused, new Error("other")]);
  const detail = errorDetailOf(new TypeError("fetch failed", { cause: both }));
  assert.deepEqual([detail.name, detail.message], ["TypeError", "fetch failed"]);
  assert.match(detail.stack ?? "", /^TypeError: fetch failed\n +at .*error-detail\.test/);
  assert.equal(detail.cause?.name, "AggregateError");
  assert.deepEqual(
    detail.cause?.errors?.map(({ message, code }) => [message, code]),
    [
      ["connect ECONNREFUSED 127.0.0.1:1", "ECONNREFUSED"],
      ["other", undefined],
    ],
  );
});

test("what is not an error is described with its type", () => {
  assert.deepEqual(errorDetailOf("text"), { name: "string", message: "text" });
  assert.deepEqual(errorDetailOf({ status: 402, message: "card declined" }), {
    name: "object",
    message: "card declined",
  });
  assert.deepEqual(errorDetailOf(new Error("no", { cause: 7 })).cause, { name: "number", message: "7" });
});

test("no secret is kept, in a message, a stack or a cause", () => {
  const cause = new Error("connect postgres://app:hunter2@db/app failed, password=hunter2");
  const error = new Error(
    'GET https://u:hunter2@api.test/x?key=hunter2 {"authorization": "Bearer hunter2hunter2"}',
    {
      cause,
    },
  );
  Object.assign(error, { config: { headers: { authorization: "hunter2" } } });
  const text = JSON.stringify(errorDetailOf(error));
  assert.doesNotMatch(text, /hunter2/);
  assert.match(text, /https:\/\/api\.test\/x\?\[redacted\]/);
  assert.match(text, /postgres:\/\/db\/app failed/);
});

test("its length is bounded, whatever was thrown, and nothing makes it throw", () => {
  const cyclic = new Error("cyclic");
  cyclic.cause = new AggregateError([cyclic, new Error("x".repeat(1e6), { cause: cyclic })]);
  let tree: unknown = new Error("leaf");
  for (let depth = 0; depth < 30; depth++) tree = new AggregateError([tree, tree, tree], "y".repeat(500));
  const trap = () => {
    throw new Error("a trap");
  };
  const odd = [
    Object.create(null),
    Object.defineProperty(new Error(), "message", { get: trap }),
    Object.defineProperty(new Error("m"), "stack", { get: trap }),
    Object.assign(new Error("m"), { message: Symbol("s"), code: {} }),
    new Proxy({}, { get: trap, getPrototypeOf: trap }),
    undefined,
  ];
  for (const thrown of [cyclic, tree, "z".repeat(1e6), ...odd])
    assert.ok(JSON.stringify(errorDetailOf(thrown)).length < 60_000);
  assert.equal(errorDetailOf(cyclic).cause?.errors?.length, 1);
  const long = errorDetailOf(new Error("x".repeat(1e6)));
  assert.match(long.stack ?? "", /x…\n +at /);
});
