import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../../core/printable.ts";
import { printJson } from "./io.ts";
import { printableLine } from "./printable.ts";

test("control characters are shown, not obeyed; line breaks and tabs stay", () => {
  assert.equal(printable("a\u001b[31mb\u0007\u009b\r\n\tc"), "a\\x1b[31mb\\x07\\x9b\\x0d\n\tc");
});

test("what would reverse the direction of the text, or break its line, is shown", () => {
  assert.equal(printable("a\u202egnp.exe\u2066b\u200f\u2028c"), "a\\u202egnp.exe\\u2066b\\u200f\\u2028c");
  assert.equal(printable("שלום, 😀, e\u0301"), "שלום, 😀, e\u0301");
});

test("a line is one line, cut to its length", () => {
  assert.equal(printableLine(" a\n\n  b\tc "), "a b c");
  assert.equal(printableLine("abcdef", 4), "abc…");
  assert.equal(printableLine("abcd", 4), "abcd");
});

test("JSON escapes what would steer a terminal, and keeps its value", () => {
  const value = { "\u009bname": "a\u001b[31mb\u009b31m\u202egnp.exe\u007f\n" };
  let text = "";
  printJson({ write: (part) => (text += part) }, value);
  assert.equal(text, '{"\\u009bname":"a\\u001b[31mb\\u009b31m\\u202egnp.exe\\u007f\\n"}\n');
  assert.deepEqual(JSON.parse(text), value);
});
