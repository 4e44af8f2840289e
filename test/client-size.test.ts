import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const folder = join(import.meta.dirname, "../src/client");
const LARGEST_BYTES = 5_000;

/** As a bundler leaves them: without comments, and without the space that types leave behind. */
function withoutComments(code: string): string {
  return code.replace(/\/\*\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm, "").replace(/\s+/g, " ");
}

test("posthorn/client is under 5 KB, and imports nothing but its own files", () => {
  const files = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const modules = files.map((name) => stripTypeScriptTypes(readFileSync(join(folder, name), "utf8")));
  assert.ok(files.includes("client.ts"));
  const imported = modules.flatMap((text) =>
    [...text.matchAll(/^(?:import|export|\}).*from "(.+)";$|^import "(.+)"|\bimport\("(.+)"\)/gm)].map(
      ([, from, bare, late]) => from ?? bare ?? late ?? "",
    ),
  );
  assert.deepEqual(
    imported.filter((specifier) => !files.includes(specifier.replace("./", ""))),
    [],
  );
  const size = gzipSync(withoutComments(modules.join("\n"))).length;
  assert.ok(size < LARGEST_BYTES, `it has ${size} bytes, compressed`);
});
