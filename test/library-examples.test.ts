import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(import.meta.dirname, "..");
const tsc = join(fileURLToPath(import.meta.resolve("typescript/package.json")), "..", "bin", "tsc");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const reference = readFileSync(join(root, "docs/library.md"), "utf8");

/** What the reader's own program has, and the examples take as given. */
const GIVEN =
  "allSent answer app book cleanUp createServer database DatabaseSync express handleOnce id mailer order orderId orders page pg posthorn report runner sendReceipt server targetUrl verified warmCache z".split(
    " ",
  );
/** A parameter without a type: that of a callback which something given takes. */
const OF_WHAT_IS_GIVEN = /error TS70(?:06|31):/;
/** How a declaration begins; everything else that is shown is an example. */
const DECLARATION = /^(?:export )?(?:declare )?(?:function|interface|type|class|abstract class|const \w+:)/;

/** The sections of the reference, by the entry of the package that they describe. */
const sections = new Map(
  reference.split(/^## (?=`posthorn)/m).flatMap((section) => {
    const [, entry] = /^`([\w/]+)`/.exec(section) ?? [];
    return entry === undefined ? [] : [[entry, section] as const];
  }),
);

function namesOf(entry: string): string[] {
  return [...(sections.get(entry) ?? "").matchAll(/^#### (\w+)$/gm)].map(([, name = ""]) => name);
}

function examplesOf(section: string): string[] {
  const blocks = [...section.matchAll(/^```typescript\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  return blocks.filter((text) => !DECLARATION.test(text));
}

/** In a function, where it may return, after what its entry exports, or else the whole package or its adapter for Hono. */
function moduleOf(entry: string, example: string): string {
  const own = example.match(/^import .*$/gm)?.filter((line) => !line.includes("./")) ?? [];
  const body = example.replaceAll(/^import .*$/gm, "").replaceAll(/^export /gm, "");
  const has = (name: string) => new RegExp(`(?<![\\w.-])${name}\\b(?!:)`).test(body);
  const isMade = (name: string) =>
    own.join().includes(name) || new RegExp(`(?:const|let) (?:\\{ )?${name}\\b`).test(body);
  const taken = new Set<string>();
  const imports = [entry, "posthorn", "posthorn/hono"].map((from) => {
    const names = namesOf(from).filter((name) => has(name) && !isMade(name) && !taken.has(name));
    for (const name of names) taken.add(name);
    return `import { ${names.join(", ")} } from "${from}";`;
  });
  const given = GIVEN.filter((name) => !isMade(name) && !taken.has(name));
  return [
    ...own,
    ...imports,
    ...given.map((name) => `declare const ${name}: any;`),
    `export async function example() {\n${body}\n}\n`,
  ].join("\n");
}

test("every example of the library reference compiles", (t) => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  const folder = mkdtempSync(join(root, "node_modules/.cache/library-")); // inside the project, so that its dependencies are found
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  for (const [entry, section] of sections)
    for (const example of examplesOf(section))
      writeFileSync(join(folder, `example-${count++}.ts`), moduleOf(entry, example));
  assert.ok(count > 25, `only ${count} were found`);

  const paths: Record<string, string[]> = {};
  for (const [name, target] of Object.entries<{ types?: string } | string>(exports))
    if (typeof target !== "string" && target.types !== undefined)
      paths[`posthorn${name.slice(1)}`] = [
        join(root, target.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts")),
      ];
  const compilerOptions = {
    ...{ paths, typeRoots: [join(root, "node_modules/@types")], verbatimModuleSyntax: false },
    ...{ noUnusedLocals: false, noUnusedParameters: false, noImplicitReturns: false },
  };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  const { stdout } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  const errors = stdout
    .split("\n")
    .filter((line) => line.includes("error TS") && !OF_WHAT_IS_GIVEN.test(line));
  assert.deepEqual(errors, []);
});
