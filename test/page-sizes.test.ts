import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bundlePage } from "../src/http/pages/bundle.ts";
import type { PageName } from "../src/http/pages/page-files.ts";

const size = (text = "") => gzipSync(text, { level: 9 }).length;

async function sizesOf(page: PageName) {
  const { texts, script, style } = await bundlePage(page);
  return {
    first: size(texts.get(script)) + size(texts.get(style)),
    all: [...texts.values()].reduce((sum, text) => sum + size(text), 0),
  };
}

test("the console's first load is under 45 KB compressed, all of it under 100 KB; the portal is under 60 KB", async () => {
  const console = await sizesOf("operator");
  assert.ok(console.first > 5_000 && console.first < 45_000, `its first load is ${console.first} bytes`);
  assert.ok(console.all < 100_000, `the console is ${console.all} bytes`);
  const portal = await sizesOf("portal");
  const { texts } = await bundlePage("portal");
  assert.ok(size(texts.get("element.js")) < 1_024, "the element is about a kilobyte");
  assert.ok(portal.first > 5_000 && portal.all < 60_000, `the portal is ${portal.all} bytes`);
});
