import assert from "node:assert/strict";
import { test } from "node:test";
import { indentJson } from "./indent-json.ts";

test("JSON is indented and otherwise left as it was written", () => {
  const text = '{"n":9007199254740993,"s":"a, \\"b\\": {","list":[1.0,[],{ }],"b":1,"b":-2e5,"t":true}';
  assert.equal(
    indentJson(text),
    `{
  "n": 9007199254740993,
  "s": "a, \\"b\\": {",
  "list": [
    1.0,
    [],
    { }
  ],
  "b": 1,
  "b": -2e5,
  "t": true
}`,
  );
  assert.equal(indentJson(' "text" '), '"text"');
});

test("what is not JSON is not indented", () => {
  for (const text of ["", "hello", "{", "{'a':1}"]) assert.equal(indentJson(text), undefined);
});
