import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_PREFERENCES, preferencesOf } from "./prefer.ts";

function prefer(...values: string[]) {
  return preferencesOf(values.join(", "));
}

test("preferences may come in one header or several, in any case, quoted or not", () => {
  const all = { waitSeconds: 7, wait: true, minimal: true, respondAsync: true };
  assert.deepEqual(prefer("respond-async, wait=7, return=minimal"), all);
  assert.deepEqual(prefer("Respond-Async", 'WAIT="7"; x="a,b"', "return = minimal;y"), all);
});

test("of one preference given twice, the first counts", () => {
  assert.equal(prefer("wait=7, wait=9").waitSeconds, 7);
});

test("text inside another preference's quotes is not a preference", () => {
  assert.deepEqual(prefer('foo="a, wait=5"', 'bar; baz=", wait=6"'), NO_PREFERENCES);
});

test("a missing header is no preference, and wait=0 is one", () => {
  assert.deepEqual(preferencesOf(null), NO_PREFERENCES);
  assert.deepEqual(prefer("wait=0"), { ...NO_PREFERENCES, wait: true });
});

test("a header full of nonsense is no preference", () => {
  const nonsense = [
    `${'a="'.repeat(4_000)}`,
    `a${";".repeat(8_000)}"`,
    `a${" ".repeat(16_000)}"`,
    `"${"\\".repeat(16_000)}`,
  ];
  for (const header of nonsense) assert.deepEqual(prefer(header), NO_PREFERENCES);
});
