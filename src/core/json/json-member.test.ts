import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rawMember } from "./json-member.ts";

test("the text of a value is kept as the sender wrote it", () => {
  const cases: [object: string, text: string][] = [
    ['{"p":12345678901234567890}', "12345678901234567890"],
    ['{"p":1.0e+2}', "1.0e+2"],
    ['{"p":-0}', "-0"],
    ['{"p":"\\u00e9\\/\\"}"}', '"\\u00e9\\/\\"}"'],
    ['{ "p" : { "b" : 1 ,\n"a": [ 1 , 2 ] } , "q" : 1 }', '{ "b" : 1 ,\n"a": [ 1 , 2 ] }'],
    ['{"a":{"p":1},"p":[{"p":2},"]}"]}', '[{"p":2},"]}"]'],
    ['\t{"a":"\\\\","p":null}\r\n', "null"],
    ['{"p":true}', "true"],
    ['{"p":""}', '""'],
    ['{"p":{}}', "{}"],
  ];
  for (const [object, text] of cases) assert.equal(rawMember(object, "p"), text, object);
});

test("a member that is missing, or only present deeper, is undefined", () => {
  for (const object of ["{}", " { } ", '{"a":1}', '{"a":{"p":1}}', '{"a":"p","b":["p",1]}', '{"P":1}']) {
    assert.equal(rawMember(object, "p"), undefined, object);
  }
});

test("of several members of one name the last counts, as for JSON.parse, whatever way the name is written", () => {
  assert.equal(rawMember('{"p":1,"q":2,"p":3}', "p"), "3");
  assert.equal(rawMember('{"p":1,"\\u0070":2}', "p"), "2");
  assert.equal(rawMember('{"__proto__":1}', "__proto__"), "1");
});

/** JSON text together with the value it stands for, written in ways that JSON.stringify never would. */
const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/);

const string = fc.tuple(fc.string({ unit: "binary", maxLength: 8 }), fc.boolean()).map(([text, escaped]) => {
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, at) =>
    text.charCodeAt(at).toString(16).padStart(4, "0"),
  );
  return `"${units.map((unit) => `\\u${unit}`).join("")}"`;
});

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.constantFrom("1E5", "0.10", "-0", "1e-7"),
);

const { value, object } = fc.letrec<{
  value: string;
  object: string;
  array: string;
  key: string;
  member: string;
}>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    number,
    string,
    fc.constantFrom("true", "false", "null"),
    tie("array"),
    tie("object"),
  ),
  array: fc
    .tuple(fc.array(fc.tuple(space, tie("value"), space), { maxLength: 4 }), space)
    .map(
      ([items, empty]) => `[${items.length > 0 ? items.map((parts) => parts.join("")).join(",") : empty}]`,
    ),
  // few names, so that some come twice, some of them escaped
  key: fc
    .oneof(fc.constantFrom('"p"', '"\\u0070"', '"q"', '"a\\\\"', '"\\""', '""'), string)
    // V8 13.6 mistakes an escaped key for one that begins with a backslash, if an earlier object had such a key
    .filter((key) => !JSON.parse(key).startsWith("\\")),
  member: fc
    .tuple(space, tie("key"), space, space, tie("value"), space)
    .map(([a, key, b, c, text, d]) => `${a}${key}${b}:${c}${text}${d}`),
  object: fc
    .tuple(fc.array(tie("member"), { maxLength: 5 }), space)
    .map(([members, empty]) => `{${members.length > 0 ? members.join(",") : empty}}`),
}));

test("the member of any object is exactly the text that JSON.parse reads its value from", () => {
  fc.assert(
    fc.property(space, object, space, (before, text, behind) => {
      const whole = before + text + behind;
      const parsed: Record<string, unknown> = JSON.parse(whole);
      for (const name of [...Object.keys(parsed), "p", "missing"]) {
        const raw = rawMember(whole, name);
        if (!Object.hasOwn(parsed, name)) assert.equal(raw, undefined);
        else assert.deepEqual(JSON.parse(raw ?? ""), parsed[name]);
        if (raw !== undefined) assert.ok(whole.includes(raw) && raw === raw.trim());
      }
    }),
    { numRuns: 1_000 },
  );
});

test("the last of the members of a name gives its text to the byte", () => {
  fc.assert(
    fc.property(object, space, value, space, (rest, before, text, behind) => {
      const members = rest.slice(1, -1).trim();
      const whole = `{${members}${members === "" ? "" : ","}"p"${before}:${before}${text}${behind}}`;
      assert.equal(rawMember(whole, "p"), text);
    }),
    { numRuns: 1_000 },
  );
});
