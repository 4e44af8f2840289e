import assert from "node:assert/strict";
import { test } from "node:test";
import { filterText } from "./filter-text.ts";

test("a filter is written in one line, long lists by their length", () => {
  const filter = {
    status: ["failed", "cancelled"],
    tenant: null,
    attempts_from: 3,
    ids: ["a", "b", "c", "d"],
  };
  assert.equal(filterText(filter), "status failed or cancelled, attempts at least 3, job ids 4 of them");
  assert.equal(filterText({}), "all");
});
