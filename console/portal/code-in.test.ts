import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn } from "./code-in.ts";

test("an address brings its code by itself, or in a key as Svix's links have it; other addresses bring none", () => {
  const keyOf = (value: unknown) => `#key=${btoa(JSON.stringify(value))}`;
  assert.equal(codeIn("#s=phc_1"), "phc_1");
  assert.equal(codeIn(keyOf({ appId: "app_1", code: "phc_1" })), "phc_1");
  for (const hash of [
    "",
    "#/",
    "#s=",
    "#key=",
    "#key=%%%",
    keyOf({ code: 5 }),
    keyOf([]),
    `#key=${btoa("[")}`,
  ])
    assert.equal(codeIn(hash), undefined, hash);
  assert.equal(codeIn(keyOf(null)), undefined);
});
