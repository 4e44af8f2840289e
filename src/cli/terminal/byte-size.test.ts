import assert from "node:assert/strict";
import { test } from "node:test";
import { parseByteSize } from "./byte-size.ts";

test("a size is a number with a unit of 1000 or 1024, or bytes", () => {
  const sizes: [string, number][] = [
    ["65536", 65536],
    ["1B", 1],
    ["500kB", 500_000],
    ["1MiB", 1_048_576],
    ["1 mib", 1_048_576],
    ["1.5KiB", 1536],
    ["10GiB", 10 * 2 ** 30],
    ["2TB", 2e12],
  ];
  for (const [text, bytes] of sizes) assert.equal(parseByteSize(text), bytes, text);
});

test("anything else is refused, and the refusal says how to write one", () => {
  for (const text of ["", "0", "-1", "1 potato", "MiB", "1e3", "0.1", "Infinity", "9999999TiB"]) {
    assert.throws(() => parseByteSize(text), /is not a size; write it like .*1MiB/, text);
  }
});
