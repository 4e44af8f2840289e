import assert from "node:assert/strict";
import { test } from "node:test";
import { tooOldNode } from "./node-version.ts";

test("a Node before 22.18 is told which version to use, and no later one is", () => {
  for (const version of ["18.20.8", "20.20.2", "21.7.3", "22.17.1"]) {
    assert.match(
      String(tooOldNode(version)),
      new RegExp(`needs Node 22\\.18 or later, and this is ${version};`),
    );
  }
  for (const version of ["22.18.0", "22.23.3", "24.0.0", "26.10.0"])
    assert.equal(tooOldNode(version), undefined);
});
