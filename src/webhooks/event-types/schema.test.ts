import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { JsonText } from "../accept/deliver-request.ts";
import { EventTypeSchemas } from "./schema.ts";

const schemas = new EventTypeSchemas();

function told(problems: readonly FieldProblem[]): string[] {
  return problems.map(({ path, detail }) => `${path.join("/")}: ${detail}`);
}

async function problemsOf(schema: unknown): Promise<string[]> {
  try {
    await schemas.schemaOf(schema);
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return told(error.problems);
  }
}

async function check(schema: unknown, payload: string | Uint8Array): Promise<string[]> {
  return told(await schemas.problemsIn(payload, await schemas.schemaOf(schema)));
}

const TOO_LONG = "payload: takes too long to check against its type's schema, or is nested too deeply for it";

test("a schema is kept as it was written", async () => {
  const text = '{ "type": "object", "$id": "https://example.com/invoice.json" }';
  assert.equal(await schemas.schemaOf(new JsonText(text)), text);
  assert.equal(await schemas.schemaOf({ type: "object" }), '{"type":"object"}');
});

test("what is not a valid schema is refused where it is wrong", async () => {
  assert.deepEqual(await problemsOf({ readOnly: 15 }), ["schema/readOnly: must be boolean"]);
  assert.deepEqual(await problemsOf({ properties: { "a/b": { minimum: "1" } } }), [
    "schema/properties/a/b/minimum: must be number",
  ]);
  assert.match(
    (await problemsOf({ type: "strin" })).join(),
    /^schema\/type: must be one of \["array","boolean",/,
  );
  for (const value of [null, true, 5, "a", []])
    assert.deepEqual(await problemsOf(value), ["schema: must be a JSON Schema, an object"]);
  assert.match((await problemsOf(undefined)).join(), /^schema: cannot be written as JSON/);
  assert.match((await problemsOf(new JsonText("{"))).join(), /^schema: is not JSON: /);
});

test("other drafts are refused, 2020-12 may be named", async () => {
  const draft = "https://json-schema.org/draft/2020-12/schema";
  assert.deepEqual(await problemsOf({ $schema: draft }), []);
  assert.deepEqual(await problemsOf({ $schema: `${draft}#` }), []);
  for (const $schema of ["http://json-schema.org/draft-07/schema#", "https://example.com/own", 5])
    assert.deepEqual(await problemsOf({ $schema }), [`schema/$schema: must be ${draft}, or be left out`]);
});

test("a schema refers to schemas in itself and to nothing else", async () => {
  const line = {
    type: "object",
    properties: { next: { $ref: "#" }, other: { $ref: "#/$defs/a~1b%20c" }, third: { $ref: "#x" } },
  };
  assert.deepEqual(await problemsOf({ ...line, $defs: { "a/b c": { $anchor: "x", type: "string" } } }), []);
  const wrong = {
    items: { $ref: "https://example.com/schema.json" },
    not: { $ref: "#/enum/0" },
    contains: { $id: "https://example.com/inner" },
    if: { $dynamicRef: "#x" },
    else: { $ref: "#/$defs/%" },
    enum: [{ $ref: "file:///etc/passwd", pattern: "(" }],
    $async: true,
  };
  assert.deepEqual(await problemsOf(wrong), [
    "schema/$async: is not supported",
    "schema/items/$ref: must begin with #: a schema refers to nothing outside itself",
    "schema/not/$ref: names no schema in here",
    "schema/contains/$id: may only stand at the root",
    "schema/if/$dynamicRef: is not supported; use $ref",
    "schema/else/$ref: names no schema in here",
  ]);
});

test("every pattern that cannot be run in linear time is named", async () => {
  const problems = await problemsOf({
    properties: { a: { pattern: "^(?!b)" }, b: { pattern: "^a+$" } },
    patternProperties: { "(a)\\1": {}, "^x-": {} },
  });
  assert.deepEqual(
    problems.map((problem) => problem.split(": ")[0]),
    ["schema/patternProperties/(a)\\1", "schema/properties/a/pattern"],
  );
});

test("a schema is bounded in bytes, levels, schemas, references and patterns", async () => {
  assert.deepEqual(await problemsOf({ title: "x".repeat(65_524) }), []);
  assert.deepEqual(await problemsOf({ title: "x".repeat(65_525) }), [
    "schema: must be at most 65536 bytes as JSON; it has 65537",
  ]);

  const levels = (depth: number) => new JsonText(`${'{"not":'.repeat(depth)}{}${"}".repeat(depth)}`);
  assert.deepEqual(await problemsOf(levels(63)), []);
  assert.deepEqual(await problemsOf(levels(64)), [
    `schema${"/not".repeat(64)}: is nested too deeply: at most 64 levels`,
  ]);
  const data = `${"[".repeat(9_000)}${"]".repeat(9_000)}`;
  assert.match((await problemsOf(new JsonText(`{"const":${data}}`))).join(), /nested too deeply/);

  const many = (count: number) => ({
    properties: Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, { type: "string" }])),
  });
  assert.deepEqual(await problemsOf(many(999)), []);
  assert.deepEqual(await problemsOf(many(1_000)), ["schema: holds 1001 schemas, more than the 1000 allowed"]);

  const references = (count: number) => ({
    allOf: Array.from({ length: count }, () => ({ $ref: "#/$defs/a" })),
    $defs: { a: {} },
  });
  assert.deepEqual(await problemsOf(references(100)), []);
  assert.deepEqual(await problemsOf(references(101)), [
    "schema: holds 101 references ($ref), more than the 100 allowed",
  ]);

  const patterns = { allOf: Array.from({ length: 5 }, (_, at) => ({ pattern: `${at}a{1000}` })) };
  assert.deepEqual(await problemsOf(patterns), []);
  assert.match(
    (await problemsOf({ allOf: [...patterns.allOf, { pattern: "b" }] })).join(),
    /^schema\/allOf\/5\/pattern: is too much/,
  );
});

const INVOICE = {
  type: "object",
  required: ["id"],
  properties: {
    id: { type: "integer" },
    email: { type: "string", pattern: "^\\S+@\\S+$", format: "email" },
    status: { enum: ["open", "paid"] },
    lines: { type: "array", items: { $ref: "#/$defs/line" }, uniqueItems: true },
  },
  additionalProperties: false,
  $defs: {
    line: {
      type: "object",
      properties: { price: { type: "number", multipleOf: 0.01 } },
      required: ["price"],
    },
  },
  "x-owner": "billing",
};

test("a payload that is valid has no problem", async () => {
  const payload =
    '{"id": 12345678901234567890, "email": "a@b", "status": "paid", "lines": [{"price": 19.99}, {"price": 1}]}';
  assert.deepEqual(await check(INVOICE, payload), []);
  assert.deepEqual(await check(INVOICE, Buffer.from(payload)), []);
});

test("each problem of a payload names its place, not the object around it", async () => {
  const payload = {
    email: "a",
    status: "void",
    lines: [{ price: 1 }, { price: 0.001 }, {}, { price: 1 }],
    "a/b": 1,
  };
  assert.deepEqual((await check(INVOICE, JSON.stringify(payload))).sort(), [
    "payload/a/b: is not allowed by the schema",
    'payload/email: must match pattern "^\\S+@\\S+$"',
    "payload/id: is required",
    "payload/lines/1/price: must be multiple of 0.01",
    "payload/lines/2/price: is required",
    "payload/lines: must not have the same item twice",
    'payload/status: must be one of ["open","paid"]',
  ]);
});

test("ten problems are reported, and of a large payload the first", async () => {
  const schema = { items: { type: "string" } };
  assert.equal((await check(schema, JSON.stringify(Array(9).fill(1)))).length, 9);
  assert.equal((await check(schema, JSON.stringify(Array(5_000).fill(1)))).length, 10);
  assert.deepEqual(await check(schema, JSON.stringify(Array(50_000).fill(1))), ["payload/0: must be string"]);
});

test("a problem is short, however long the names and lists are", async () => {
  const name = "n".repeat(5_000);
  const schema = { additionalProperties: { enum: ["x".repeat(5_000)] } };
  const [problem = "", ...others] = await check(schema, JSON.stringify({ [name]: 1 }));
  assert.deepEqual(others, []);
  assert.match(problem, /^payload: must be one of \["x{280,}…$/);
});

test("a payload that is not JSON in UTF-8 has that as its problem", async () => {
  for (const payload of ["", "{", "\ufeff{}", Buffer.from([0x22, 0xff, 0x22])])
    assert.deepEqual(await check({}, payload), ["payload: is not JSON, which its type's schema requires"]);
});

test("the check of a payload ends even with a schema that multiplies work, or never ends", async () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const twice = { properties: { a: { $ref: "#" } } };
  const doubling = { allOf: [twice, twice] };
  assert.deepEqual(await check(doubling, nested(5)), []);
  assert.deepEqual(await check(doubling, nested(60)), [TOO_LONG]);
  assert.deepEqual(await check({ properties: { a: { $ref: "#" } } }, nested(100_000)), [TOO_LONG]);
  assert.deepEqual(await check({ $ref: "#" }, "1"), [TOO_LONG]);
  const crowd = { items: { allOf: Array.from({ length: 500 }, () => ({ type: "integer" })) } };
  assert.deepEqual(await check(crowd, JSON.stringify(Array(100_000).fill(1))), [TOO_LONG]);
  const lists = { items: { enum: Array.from({ length: 3_000 }, (_, at) => [at]) } };
  assert.deepEqual(await check(lists, JSON.stringify(Array(10_000).fill([2_999]))), [TOO_LONG]);
  const pattern = { items: { pattern: "^(?:a?){350}a{350}$" } };
  assert.deepEqual(await check(pattern, JSON.stringify(["a".repeat(50_000)])), [TOO_LONG]);
});

test("a schema is used again after a payload that was too much for it", async () => {
  const schema = { items: { type: "integer", enum: Array.from({ length: 1_000 }, (_, at) => at) } };
  assert.deepEqual(await check(schema, JSON.stringify(Array(10_000).fill(1))), [TOO_LONG]);
  assert.deepEqual(await check(schema, "[1]"), []);
  assert.match((await check(schema, "[-1]")).join(), /^payload\/0: must be one of \[0,1,2,/);
});

test("many items are told apart in linear time, equal ones found whatever the order of their members", async () => {
  const unique = { uniqueItems: true };
  assert.deepEqual(
    await check(unique, JSON.stringify(Array.from({ length: 30_000 }, (_, at) => ({ at })))),
    [],
  );
  const same = ["payload: must not have the same item twice"];
  assert.deepEqual(await check(unique, '[{"a":1,"b":[2]},{"b":[2],"a":1.0}]'), same);
  assert.deepEqual(await check(unique, "[0,-0.0]"), same);
  for (const payload of [
    '[1,"1"]',
    "[[1],[[1]]]",
    '["a,b",["a","b"]]',
    '[null,false,0,""]',
    '[{"a":1},{"a":"1"},{}]',
  ])
    assert.deepEqual(await check(unique, payload), [], payload);
  assert.deepEqual(await check({ uniqueItems: false }, "[1,1]"), []);
});

test("whatever JSON is given as a schema is taken or refused", async () => {
  const keyword = fc.constantFrom(
    "type",
    "items",
    "properties",
    "allOf",
    "$ref",
    "pattern",
    "enum",
    "not",
    "$defs",
    "required",
    "posthorn:cost",
    "__proto__",
    "unevaluatedItems",
  );
  const json = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom("#", "#/$defs/a", "string", 1, true, null, {}, []),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(keyword, tie("json"), { maxKeys: 3 }),
    ),
  })).json;
  await fc.assert(
    fc.asyncProperty(json, json, async (schema, payload) => {
      try {
        await check(new JsonText(JSON.stringify(schema)), JSON.stringify(payload));
      } catch (error) {
        assert.ok(error instanceof InvalidInputError, `${JSON.stringify(schema)}: ${error}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("a program without schemas loads nothing of what compiles them", () => {
  const program = `
    import { createRequire } from "node:module";
    import { EventTypeSchemas } from ${JSON.stringify(new URL("schema.ts", import.meta.url).href)};
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("ajv"));
    const schemas = new EventTypeSchemas();
    const before = loaded();
    await schemas.schemaOf({});
    console.log(before, loaded());
  `;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  assert.equal(printed, "false true\n");
});
