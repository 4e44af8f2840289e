import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidInputError } from "../../../core/errors.ts";
import { eventTypePatternsOf, patternsThatWant } from "./event-type-patterns.ts";

function problemsOf(value: unknown): string[] {
  try {
    eventTypePatternsOf(value);
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return error.problems.map(({ path, detail }) => `${path.join("/")}: ${detail}`);
  }
}

function doesWant(pattern: string, type: string): boolean {
  assert.deepEqual(eventTypePatternsOf([pattern]), [pattern]);
  return patternsThatWant(type).has(pattern);
}

test("a name wants that type and no other", () => {
  assert.ok(doesWant("invoice.paid", "invoice.paid"));
  for (const type of ["invoice", "invoice.paid.late", "invoice.pai", "Invoice.paid", "xinvoice.paid"])
    assert.ok(!doesWant("invoice.paid", type), type);
});

test("a wildcard wants what follows its dot, however many parts that has, and not the name before it", () => {
  for (const type of ["invoice.paid", "invoice.line.added", "invoice..x", "invoice.*".replace("*", "-")])
    assert.ok(doesWant("invoice.*", type), type);
  for (const type of ["invoice", "invoice.", "invoices.paid", "my.invoice.paid"])
    assert.ok(!doesWant("invoice.*", type), type);
  assert.ok(doesWant("invoice.line.*", "invoice.line.added"));
  assert.ok(!doesWant("invoice.line.*", "invoice.paid"));
});

test("a lone star wants every type", () => {
  for (const type of ["a", "a.b", ".a", "a.", "..."]) assert.ok(doesWant("*", type), type);
});

test("a star anywhere else is refused, and the error says where it may stand", () => {
  for (const pattern of ["*.paid", "inv*", "a.*.b", "**", "a.**", ".*", "*.*", "a*.*"])
    assert.deepEqual(problemsOf(["a", pattern]), [
      "eventTypes/1: may contain a * only as its last part, after a dot (invoice.*), or alone for all types",
    ]);
});

test("every invalid pattern is named, and a repeated one counts once", () => {
  assert.deepEqual(eventTypePatternsOf(["a", "b.*", "a"]), ["a", "b.*"]);
  assert.deepEqual(problemsOf(["a b", "c", 5, "d e.*", "x".repeat(257)]), [
    "eventTypes/0: may contain only letters, digits, -, _ and .",
    "eventTypes/2: must be a string",
    "eventTypes/3: may contain only letters, digits, -, _ and .",
    "eventTypes/4: must have 1 to 256 characters, not 257",
  ]);
});

test("an empty list, which could mean all or none, a crowd and what is not a list are refused", () => {
  assert.deepEqual(problemsOf([]), [
    "eventTypes: must name at least one event type; leave it out, or null, for all of them",
  ]);
  assert.deepEqual(problemsOf(Array.from({ length: 1_000 }, (_, at) => `t${at}`)), []);
  assert.deepEqual(problemsOf(Array.from({ length: 1_001 }, () => "a")), [
    "eventTypes: must be at most 1000 event types; there are 1001",
  ]);
  for (const value of ["a", null, {}])
    assert.deepEqual(problemsOf(value), [
      "eventTypes: must be a list of event types, such as invoice.paid or invoice.*",
    ]);
});

test("a pattern wants the types that its own words describe", () => {
  const name = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", ".") });
  fc.assert(
    fc.property(name, name, (beginning, type) => {
      if (/^\.\.?$/.test(beginning)) return;
      assert.equal(doesWant(beginning, type), beginning === type);
      assert.equal(
        doesWant(`${beginning}.*`, type),
        type.startsWith(`${beginning}.`) && type.length > beginning.length + 1,
      );
    }),
    { numRuns: 2_000 },
  );
});
