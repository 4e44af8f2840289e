import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { isError, messageOf } from "./errors.ts";

test("an error of another realm is one, and its message is told as any other's", () => {
  const foreign: unknown = runInNewContext("new TypeError('from elsewhere')");
  assert.ok(!(foreign instanceof Error));
  assert.ok(isError(foreign));
  assert.equal(messageOf(foreign), "from elsewhere");
  assert.ok(!isError({ message: "not one" }));
});

test("anything that is thrown has a text", () => {
  assert.equal(messageOf("text"), "text");
  assert.equal(messageOf(undefined), "undefined");
  assert.match(messageOf(Object.create(null)), /without a text/);
});
