import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAsWritten } from "./parse-as-written.ts";

test("numbers that a double cannot hold are written as they were", () => {
  const exact = [
    '{"id":9007199254740993,"list":[-123456789012345678901234567890,0.1234567890123456789],"a":1e400}',
    '{"a":1e-7,"b":"9007199254740993","__proto__":{"c":9007199254740993}}',
    "18446744073709551615",
  ];
  for (const text of exact) assert.equal(JSON.stringify(parseAsWritten(text)), text);
});

test("all others are numbers", () => {
  const text = '{"a":1.50,"b":9007199254740991,"c":0.1,"d":"1e400","e":[true,null,-12]}';
  assert.deepEqual(parseAsWritten(text), JSON.parse(text));
  assert.deepEqual(parseAsWritten('{"a":9007199254740993,"b":2}'), {
    ...{ a: parseAsWritten("9007199254740993"), b: 2 },
  });
});
