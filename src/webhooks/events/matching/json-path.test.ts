import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePath, valueAt } from "./json-path.ts";

test("a path is read step by step", () => {
  const read = {
    $: [],
    "$.a": ["a"],
    "$.order.lines[0].sku": ["order", "lines", 0, "sku"],
    "$.order-id._x9.größe": ["order-id", "_x9", "größe"],
    "$['a.b'][\"c d\"]['']": ["a.b", "c d", ""],
    "$['it\\'s \"so\"']": ['it\'s "so"'],
    '$["it\'s \\"so\\""]': ['it\'s "so"'],
    "$['\\u00e9\\n\\\\']": ["é\n\\"],
    "$['😀']": ["😀"],
    "$[9999999999]": [9_999_999_999],
  };
  for (const [text, steps] of Object.entries(read)) assert.deepEqual(parsePath(text), steps, text);
});

test("what leads to many values, or is not a path, is not read", () => {
  const others = [
    "",
    "a",
    "$a",
    "$.",
    "$..a",
    "$.*",
    "$[*]",
    "$[-1]",
    "$[1:2]",
    "$[01]",
    "$[?@.a]",
    "$['a','b']",
    "$[a]",
    "$[",
    "$['a",
    "$['a\"]",
    "$.0",
    "$.a b",
    "$.a ",
    " $.a",
    "$['\\x41']",
    "$['\\u12']",
    "$['\n']",
    "$[99999999999]",
    "$.a[]",
    "$.a.",
  ];
  for (const text of others) assert.equal(parsePath(text), undefined, text);
});

test("only what the payload itself holds is found", () => {
  const payload = JSON.parse('{"a":[{"b":null}],"__proto__":{"c":1}}');
  assert.equal(valueAt(payload, ["a", 0, "b"]), null);
  assert.equal(valueAt(payload, ["__proto__", "c"]), 1);
  assert.equal(valueAt(payload, []), payload);
  const missing = [
    ["a", 1],
    ["a", "0"],
    ["a", "length"],
    ["a", 0, "b", "c"],
    ["toString"],
    [0],
    ["constructor", "name"],
  ];
  for (const steps of missing) assert.equal(valueAt(payload, steps), undefined, steps.join());
  assert.equal(valueAt("text", ["length"]), undefined);
  assert.equal(valueAt("text", [0]), undefined);
});

test("every step can be written with either kind of quotes", () => {
  const step = fc.oneof(fc.nat(), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), fc.boolean(), (steps, isSingle) => {
      const written = steps.map((each) => {
        if (typeof each === "number" || !isSingle) return `[${JSON.stringify(each)}]`;
        return `['${JSON.stringify(each).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}']`;
      });
      assert.deepEqual(parsePath(`$${written.join("")}`), steps);
    }),
    { numRuns: 1_000 },
  );
});
