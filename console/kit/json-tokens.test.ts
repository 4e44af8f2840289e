import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPieces, memberOf } from "./json-tokens.ts";

test("JSON is laid out, and every token stays as it was written", () => {
  const text = String.raw`{"id":9007199254740993,"a":1.0,"a":[],"b":["caf\u00e9",{"c":null}]}`;
  const pieces = jsonPieces(text) ?? [];
  const tokens = pieces.filter(({ kind }) => kind !== "space").map((piece) => piece.text);
  assert.equal(tokens.join(""), text);
  assert.equal(
    pieces.map((piece) => piece.text).join(""),
    '{\n  "id": 9007199254740993,\n  "a": 1.0,\n  "a": [],\n  "b": [\n    "caf\\u00e9",\n    {\n      "c": null\n    }\n  ]\n}',
  );
});

test("what is not JSON is not laid out", () => {
  for (const text of ["", "hello", "{", "}", '{"a": tru}', "<script>alert(1)</script>"])
    assert.equal(jsonPieces(text), undefined, text);
});

test("a member is found as it is written, at the first level only", () => {
  const text = '{ "x": {"payload": 1}, "payload": {"n": 1.0, "s": "},"} , "y": 2}';
  assert.equal(memberOf(text, "payload"), '{"n": 1.0, "s": "},"}');
  assert.equal(memberOf(text, "y"), "2");
  assert.equal(memberOf(text, "z"), undefined);
});
