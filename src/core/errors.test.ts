import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import {
  InvalidInputError,
  isError,
  JobBusyError,
  JobStateError,
  messageOf,
  OverloadedError,
  StoreUnavailableError,
  StoreUnusableError,
} from "./errors.ts";

test("an error says whether the same call may succeed a little later", () => {
  const passing = [new OverloadedError("full"), new StoreUnavailableError("gone"), new JobBusyError("job_1")];
  for (const error of passing) assert.ok(error.retryable, error.name);
  const lasting = [new InvalidInputError([]), new JobStateError("ended"), new StoreUnusableError("newer")];
  for (const error of lasting) assert.ok(!error.retryable, error.name);
});

test("an error of another realm is one, and its message is reported like any other's", () => {
  const foreign: unknown = runInNewContext("new TypeError('from elsewhere')");
  assert.ok(!(foreign instanceof Error));
  assert.ok(isError(foreign));
  assert.equal(messageOf(foreign), "from elsewhere");
  assert.ok(!isError({ message: "not one" }));
});

test("anything that is thrown has a message", () => {
  assert.equal(messageOf("text"), "text");
  assert.equal(messageOf(undefined), "undefined");
  assert.match(messageOf(Object.create(null)), /without a message/);
  assert.equal(messageOf(Object.assign(new Error(), { message: 404 })), "404");
  assert.equal(messageOf(Object.assign(new Error(), { message: undefined })), "Error");
  const trap = () => {
    throw new Error("a trap");
  };
  assert.match(messageOf(Object.defineProperty(new Error(), "message", { get: trap })), /without a message/);
  assert.match(messageOf(new Proxy({}, { get: trap, getPrototypeOf: trap })), /without a message/);
});

test("an error's text names its causes too, each once", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  assert.equal(
    messageOf(new TypeError("fetch failed", { cause: refused })),
    "fetch failed: connect ECONNREFUSED 127.0.0.1:1",
  );
  const deep = new Error("outer", { cause: new Error("middle", { cause: "the real reason" }) });
  assert.equal(messageOf(deep), "outer: middle: the real reason");
  assert.equal(
    messageOf(new Error("cannot send: reset", { cause: new Error("reset") })),
    "cannot send: reset",
  );
  assert.equal(messageOf(new Error("no", { cause: { code: 7 } })), 'no: {"code":7}');
  assert.equal(messageOf(new StoreUnavailableError("a sentence", { cause: refused })), "a sentence");
});

test("an error without a message is described by its parts, its code or its name", () => {
  const parts = [new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")];
  const both = "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1";
  assert.equal(messageOf(new AggregateError(parts)), both);
  assert.equal(messageOf(new AggregateError(parts, "many")), `many: ${both}`);
  assert.equal(
    messageOf(new Error("fetch failed", { cause: new AggregateError(parts) })),
    `fetch failed: ${both}`,
  );
  assert.equal(messageOf(new AggregateError([new Error("a"), new Error("a")])), "a");
  const many = Array.from({ length: 9 }, (_, n) => n);
  assert.equal(messageOf(new AggregateError(many, "many")), "many: 0; 1; 2; 3; 4; and 4 more");
  assert.equal(messageOf(Object.assign(new Error(), { code: "EPIPE" })), "EPIPE");
  assert.equal(messageOf(new TypeError()), "TypeError");
  assert.equal(messageOf(new AggregateError([])), "AggregateError");
});

test("a thrown object is described by its message, or else as JSON, without what is named like a secret", () => {
  assert.equal(messageOf({ status: 402, message: "card declined" }), "card declined");
  assert.equal(
    messageOf({ status: 402, headers: { authorization: "hunter2" }, apiKey: "hunter2" }),
    '{"status":402,"headers":"[redacted]","apiKey":"[redacted]"}',
  );
  assert.equal(messageOf(new Response("", { status: 503 })), "[object Response] with status 503");
  assert.equal(messageOf(""), "an empty string was thrown");
  assert.equal(messageOf(null), "null");
  assert.equal(messageOf(new Map([["a", 1]])), "[object Map]");
});

test("errors that are each other's cause, or have very many, are described in a few words", () => {
  const one = new Error("one");
  const other = new Error("other", { cause: one });
  one.cause = other;
  assert.equal(messageOf(one), "one: other");
  one.cause = one;
  assert.equal(messageOf(one), "one");
  let chain: unknown = "the end";
  for (let n = 0; n < 10_000; n++) chain = new Error(`e${n}`, { cause: chain });
  assert.ok(messageOf(chain).length < 100);
  let tree: unknown = "leaf";
  for (let depth = 0; depth < 30; depth++) tree = new AggregateError([tree, tree, tree], `level ${depth}`);
  assert.ok(messageOf(tree).length < 11_000);
  const long = messageOf(new Error("x".repeat(1e6)));
  assert.match(long, /^x{10000}… \(990000 characters more\)$/);
  assert.equal(messageOf(long), long);
});
