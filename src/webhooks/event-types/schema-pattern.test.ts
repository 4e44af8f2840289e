import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CheckingBudget } from "./checking-budget.ts";
import { SchemaPattern } from "./schema-pattern.ts";

const budget = new CheckingBudget();

function problemOf(source: string): string {
  try {
    new SchemaPattern(source, budget);
    return "";
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
}

test("what takes more than linear time, or is not supported, is refused with a sentence", () => {
  for (const source of [
    "a(?=b)",
    "a(?!b)",
    "(?<=a)b",
    "(?<!a)b",
    "(a)\\1",
    "(?<n>a)\\k<n>",
    "a{1001}",
    "\\p{Script=Greek}",
  ])
    assert.match(problemOf(source), /^uses (something|a back-reference,) which RE2 does not support/, source);
});

test("what is not a regular expression of JSON Schema is refused, also when RE2 would take it", () => {
  for (const source of [
    "(",
    "(?=a)*",
    "[a-",
    "a**",
    "\\Qa\\E",
    "(?i)a",
    "[[:alpha:]]",
    "\\A",
    "a{2,1}",
    "a{,5}",
  ])
    assert.match(problemOf(source), /^is not a regular expression: /, source);
});

test("a pattern is as large as its repeats, also within each other", () => {
  assert.equal(new SchemaPattern("a{30}", budget).size, 31);
  assert.equal(problemOf("^[a-z0-9]{1,63}(?:\\.[a-z0-9]{1,63}){0,8}$"), "");
  for (const source of [
    "(?:abc){700}",
    "((a{20}){20}){20}",
    "a{900}b{900}c{900}",
    "[a-z]{1000}[a-z]{1000}",
    "\\p{L}{300}",
  ])
    assert.equal(
      problemOf(source),
      "is too large: repeats count as often as they may occur, 2000 in all",
      source,
    );
  assert.equal(problemOf("x".repeat(1_001)), "must be at most 1000 characters long");
});

test("patterns that would hang other engines cost a bounded number of steps", () => {
  const steps = (source: string, text: string) => {
    const bounded = new CheckingBudget();
    bounded.grant(100_000);
    return new SchemaPattern(source, bounded).test(text);
  };
  assert.equal(steps("^(a+)+$", `${"a".repeat(50_000)}b`), false);
  assert.equal(steps("^(a|aa)+$", `${"a".repeat(50_000)}b`), false);
  assert.throws(() => steps("^(?:a?){350}a{350}$", "a".repeat(5_000)), /too many steps/);
});

test("white space, line ends and characters beyond U+FFFF are as ECMA-262 has them", () => {
  const cases = [
    "\\s",
    "\\S",
    "[\\s]",
    "[^\\s]",
    "[\\S]",
    "[\\s\\S]",
    ".",
    "^.$",
    "\\ud83d\\ude00",
    "[\\ud83d\\ude00]",
    "[[:a:]",
    "\\u00a0",
    "[\\u{1f600}-\\u{1f64f}]",
  ];
  const texts = [
    "",
    " ",
    "\n",
    "\r",
    "\v",
    "\u00a0",
    "\u1680",
    "\u2003",
    "\u2028",
    "\u202f",
    "\u3000",
    "\ufeff",
    "\u180e",
    "😀",
    "a",
    "[",
    ":",
    "\0",
  ];
  for (const source of cases)
    for (const text of texts)
      assert.equal(
        new SchemaPattern(source, budget).test(text),
        new RegExp(source, "u").test(text),
        `${source} on ${JSON.stringify(text)}`,
      );
});

const atom = fc.constantFrom(
  "a",
  "b",
  "é",
  "😀",
  ".",
  "\\d",
  "\\w",
  "\\s",
  "\\S",
  "\\D",
  "\\W",
  "\\.",
  "\\-",
  "\\/",
  "\\n",
  "\\x61",
  "\\u0061",
  "\\u{1f600}",
  "\\ud83d\\ude00",
  "[ab]",
  "[^a]",
  "[a-c\\d]",
  "[^\\s]",
  "[\\S]",
  "[.\\-]",
  "[\\]\\[]",
  "[]",
  "[^]",
  "[[]",
  "[\\u0061-\\u0063]",
  "\\p{L}",
  "\\P{Lu}",
  "\\b",
  "\\B",
  "^",
  "$",
);
const repeat = fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "{2}", "{0,2}", "{1,}", "{0}");
const pattern = fc.letrec<{ pattern: string }>((tie) => {
  const group = fc
    .tuple(fc.constantFrom("(", "(?:", "(?<n>"), tie("pattern"))
    .map(([open, inside]) => `${open}${inside})`);
  const piece = fc.tuple(fc.oneof({ maxDepth: 2 }, atom, group), repeat).map((parts) => parts.join(""));
  return {
    pattern: fc.array(fc.oneof(piece, fc.constant("|")), { maxLength: 4 }).map((pieces) => pieces.join("")),
  };
}).pattern;

test("a pattern that is taken matches what ECMA-262 says it does", () => {
  const text = fc.array(
    fc.constantFrom(
      "a",
      "b",
      "c",
      "é",
      "😀",
      "1",
      ".",
      "-",
      "/",
      "[",
      "]",
      " ",
      "\n",
      "\r",
      "\u00a0",
      "\u2028",
      "A",
      "_",
    ),
    { maxLength: 6 },
  );
  let taken = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 3 }), (source, texts) => {
      if (problemOf(source) !== "") return;
      taken++;
      const [ours, theirs] = [new SchemaPattern(source, budget), new RegExp(source, "u")];
      for (const each of texts.map((characters) => characters.join("")))
        assert.equal(ours.test(each), theirs.test(each), `${source} on ${JSON.stringify(each)}`);
    }),
    { numRuns: 500 },
  );
  assert.ok(taken > 100, `only ${taken} patterns were taken`);
});
