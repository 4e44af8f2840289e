import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, type FieldProblem, InvalidInputError } from "./errors.ts";
import {
  collectProblems,
  dueAt,
  durationOf,
  refuseUnknown,
  refuseUnknownSettings,
  wholeNumberOf,
} from "./options.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const KNOWN = ["delay", "runAt"];

function problemOf(read: () => unknown): string | undefined {
  const problems: FieldProblem[] = [];
  collectProblems(problems, read);
  assert.ok(problems.length <= 1);
  return problems.map(({ path, detail }) => `${path.join(".")}: ${detail}`)[0];
}

test("unknown options are refused by name, inherited ones too", () => {
  refuseUnknown({ delay: 1 }, KNOWN);
  refuseUnknown(undefined, KNOWN);
  assert.equal(
    problemOf(() => refuseUnknown({ delays: 1 }, KNOWN)),
    "delays: is unknown; valid names are delay, runAt",
  );
  assert.match(
    problemOf(() => refuseUnknown(Object.create({ delays: 1 }), KNOWN, ["a"])) ?? "",
    /^a\.delays: /,
  );
});

test("options may be what a class or a module holds", async () => {
  class Settings {
    delay = 1;
  }
  const { delay } = { delay: 1 };
  for (const options of [
    new Settings(),
    Object.create(null),
    { __proto__: null, delay },
    Object.freeze({ delay }),
  ])
    refuseUnknown(options, KNOWN);
  refuseUnknown(await import("./ties.ts"), Object.keys(await import("./ties.ts")));
});

test("options whose members nobody would see are refused", () => {
  const nobodys = [
    new Date(0),
    Promise.resolve({ delay: 1 }),
    /delay/,
    new Error("delay"),
    new URL("http://a.example"),
  ];
  for (const options of [new Map([["delay", 1]]), [], "delay", 5, null, () => {}, ...nobodys])
    assert.equal(
      problemOf(() => refuseUnknown(options as object, KNOWN)),
      "options: must be an object with delay, runAt",
    );
});

test("unknown settings are reported as such, by what they were given to", () => {
  assert.throws(
    () => refuseUnknownSettings("openPosthorn", { retries: 3 }, ["database"]),
    (error) =>
      error instanceof ConfigurationError &&
      error.message === "openPosthorn: retries: is unknown; valid names are database",
  );
});

test("limits are named in the units that people write", () => {
  assert.equal(
    problemOf(() => durationOf("10ms", 100, 300_000, ["timeout"])),
    "timeout: must be from 100ms to 5m",
  );
  assert.equal(
    problemOf(() => durationOf("8d", 1, 7 * 86_400_000, ["timeout"])),
    "timeout: must be from 1ms to 7d",
  );
  assert.equal(
    problemOf(() => wholeNumberOf(0.5, 1, 9, ["n"])),
    "n: must be a whole number from 1 to 9, not 0.5",
  );
  for (const odd of ["5", Symbol("5"), Object.create(null)])
    assert.equal(
      problemOf(() => wholeNumberOf(odd as number, 1, 9, ["n"])),
      "n: must be a whole number from 1 to 9",
    );
});

test("a moment and a delay say when, one of them and within a year", () => {
  const read = (options: object) => {
    const problems: FieldProblem[] = [];
    const at = dueAt(options, NOW, problems);
    return problems.length > 0 ? problems.map(({ path }) => path[0]) : at;
  };
  assert.equal(read({}), undefined);
  assert.equal(read({ delay: "1s" }), NOW + 1_000);
  assert.equal(read({ runAt: new Date(NOW - 1) }), NOW - 1);
  assert.equal(read({ runAt: "2030-01-01T00:00:07Z" }), NOW + 7_000);
  assert.deepEqual(read({ delay: "1s", runAt: new Date(NOW) }), ["delay"]);
  assert.deepEqual(read({ delay: "367d" }), ["delay"]);
  for (const runAt of ["soon", "2031-01-03T00:00:01Z", null, 5, Symbol("at")])
    assert.deepEqual(read({ runAt }), ["runAt"]);
});

test("what a reader throws of another kind is not taken for a problem of the input", () => {
  assert.throws(() => collectProblems([], () => assert.fail("broken")), assert.AssertionError);
  assert.throws(() => refuseUnknown({ a: 1 }, KNOWN), InvalidInputError);
});
