import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsIn, keptColumns, USUAL } from "./job-columns.ts";

test("columns are shown in their order, whatever was kept, and the job always", () => {
  assert.deepEqual(columnsIn(""), USUAL);
  assert.deepEqual(columnsIn("key,tags,nonsense,status"), ["status", "job", "tags", "key"]);
});

test("a column is added and removed, and the usual ones are kept as none", () => {
  const more = keptColumns(USUAL, "duration", true);
  assert.deepEqual(columnsIn(more), ["status", "job", "goes", "attempts", "duration", "accepted", "next"]);
  assert.equal(keptColumns(columnsIn(more), "duration", false), "");
  assert.equal(keptColumns(["job", "next"], "next", false), "job");
});
