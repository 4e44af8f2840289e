import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const [features = "", , proofs = ""] = read("docs/comparison.md").split(
  /^## (?:Webhook senders, measured|What proves Posthorn's column)$/m,
);

test("every feature that the comparison grants Posthorn has its proof, and nothing else has", () => {
  const granted = rowsOf(features.slice(features.indexOf("## Not losing work")))
    .filter(([feature, posthorn = ""]) => feature && !/^(no|none|nothing)\b/.test(posthorn))
    .map(([feature]) => feature);
  assert.ok(granted.length > 20, `only ${granted.length} were found: are they read from the right place?`);
  const proved = rowsOf(proofs).flatMap(([feature]) => feature || []);
  assert.deepEqual(proved, granted);
});

test("every test that the comparison names as a proof is there, by that name", () => {
  const isRun = (file: string) => file.endsWith(".test.ts") || imported().has(basename(file));
  const missing = rowsOf(proofs).flatMap(([, cell = "", name = ""]) => {
    const file = cell.slice(1, -1);
    if (!existsSync(join(root, file))) return `${file} is not there`;
    if (!isRun(file)) return `${file} is run by no test`;
    return namesIn(read(file)).some((known) => known.test(name)) ? [] : `${file} has no test "${name}"`;
  });
  assert.deepEqual(missing, []);
});

/** The cells of all tables in a document, without the heads. */
function rowsOf(text: string): string[][] {
  return [...text.matchAll(/^\|---.*\n((?:\|.*\n)+)/gm)].flatMap(([, rows = ""]) =>
    rows
      .trimEnd()
      .split("\n")
      .map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}

/** What tests and claims are called; where a name is put together, its variable parts may be anything. */
function namesIn(source: string): RegExp[] {
  return [...source.matchAll(/\b(?:test|states)\(\s*(["`])(.*?)\1,/g)].map(([, , name = ""]) => {
    const parts = name.split(/\$\{.*?\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".+")}$`);
  });
}

/** The files that tests and the contracts of stores and adapters import. */
function imported(): Set<string> {
  const importing = globSync("src/**/*{.test,-contract}.ts", { cwd: root });
  return new Set(
    importing.flatMap((file) => [...read(file).matchAll(/from ".*\/(.+)"/g)].map(([, name = ""]) => name)),
  );
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
