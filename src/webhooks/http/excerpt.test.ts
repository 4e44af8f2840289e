import assert from "node:assert/strict";
import { test } from "node:test";
import { excerptOf, LONGEST_EXCERPT } from "./excerpt.ts";

const chunks = (...parts: (string | number[])[]) =>
  parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part)));

test("chunks are joined before they are read, so a character may be in two", () => {
  assert.equal(excerptOf([]), "");
  assert.equal(excerptOf(chunks("a", [0xc3], [0xa9], "b")), "aéb");
});

test("a character that the cut goes through is left out", () => {
  const text = excerptOf(chunks("x".repeat(LONGEST_EXCERPT - 2), "€uro"));
  assert.equal(text, "x".repeat(LONGEST_EXCERPT - 2));
});

test("what fits to the last byte is whole", () => {
  const text = `${"x".repeat(LONGEST_EXCERPT - 3)}€`;
  assert.equal(excerptOf(chunks(text)), text);
  assert.equal(excerptOf(chunks(text, "more")), text);
});

test("bytes that are not UTF-8 and NULs become U+FFFD", () => {
  assert.equal(excerptOf(chunks("a", [0xff], "b\0c", [0xc3])), "a\ufffdb\ufffdc\ufffd");
});
