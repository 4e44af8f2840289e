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

test("anything that is thrown has a message", () => {
  assert.equal(messageOf("text"), "text");
  assert.equal(messageOf(undefined), "undefined");
  assert.match(messageOf(Object.create(null)), /without a message/);
  assert.equal(messageOf(Object.assign(new Error(), { message: 404 })), "404");
  assert.equal(messageOf(Object.assign(new Error(), { message: undefined })), "undefined");
  const trap = () => {
    throw new Error("a trap");
  };
  assert.match(messageOf(Object.defineProperty(new Error(), "message", { get: trap })), /without a message/);
  assert.match(messageOf(new Proxy({}, { get: trap, getPrototypeOf: trap })), /without a message/);
});
