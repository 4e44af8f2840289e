import assert from "node:assert/strict";
import { test } from "node:test";
import { viewSearch, viewsIn, withView } from "./views.ts";

test("views are kept by name, and what a browser kept of anything else is left out", () => {
  const failed = { name: "what failed", search: "?status=failed" };
  const queued = { name: "a queue", search: "?status=queued" };
  const views = withView(withView([], failed), queued);
  assert.deepEqual(viewsIn(JSON.stringify(views)), [queued, failed]);
  const other = { ...failed, search: "?class=5xx&status=failed" };
  assert.deepEqual(withView(views, other), [queued, other]);
  assert.deepEqual(viewsIn(JSON.stringify([null, 1, {}, { name: "x", search: "javascript:alert(1)" }])), []);
  for (const text of ["", "{}", "null", "[", '"x"']) assert.deepEqual(viewsIn(text), []);
});

test("a view is of the conditions, in one order, and not of a place in the list", () => {
  assert.equal(viewSearch({ status: "failed", cursor: "abc", class: "5xx" }), "?class=5xx&status=failed");
  assert.equal(viewSearch({ cursor: "abc" }), "");
});
