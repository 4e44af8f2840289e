import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidInputError } from "../../../core/errors.ts";
import { type Json, parseExactly } from "../../../core/json/exact-json.ts";
import { JsonText } from "../../accept/deliver-request.ts";
import { compileFilter, filterOf } from "./filter.ts";

function isWanted(filter: unknown, payload: Json): boolean {
  return compileFilter(filterOf(filter)).matches(payload);
}

function problemsOf(filter: unknown): string[] {
  try {
    filterOf(filter);
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return error.problems.map(({ path, detail }) => `${path.join(" ")}: ${detail}`);
  }
}

/** `depth` levels. */
function nested(depth: number, kind: "not" | "all"): unknown {
  let filter: unknown = { "$.a": 1 };
  for (let level = 1; level < depth; level++) filter = { [kind]: kind === "not" ? filter : [filter] };
  return filter;
}

test("the guide's examples are as it says", () => {
  const guide = readFileSync(join(import.meta.dirname, "../../../../docs/filters.md"), "utf8");
  const blocks = [...guide.matchAll(/```json\n([^`]*)```/g)];
  assert.equal(blocks.length, 2);
  for (const [, block = ""] of blocks) assert.deepEqual(problemsOf(new JsonText(block)), []);
  const rows = [...guide.matchAll(/^\| `(\{.*\})` \| `(.*)` \| (wanted|not wanted) \|$/gm)];
  assert.equal(rows.length, 19);
  for (const [row, filter = "", payload = "", verdict] of rows)
    assert.equal(isWanted(new JsonText(filter), parseExactly(payload)), verdict === "wanted", row);
});

test("a filter is kept as it was written", () => {
  const text = '{ "$.id": 12345678901234567890.10 }';
  assert.equal(filterOf(new JsonText(text)), text);
  assert.equal(filterOf({ "$.a": "\ud83d\ude00" }), '{"$.a":"\ud83d\ude00"}');
});

test("numbers are compared as they are written, in every operator", () => {
  const id = "12345678901234567890";
  const wants = (condition: string) =>
    compileFilter(filterOf(new JsonText(`{"$.id": ${condition}}`))).matches(parseExactly(`{"id": ${id}}`));
  for (const condition of [
    id,
    `{"in": [1, ${id}.0]}`,
    `{"gt": 12345678901234567889}`,
    `{"lte": 1234567890123456789e1}`,
  ])
    assert.ok(wants(condition), condition);
  for (const condition of ["12345678901234567891", `{"gte": 12345678901234567891}`, `"${id}"`, `{"gt": "1"}`])
    assert.ok(!wants(condition), condition);
});

test("a number whose exponent is beyond arithmetic meets no condition", () => {
  const huge = "1e9999999999999999";
  for (const operator of ["gt", "gte", "lt", "lte"])
    assert.ok(!compileFilter(`{"$": {"${operator}": 1}}`).matches(parseExactly(huge)));
  assert.ok(!compileFilter(`{"$": ${huge}}`).matches(parseExactly(huge)));
});

test("strings are ordered by code point, as their UTF-8 is", () => {
  assert.ok(isWanted({ $: { gt: "\uffff" } }, "\u{10000}"));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(isWanted({ $: { lt: b } }, a), order < 0);
      assert.equal(isWanted({ $: { lte: b } }, a), order <= 0);
      assert.equal(isWanted({ $: { gt: b } }, a), order > 0);
      assert.equal(isWanted({ $: { gte: b } }, a), order >= 0);
      assert.equal(isWanted({ $: b }, a), order === 0);
    }),
    { numRuns: 1_000 },
  );
});

test("every invalid place is named", () => {
  const filter = {
    a: 1,
    "$..b": 1,
    "$.c": { gt: true, between: [1, 2], in: [], prefix: "", exists: 1 },
    "$.d": [1],
    "$.e": {},
    "$.f": { in: [1, [2], {}], not: { gt: null } },
    any: [],
    all: { "$.g": 1 },
    not: [1, { "$.h": { lt: [] } }],
  };
  const range = "must be a number, or a string";
  const scalar = "must be a string, a number, a boolean or null";
  assert.deepEqual(problemsOf(filter), [
    "filter a: is unknown; a filter takes paths that begin with $, all, any and not",
    "filter $..b: is not a path to one value; write it like $.order.lines[0]['unit price']",
    `filter $.c gt: ${range}`,
    "filter $.c between: is not an operator; there are in, not, gt, gte, lt, lte, prefix, exists",
    "filter $.c in: must be a list of at least one string, number, boolean or null",
    "filter $.c prefix: must be a string of at least one character",
    "filter $.c exists: must be true or false",
    'filter $.d: cannot be a list; one of several values is {"in": […]}',
    "filter $.e: must have an operator: in, not, gt, gte, lt, lte, prefix, exists",
    `filter $.f in 1: ${scalar}`,
    `filter $.f in 2: ${scalar}`,
    `filter $.f not gt: ${range}`,
    "filter any: must be a list of at least one filter",
    "filter all: must be a list of at least one filter",
    "filter not: must be an object; it takes paths that begin with $, all, any and not",
  ]);
  assert.deepEqual(problemsOf({ any: [{ "$.a": 1 }, { "$.b": { gt: null } }] }), [
    `filter any 1 $.b gt: ${range}`,
  ]);
  assert.deepEqual(problemsOf({ "$.a": { toString: 1, __proto__: null } }).length, 1);
});

test("what is not a filter at all is refused", () => {
  for (const value of [null, 5, "$.a", [], [{ "$.a": 1 }]])
    assert.deepEqual(problemsOf(value), [
      "filter: must be an object; it takes paths that begin with $, all, any and not",
    ]);
  assert.deepEqual(problemsOf({}), ["filter: must have a condition; without a filter, all is wanted"]);
  assert.deepEqual(problemsOf({ any: [{}] }), [
    "filter any 0: must have a condition; without a filter, all is wanted",
  ]);
  for (const value of [undefined, () => true, 5n, new Map([["$.a", 1]])])
    assert.match(problemsOf(value).join(), /^filter: cannot be written as JSON: /);
  assert.match(problemsOf(new JsonText("{")).join(), /^filter: is not JSON: /);
});

test("half a surrogate pair is refused wherever it stands", () => {
  const half = "\ud800";
  assert.deepEqual(
    problemsOf({ "$.a": half, "$.b": { gt: half, prefix: half, in: ["a", half], not: half } }),
    [
      "filter $.a: contains half a surrogate pair",
      "filter $.b gt: contains half a surrogate pair",
      "filter $.b prefix: contains half a surrogate pair",
      "filter $.b in 1: contains half a surrogate pair",
      "filter $.b not: contains half a surrogate pair",
    ],
  );
  assert.match(problemsOf(new JsonText(`{"$.${half}": 1}`)).join(), /which UTF-8 cannot encode/);
});

test("64 conditions are taken, 65 are not", () => {
  const make = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`$.m${at}`, { not: at }]));
  assert.deepEqual(problemsOf(make(64)), []);
  assert.deepEqual(problemsOf(make(65)), ["filter: must have at most 64 conditions"]);
  assert.deepEqual(problemsOf({ any: [make(40), { "$.a": { gt: 1, lt: 3 } }, make(23)] }), [
    "filter: must have at most 64 conditions",
  ]);
});

test("4096 bytes are taken, 4097 are not", () => {
  const make = (length: number) => ({ "$.a": "é".repeat(length / 2 - 5) });
  assert.equal(filterOf(make(4_096)).length + 4_096 / 2 - 5, 4_096);
  assert.deepEqual(problemsOf(make(4_098)), ["filter: must be at most 4096 bytes as JSON; it has 4098"]);
});

test("8 levels are taken, 9 are refused where they begin", () => {
  for (const kind of ["not", "all"] as const) {
    assert.deepEqual(problemsOf(nested(8, kind)), []);
    const [problem = "", ...others] = problemsOf(nested(9, kind));
    assert.deepEqual(others, []);
    assert.match(
      problem,
      /^filter( not| all 0){8}: is nested too deeply: at most 8 levels of all, any and not$/,
    );
  }
  const inCondition = (levels: number) => {
    let condition: unknown = 1;
    for (let level = 1; level < levels; level++) condition = { not: condition };
    return { "$.a": condition };
  };
  assert.deepEqual(problemsOf(inCondition(8)), []);
  assert.match(problemsOf(inCondition(9)).join(), /^filter \$\.a( not){8}: is nested too deeply/);
  assert.match(
    problemsOf(new JsonText(`{"not":${"[".repeat(2_000)}${"]".repeat(2_000)}}`)).join(),
    /^filter not: must be an object/,
  );
});

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("", "a", "ab", "b"),
  fc.boolean(),
  fc.constant(null),
);
const ordered = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom("", "a", "ab", "b"));

const conditionOf = fc.letrec<{ condition: unknown }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    scalar,
    fc
      .record(
        {
          in: fc.array(scalar, { minLength: 1, maxLength: 3 }),
          gt: ordered,
          lte: ordered,
          prefix: fc.constantFrom("a", "b"),
          exists: fc.boolean(),
        },
        { requiredKeys: [] },
      )
      .filter((operators) => Object.keys(operators).length > 0),
    fc.record({ not: tie("condition") }),
  ),
})).condition;

const payloads = fc.dictionary(fc.constantFrom("a", "b"), scalar) as fc.Arbitrary<Record<string, Json>>;

/** The guide's rules for one value, in the plainest words. */
function meets(value: Json | undefined, condition: unknown): boolean {
  if (typeof condition !== "object" || condition === null) return value === condition;
  return Object.entries(condition).every(([operator, operand]) => {
    const isSameKind = typeof value === typeof operand;
    if (operator === "in") return operand.includes(value);
    if (operator === "gt") return isSameKind && (value as string) > operand;
    if (operator === "lte") return isSameKind && (value as string) <= operand;
    if (operator === "prefix") return typeof value === "string" && value.startsWith(operand);
    if (operator === "exists") return operand === (value !== undefined);
    return !meets(value, operand);
  });
}

test("a condition decides as the guide's rules do", () => {
  fc.assert(
    fc.property(conditionOf, payloads, (condition, payload) => {
      assert.equal(isWanted({ "$.a": condition }, payload), meets(payload.a, condition));
    }),
    { numRuns: 2_000 },
  );
});

test("all, any and not are and, or and not", () => {
  fc.assert(
    fc.property(conditionOf, conditionOf, payloads, (a, b, payload) => {
      const [left, right] = [{ "$.a": a }, { "$.b": b }];
      const [isLeft, isRight] = [isWanted(left, payload), isWanted(right, payload)];
      assert.equal(isWanted({ all: [left, right] }, payload), isLeft && isRight);
      assert.equal(isWanted({ ...left, ...right }, payload), isLeft && isRight);
      assert.equal(isWanted({ any: [left, right] }, payload), isLeft || isRight);
      assert.equal(isWanted({ not: left }, payload), !isLeft);
    }),
    { numRuns: 1_000 },
  );
});

test("whatever JSON is given is taken or refused, and each problem points into it", () => {
  const key = fc.constantFrom(
    "$.a",
    "$",
    "$.[",
    "all",
    "any",
    "not",
    "in",
    "gt",
    "exists",
    "prefix",
    "__proto__",
  );
  const tree = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(key, tie("json"), { maxKeys: 3 }),
    ),
  })).json;
  fc.assert(
    fc.property(tree, tree, (filter, payload) => {
      const text = JSON.stringify(filter);
      try {
        compileFilter(filterOf(new JsonText(text))).matches(parseExactly(JSON.stringify(payload)));
      } catch (error) {
        assert.ok(error instanceof InvalidInputError);
        for (const { path } of error.problems) {
          let place = { filter: JSON.parse(text) };
          for (const step of path) {
            assert.ok(Object.hasOwn(place, step), `${path.join("/")} in ${text}`);
            place = place[step as "filter"];
          }
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
