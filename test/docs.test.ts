import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAst } from "rolldown/parseAst";

const root = join(import.meta.dirname, "..");
const tsc = join(fileURLToPath(import.meta.resolve("typescript/package.json")), "..", "bin", "tsc");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

interface Snippet {
  /** In a folder of its document; named by its first line (`// tasks.ts`), or by the line that it begins at. */
  readonly file: string;
  readonly text: string;
}

/** Everything that shows people code. */
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md"),
  ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
  "examples/README.md",
];

interface Block {
  readonly document: string;
  readonly language: string;
  readonly text: string;
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^ *(?:```|~~~)(.*)\n([\s\S]*?)^ *(?:```|~~~) *$/gm)].map(
    ([, language = "", code = ""]) => ({ document, language, text: code }),
  );
}

const blocks = documents.flatMap(blocksOf);

/** What makes sure that a block is right, by its language. */
const PROVED_BY: Readonly<Record<string, string>> = {
  "": "nothing: pictures, and what a program prints",
  ts: "the compiler, below",
  typescript: "docs/nestjs.md, below; docs/library.md by library-examples.test.ts",
  sh: "docs-commands.test.ts",
  json: "a parser, below; docs/filters.md, moving.md and operational-events.md by tests of their own",
  js: "a parser, below: programs for other packages",
  tsx: "a parser, below",
  html: "a parser of its scripts, below",
  python: "nothing: programs before they move here",
  dockerfile: "docs-commands.test.ts, whose commands it holds",
  nginx: "nothing",
};

/** The ```ts blocks of a document. Each is a module of its own, after what the comment `<!-- given … -->` above it declares. */
function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/(?:^<!-- given\n(.*?)^-->\n)?^```ts\n(.*?)^```$/gms)].map((match) => {
    const [, given = "", code] = match;
    const line = text.slice(0, match.index).split("\n").length + 1;
    const name = /^\/\/ ([\w-]+\.ts)$/m.exec(code?.split("\n")[0] ?? "")?.[1] ?? `line-${line}.ts`;
    return { file: join(document.replaceAll(/\W/g, "-"), name), text: `${given}${code}\nexport {};\n` };
  });
}

/** The package's own names, for snippets that import it as its users do. */
function sourcesOfExports(): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const [name, target] of Object.entries<{ types?: string } | string>(exports)) {
    if (typeof target === "string" || target.types === undefined) continue;
    const source = target.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts");
    paths[`posthorn${name.slice(1)}`] = [join(root, source)];
  }
  return paths;
}

test("every file that the guide for NestJS shows is one that is compiled and run", () => {
  const guide = readFileSync(join(root, "docs/nestjs.md"), "utf8");
  const files = [...guide.matchAll(/^```typescript\n\/\/ ([^\n]*)\n(.*?)^```$/gms)];
  assert.ok(files.length > 5, `only ${files.length} were found`);
  for (const [, name = "", text] of files)
    assert.equal(text, readFileSync(join(root, "test/ecosystem/nest", name), "utf8"));
});

test("every block of the documents is of a kind that something checks", () => {
  for (const { document, language } of blocks) assert.ok(language in PROVED_BY, `${document}: ${language}`);
});

test("every JSON block of the documents is JSON, and every script parses", () => {
  const scripts = blocks.flatMap((block) => {
    if (block.language === "html")
      return [...block.text.matchAll(/<script type="module">(.*?)<\/script>/gs)].map(([, text = ""]) => text);
    return ["js", "tsx"].includes(block.language) ? [block.text] : [];
  });
  assert.ok(scripts.length > 4);
  for (const script of scripts) assert.doesNotThrow(() => parseAst(script, { lang: "tsx" }), script);
  for (const { language, document, text } of blocks)
    if (language === "json") assert.doesNotThrow(() => JSON.parse(text), `${document}: ${text}`);
});

test("every TypeScript snippet of the README and the guides compiles", (t) => {
  const snippets = documents.flatMap(snippetsOf);
  assert.equal(snippets.length, blocks.filter(({ language }) => language === "ts").length);
  // inside the project, so that its dependencies are found
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  const folder = mkdtempSync(join(root, "node_modules/.cache/snippets-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const { file, text } of snippets) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { paths: sourcesOfExports(), typeRoots: [join(root, "node_modules/@types")] },
    include: ["**/*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
