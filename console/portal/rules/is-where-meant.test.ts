import assert from "node:assert/strict";
import { test } from "node:test";
import { isWhereMeant } from "./is-where-meant.ts";

const [APP, OTHER, own] = ["https://app.example.com", "https://other.example", "https://hooks.example.com"];

test("a frame knows the page around it by what the browser says, and otherwise by who asked for it", () => {
  for (const [told, referrer, isMeant] of [
    [APP, `${OTHER}/`, true],
    [OTHER, `${APP}/settings`, false],
    [undefined, `${APP}/settings?tab=1`, true],
    [undefined, `${OTHER}/`, false],
    [undefined, "", true],
    [undefined, `${own}/portal`, true],
  ] as const)
    assert.equal(isWhereMeant({ meant: APP, told, referrer, own }), isMeant, `${told} ${referrer}`);
  assert.ok(isWhereMeant({ meant: null, told: OTHER, referrer: `${OTHER}/`, own }));
});
