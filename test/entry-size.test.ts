import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

/** As a bundler leaves them: without comments, and without the space that types leave behind. */
function withoutComments(code: string): string {
  return code.replace(/\/\*\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm, "").replace(/\s+/g, " ");
}

const ENTRIES = [
  { entry: "client", file: "client.ts", largestBytes: 5_000, mayImport: [] },
  { entry: "receiver", file: "receiver.ts", largestBytes: 5_000, mayImport: ["node:crypto"] },
];

for (const { entry, file, largestBytes, mayImport } of ENTRIES) {
  test(`posthorn/${entry} is under 5 KB, and imports nothing but its own files${mayImport.length > 0 ? ` and ${mayImport}` : ""}`, () => {
    const folder = join(import.meta.dirname, "../src", entry);
    const files = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
    const modules = files.map((name) => stripTypeScriptTypes(readFileSync(join(folder, name), "utf8")));
    assert.ok(files.includes(file));
    const imported = modules.flatMap((text) =>
      [...text.matchAll(/^(?:import|export|\}).*from "(.+)";$|^import "(.+)"|\bimport\("(.+)"\)/gm)].map(
        ([, from, bare, late]) => from ?? bare ?? late ?? "",
      ),
    );
    const own = [...files.map((name) => `./${name}`), ...mayImport];
    assert.deepEqual(
      imported.filter((specifier) => !own.includes(specifier)),
      [],
    );
    const size = gzipSync(withoutComments(modules.join("\n"))).length;
    assert.ok(size < largestBytes, `it has ${size} bytes, compressed`);
  });
}
