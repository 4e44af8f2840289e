import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

const root = join(import.meta.dirname, "..");

interface Refused {
  readonly words: string;
  readonly say: string;
  readonly pattern: RegExp;
}

/** The table of CONTRIBUTING.md that begins with the heading `| not | but |`. */
function wordList(): Refused[] {
  const table = /^\| not \| but \|\n\|.*\n(?<rows>(?:\|.*\n)+)/m.exec(read("CONTRIBUTING.md"))?.groups?.rows;
  assert.ok(table !== undefined, "CONTRIBUTING.md has lost its list of words");
  return table
    .trimEnd()
    .split("\n")
    .flatMap((row) => {
      const [, not = "", say = ""] = row.split("|").map((cell) => cell.trim());
      return not.split(" · ").map((words) => ({ words, say, pattern: patternOf(words) }));
    });
}

/**
 * Finds the words even where a line ends between them, with what begins the next line of a comment. "There is none" is fine, and so
 * is the name of a method.
 */
function patternOf(words: string): RegExp {
  const phrase = words.replaceAll(" ", String.raw`[\s*/]+`);
  return new RegExp(String.raw`(?<!\bthere[\s*/]+)(?<![\w.])${phrase}(?![\w(])`, "gi");
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`.replaceAll("\\", "/"))
    .filter((path) => name.test(path));
}

function violations(path: string, text: string, refused: readonly Refused[]): string[] {
  return refused.flatMap(({ words, say, pattern }) =>
    [...text.matchAll(pattern)].map(({ index }) => {
      const line = text.slice(0, index).split("\n").length;
      return `${path}:${line} says "${words}": say ${say}`;
    }),
  );
}

describe("the check for plain English", () => {
  const refused = wordList();

  test("finds nothing in the guides, pages, comments, errors, help and names of tests", () => {
    const files = [
      ...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "CONTRIBUTING.md"),
      ...filesIn("docs", /\.md$/),
      ...["src", "console", "scripts", "examples"].flatMap((folder) => filesIn(folder, /\.(?:tsx?|md)$/)),
      ...filesIn("bench", /^(?!.*node_modules).*\.(?:ts|md)$/),
      ...filesIn("test", /^(?!.*(?:node_modules|english\.test)).*\.tsx?$/),
    ];
    assert.ok(
      files.length > 100,
      `only ${files.length} files were found: are they read from the right place?`,
    );
    assert.deepEqual(
      files.flatMap((path) => violations(path, read(path), refused)),
      [],
    );
  });

  test("finds a phrase that a comment breaks over two lines", () => {
    const text =
      "/**\n * Returns the key, or fails when it is\n * none.\n */\n// a key of which there is none";
    assert.deepEqual(violations("a.ts", text, refused), [
      'a.ts:2 says "is none": say "is invalid", "is missing"',
    ]);
  });
});
