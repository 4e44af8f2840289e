import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../../core/errors.ts";
import { inSchema, splitSchema, withSchema } from "./schema.ts";

const URL = "postgres://me:secret@db/app";

test("a statement's tables, types and sequences are those of the schema", () => {
  const text = "select nextval('posthorn.tokens') from posthorn.jobs j";
  assert.equal(inSchema(text, "posthorn"), text);
  assert.equal(inSchema(text, "order"), `select nextval('"order".tokens') from "order".jobs j`);
});

test("a connection string names its schema among its parameters, and keeps the others", () => {
  for (const [tail, rest] of [
    ["?schema=billing", ""],
    ["?schema=billing&sslmode=require", "?sslmode=require"],
    ["?sslmode=require&schema=billing", "?sslmode=require"],
    ["?a=1&schema=billing&b=2", "?a=1&b=2"],
  ]) {
    assert.deepEqual(splitSchema(`${URL}${tail}`), { url: `${URL}${rest}`, schema: "billing" });
  }
  assert.deepEqual(splitSchema(URL), { url: URL, schema: undefined });
});

test("a schema is put into a connection string once", () => {
  assert.equal(withSchema(URL, "a_1"), `${URL}?schema=a_1`);
  assert.equal(withSchema(`${URL}?b=2`, "a"), `${URL}?b=2&schema=a`);
  assert.equal(withSchema(`${URL}?schema=a`, "a"), `${URL}?schema=a`);
  assert.throws(
    () => withSchema(`${URL}?schema=b`, "a"),
    /names the schema b, and schema .* names a; name it once/,
  );
});

test("what cannot be a schema's name is refused, and never repeated from a connection string", () => {
  for (const name of ["", "1a", "A", "a-b", 'a"b', "pg_x", "information_schema", "x".repeat(64), 7]) {
    assert.throws(() => withSchema(URL, name), ConfigurationError);
  }
  assert.throws(
    () => splitSchema("postgres://me:se?schema=cret@db/app"),
    (error) => error instanceof ConfigurationError && !error.message.includes("cret"),
  );
});
