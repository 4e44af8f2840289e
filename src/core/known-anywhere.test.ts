import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "./errors.ts";

// Node takes a module with a query for another module
const copy: typeof errors = await import(String(new URL("./errors.ts?copy", import.meta.url)));

test("errors of another copy of the package are instances of the same classes, and of no others", () => {
  const error = new copy.JobNotFoundError("job_1");
  assert.notEqual(copy.JobNotFoundError, errors.JobNotFoundError);
  assert.ok(error instanceof errors.JobNotFoundError);
  assert.ok(error instanceof errors.PosthornError);
  assert.ok(!(error instanceof errors.InvalidInputError));
  assert.ok(!((new Error("another") as unknown) instanceof errors.PosthornError));
  for (const value of [undefined, null, "text", {}])
    assert.ok(!((value as unknown) instanceof errors.PosthornError));
});

test("a class that extends one of them has only its own instances", () => {
  class Own extends errors.ConfigurationError {}
  assert.ok(new Own("mine") instanceof errors.ConfigurationError);
  assert.ok(new Own("mine") instanceof Own);
  assert.ok(!(new errors.ConfigurationError("not mine") instanceof Own));
});
