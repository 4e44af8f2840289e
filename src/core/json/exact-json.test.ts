import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareNumbers, Decimal } from "./decimal.ts";
import { isJsonObject, type Json, parseExactly } from "./exact-json.ts";

/** `plain` with a Decimal in place of some numbers. */
function assertSame(json: Json | undefined, plain: unknown): void {
  if (json instanceof Decimal) assert.equal(compareNumbers(json, plain as number), 0);
  else if (Array.isArray(json) && Array.isArray(plain)) {
    assert.equal(json.length, plain.length);
    for (const [at, each] of plain.entries()) assertSame(json[at], each);
  } else if (isJsonObject(json)) {
    assert.deepEqual(Object.keys(json), Object.keys(plain as object));
    for (const [name, value] of Object.entries(plain as object)) assertSame(json[name], value);
  } else assert.deepEqual(json, plain);
}

function isDecimalOf(json: Json, text: string): boolean {
  return json instanceof Decimal && json.compare(new Decimal(text)) === 0;
}

test("numbers that a double holds are doubles, the others keep their digits", () => {
  assert.deepEqual(parseExactly('[1, -2.5, 123456789012345, 0.1, "1e5"]'), [
    1,
    -2.5,
    123456789012345,
    0.1,
    "1e5",
  ]);
  for (const text of ["9007199254740993", "-9007199254740993", "0.30000000000000001", "1e400", "-1E-5"])
    assert.ok(isDecimalOf(parseExactly(` ${text}\n`), text), text);
  const nested = parseExactly('{"a":[{"__proto__":12345678901234567890,"b":"12345678901234567890"}],"c":1}');
  assert.ok(isJsonObject(nested) && Array.isArray(nested.a) && isJsonObject(nested.a[0]));
  const { a } = nested;
  assert.deepEqual(Object.keys(a[0]), ["__proto__", "b"]);
  assert.ok(isDecimalOf(Object.values(a[0])[0] as Json, "12345678901234567890"));
  assert.equal(a[0].b, "12345678901234567890");
});

test("digits within strings and names are left alone, whatever stands around them", () => {
  for (const value of ['"1234567890123456789', "\\", '\\"', "12345678901234567890", 'a\\\\"1e5"', "é1e5"]) {
    const tree = { [value]: [value, { a: value }] };
    assert.deepEqual(parseExactly(JSON.stringify(tree)), tree);
  }
});

test("what is not JSON is refused", () => {
  for (const text of [
    "",
    "{",
    "01",
    "1.",
    "+1",
    "NaN",
    '{"a":1,}',
    "'a'",
    "\ufeff1",
    "1e",
    "12345678901234567890 1",
  ])
    assert.throws(() => parseExactly(text), SyntaxError, text);
});

test("no depth is too deep to read", () => {
  const depth = 300_000;
  const json = parseExactly(`${"[".repeat(depth)}12345678901234567890${"]".repeat(depth)}`);
  let inside: Json | undefined = json;
  while (Array.isArray(inside)) inside = inside[0];
  assert.ok(inside !== undefined && isDecimalOf(inside, "12345678901234567890"));
});

test("everything else is as JSON.parse has it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      assertSame(parseExactly(text), JSON.parse(text));
    }),
    { numRuns: 1_000 },
  );
});
