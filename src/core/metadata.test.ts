import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError } from "./errors.ts";
import { metadataOf } from "./metadata.ts";

function problemsOf(value: unknown): string[] {
  try {
    metadataOf(value);
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return error.problems.map(({ path, detail }) => `${path.join("/")}: ${detail}`);
  }
}

test("strings by name are kept, whatever the names are", () => {
  const metadata = JSON.parse('{"plan":"gold","":"","__proto__":"a","é\\u0000":"\\ud83d\\ude00"}');
  assert.deepEqual(metadataOf(metadata), metadata);
  assert.equal(JSON.stringify(metadataOf(metadata)), JSON.stringify(metadata));
  assert.deepEqual(metadataOf({}), {});
});

test("every member that is not a string is named", () => {
  assert.deepEqual(problemsOf({ a: 1, b: "fine", c: null, d: ["x"], e: "\ud800", "\ud800": "f" }), [
    "metadata/a: must be a string",
    "metadata/c: must be a string",
    "metadata/d: must be a string",
    "metadata/e: contains half a surrogate pair, which UTF-8 cannot encode",
    "metadata/\ud800: contains half a surrogate pair, which UTF-8 cannot encode",
  ]);
});

test("4096 bytes as JSON are taken, 4097 are not, and an escape counts as it is written", () => {
  assert.deepEqual(problemsOf({ a: "x".repeat(4_088) }), []);
  assert.deepEqual(problemsOf({ a: "x".repeat(4_089) }), [
    "metadata: must be at most 4096 bytes as JSON; it has 4097",
  ]);
  assert.deepEqual(problemsOf({ a: "é".repeat(2_045) }), [
    "metadata: must be at most 4096 bytes as JSON; it has 4098",
  ]);
  assert.deepEqual(problemsOf({ a: "\0".repeat(682) }), [
    "metadata: must be at most 4096 bytes as JSON; it has 4100",
  ]);
});

test("what is not an object of members is refused", () => {
  for (const value of [null, undefined, "a", 5, ["a"], new Map([["a", "b"]]), new Date(0), () => {}])
    assert.deepEqual(problemsOf(value), ["metadata: must be an object of strings by name"]);
});
