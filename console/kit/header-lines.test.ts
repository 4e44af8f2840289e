import assert from "node:assert/strict";
import { test } from "node:test";
import { headersIn, linesWithout } from "./header-lines.ts";

test("headers are typed one a line; a line without a value is reported, and an empty field means no headers", () => {
  const text = "x-team: billing\r\n\n  authorization :  Bearer a:b \n";
  assert.deepEqual(headersIn(text), { "x-team": "billing", authorization: "Bearer a:b" });
  assert.equal(linesWithout(text), 0);
  assert.equal(linesWithout("x-team:\n: b\njust text\nx: 1"), 3);
  assert.equal(headersIn(" \n"), null);
});
