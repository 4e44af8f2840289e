/**
 * Builds dist/ from src/: JavaScript and types by tsc. What the code reads from files next to it goes into the JavaScript, so that
 * bundlers find everything by following imports; the pages go in as they were bundled.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePage } from "../src/http/pages/bundle.ts";
import { threadCode } from "./thread-code.ts";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");
const dist = join(root, "dist");
const tsc = join(fileURLToPath(import.meta.resolve("typescript/package.json")), "..", "bin", "tsc");

rmSync(dist, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [tsc, "--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (error !== undefined) throw error;
if (status === 0) {
  await writePages();
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".js")) writeFileSync(join(dist, name), await selfContained(name));
  }
} else {
  // tsc emits even when it finds errors: half a build must not be mistaken for one.
  rmSync(dist, { recursive: true, force: true });
  process.exitCode = 1;
}

/** A module that holds the pages' files, in place of the one that bundles them. */
async function writePages(): Promise<void> {
  const entries: string[] = [];
  for (const page of ["operator", "portal"] as const) {
    const { texts, ...names } = await bundlePage(page);
    entries.push(`${page}: { ...${JSON.stringify(names)}, texts: new Map(${JSON.stringify([...texts])}) }`);
  }
  const folder = join(dist, "http/pages");
  writeFileSync(
    join(folder, "bundled.js"),
    `const PAGES = { ${entries.join(", ")} };\nexport const pageFiles = async (page) => PAGES[page];\n`,
  );
  for (const type of ["js", "d.ts"]) rmSync(join(folder, `bundle.${type}`));
}

/** A built module with the text of each file that it reads, and the code of the threads that it starts. */
async function selfContained(name: string): Promise<string> {
  const folder = join(src, dirname(name));
  let built = readFileSync(join(dist, name), "utf8");
  for (const [expression, file = ""] of built.matchAll(
    /\breadFileSync\(new URL\("([^"]+)", import\.meta\.url\), "utf8"\)/g,
  ))
    built = built.replace(expression, () => JSON.stringify(readFileSync(join(folder, file), "utf8")));
  for (const [expression, file = ""] of built.matchAll(/\bnew URL\("([^"]+\.ts)", import\.meta\.url\)/g)) {
    const code = await threadCode(join(folder, file));
    built = built.replace(expression, () => JSON.stringify(code));
  }
  return built;
}
