import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutUndefined } from "./without-undefined.ts";

test("only undefined members are left out, not those that are merely falsy", () => {
  const members: { a: number; b?: string | undefined; c: null; d: string } = {
    ...{ a: 0, b: undefined, c: null, d: "" },
  };
  const given: { a: number; b?: string; c: null } = withoutUndefined(members);
  assert.deepEqual(given, { a: 0, c: null, d: "" });
  assert.equal("b" in given, false);
});
