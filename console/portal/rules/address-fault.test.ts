import assert from "node:assert/strict";
import { test } from "node:test";
import { addressFault } from "./address-fault.ts";

test("an address is faulted as soon as it cannot become one, and for being incomplete only once it was left", () => {
  for (const [typed, whileTyped, left] of [
    ["", undefined, undefined],
    ["htt", undefined, "notAddress"],
    ["https://", undefined, "notAddress"],
    ["HTTPS://Example.com", undefined, undefined],
    ["https://example.com/hooks?a=1", undefined, undefined],
    ["http://localhost:3000", undefined, undefined],
    ["example.com", "notHttps", "notHttps"],
    ["ftp://example.com", "notHttps", "notHttps"],
    ["https://me:secret@example.com", "withPassword", "withPassword"],
  ] as const)
    assert.deepEqual([addressFault(typed, false), addressFault(typed, true)], [whileTyped, left], typed);
});
