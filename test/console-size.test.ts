import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bundleConsole } from "../src/http/console/bundle.ts";

const FIRST_LOAD = 45_000;
const ALL = 100_000;

test("the console's first load is under 45 KB compressed, all of it under 100 KB", async () => {
  const { texts, script, style } = await bundleConsole();
  const size = (text: string) => gzipSync(text, { level: 9 }).length;
  const first = size(texts.get(script) ?? "") + size(texts.get(style) ?? "");
  const all = [...texts.values()].reduce((sum, text) => sum + size(text), 0);
  assert.ok(first > 5_000 && first < FIRST_LOAD, `it is ${first} bytes`);
  assert.ok(all < ALL, `it is ${all} bytes`);
});
